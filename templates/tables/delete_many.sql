-- {{.Name}} deletes the rows of {{.Relation}} with these keys and returns how many there were.
{{- if .Many}}
-- name: {{.Name}} :execrows
DELETE FROM {{.Table}}
WHERE {{.Key.SQL}} = ANY ({{.Many}});
{{- else}}
-- params: rows
{{range .Key}}-- param: {{.Target}} like {{.Like}} not null
{{end -}}
-- name: {{.Name}} :execrows
DELETE FROM {{.Table}}
WHERE ({{.Key.SQL}}) IN (
    SELECT {{range $i, $c := .Key}}{{if $i}}, {{end}}{{.Of "k"}}{{end}}
    FROM unnest({{range $i, $c := .Key}}{{if $i}}, {{end}}{{.Value}}::{{.Array}}{{end}}) AS k (
        {{- range $i, $c := .Key}}{{if $i}}, {{end}}{{.Alias}}{{end}}));
{{- end}}

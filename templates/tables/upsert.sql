-- {{.Name}} stores a row in {{.Relation}} or, if there is one with this {{.Key.Words}}, changes that
{{- if .Columns.Optional}}; what is left out
-- gets its default in a new row and stays as it is in the other{{end}}. It returns the row as it is then.
{{range .Columns}}-- param: {{.Target}} like {{.Like}}{{if .Optional}} set by {{.Given}}{{end}}
{{end -}}
-- name: {{.Name}} :one
INSERT INTO {{.Table}} AS t ({{.Columns.SQL}})
VALUES (
{{- range $i, $c := .Columns}}{{if $i}},{{end}}
    {{if .Optional}}CASE WHEN {{.IsGiven}} THEN {{.Value}} ELSE {{.Default}} END{{else}}{{.Value}}{{end}}
{{- end}}
)
ON CONFLICT ({{.Key.SQL}}) DO UPDATE SET
{{- range $i, $c := .Set}}{{if $i}},{{end}}
    {{.SQL}} = {{if .Optional}}CASE WHEN {{.IsGiven}} THEN excluded.{{.SQL}} ELSE t.{{.SQL}} END{{else}}excluded.{{.SQL}}{{end}}
{{- end}}
RETURNING *;

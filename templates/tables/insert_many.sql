-- {{.Name}} stores many rows in {{.Relation}} with one statement and returns what was stored, in the same order.
{{- if .Columns.Optional}} What is left out gets its default.{{end}}
-- params: rows
{{range .Columns}}-- param: {{.Target}} like {{.Like}}{{if .Optional}} set by {{.Given}}{{end}}
{{end -}}
-- name: {{.Name}} :many
INSERT INTO {{.Table}} ({{.Columns.SQL}})
SELECT
{{- range $i, $c := .Columns}}{{if $i}},{{end}}
    {{if .Optional}}CASE WHEN r.{{.Flag}} THEN {{.Of "r"}} ELSE {{.Default}} END{{else}}{{.Of "r"}}{{end}}
{{- end}}
FROM unnest(
{{- range $i, $c := .Columns}}{{if $i}},{{end}}
    {{.Value}}::{{.Array}}{{if .Optional}}, {{.IsGiven}}::boolean[]{{end}}
{{- end}}
) WITH ORDINALITY AS r (
{{- range .Columns}}{{.Alias}}, {{if .Optional}}{{.Flag}}, {{end}}{{end}}{{.Ordinal}})
ORDER BY r.{{.Ordinal}}
RETURNING *;

-- {{.Name}} stores a row in {{.Relation}} and returns what was stored.
{{- if .Columns.Optional}} What is left out gets its default.{{end}}
{{range .Columns}}-- param: {{.Target}} like {{.Like}}{{if .Optional}} set by {{.Given}}{{end}}
{{end -}}
-- name: {{.Name}} :one
{{if .Columns -}}
INSERT INTO {{.Table}} ({{.Columns.SQL}})
VALUES (
{{- range $i, $c := .Columns}}{{if $i}},{{end}}
    {{if .Optional}}CASE WHEN {{.IsGiven}} THEN {{.Value}} ELSE {{.Default}} END{{else}}{{.Value}}{{end}}
{{- end}}
)
{{- else -}}
INSERT INTO {{.Table}} DEFAULT VALUES
{{- end}}
RETURNING *;

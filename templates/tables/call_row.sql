-- {{.Name}} calls the function {{.Relation}}.{{if .Comment}} {{.Comment}}{{end}}
{{.Directives -}}
-- name: {{.Name}} :one
SELECT * FROM {{.Function}}({{.Arguments}});

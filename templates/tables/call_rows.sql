-- {{.Name}} streams the rows of the function {{.Relation}}. The connection is busy until the loop ends.{{if .Comment}} {{.Comment}}{{end}}
{{.Directives -}}
-- name: {{.Name}} :iter
SELECT * FROM {{.Function}}({{.Arguments}});

-- {{.Name}} calls the procedure {{.Relation}}.{{if .Comment}} {{.Comment}}{{end}}
{{.Directives -}}
-- name: {{.Name}} {{if .Void}}:exec{{else}}:one{{end}}
CALL {{.Function}}({{.Arguments}});

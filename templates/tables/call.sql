-- {{.Name}} calls the function {{.Relation}}.{{if .Comment}} {{.Comment}}{{end}}
{{.Directives -}}
-- name: {{.Name}} {{if .Void}}:exec{{else}}:one{{end}}
SELECT {{.Function}}({{.Arguments}}){{if not .Void}} AS {{.Result}}{{end}};

-- {{.Name}} computes {{.Relation}} anew
{{- if .Concurrently}}, without keeping anybody from reading it meanwhile{{end}}.
-- name: {{.Name}} :exec
REFRESH MATERIALIZED VIEW {{if .Concurrently}}CONCURRENTLY {{end}}{{.Table}};

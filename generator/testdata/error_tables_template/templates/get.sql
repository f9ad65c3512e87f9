-- name: {{.Name}} :one
SELECT * FROM {{.Table}}
WHERE {{if .Key}}{{.Key.Match}};

-- name: {{.Name}} :one
SELECT * FROM {{.Table}}
WHERE {{.Keys.Match}};

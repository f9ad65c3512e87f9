-- {{.Name}} counts the rows of {{.Relation}}.
-- name: {{.Name}} :one
SELECT count(*) FROM {{.Table}};

-- {{.Name}} returns the row of {{.Relation}} with this {{.Key.Words}}, or an error that is pgx.ErrNoRows.
-- name: {{.Name}} :one
SELECT * FROM {{.Table}}
WHERE {{.Key.Match}};

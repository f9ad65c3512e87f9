-- {{.Name}} returns all rows of {{.Relation}}, in no particular order.
-- name: {{.Name}} :many
SELECT * FROM {{.Table}};

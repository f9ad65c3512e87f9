-- {{.Name}} deletes the row of {{.Relation}} with this {{.Key.Words}} and returns how many that were: 1 or 0.
-- name: {{.Name}} :execrows
DELETE FROM {{.Table}}
WHERE {{.Key.Match}};

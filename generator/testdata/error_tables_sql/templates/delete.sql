-- param: it not null
-- name: {{.Name}} :execrows
DELETE FROM {{.Table}} WHERE {{.Key.Match}};

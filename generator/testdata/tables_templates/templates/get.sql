{{/* A row that is not there is no error here, and a name is all that is shown. */ -}}
-- Find{{.Singular}}{{.By}} looks a row of {{.Relation}} up.
-- row: {{.Singular}}{{.By}}Found
-- name: Find{{.Singular}}{{.By}} :optional
SELECT {{.Key.SQL}} FROM {{.Table}} WHERE {{.Key.Match}};

-- name: Has{{.Singular}}{{.By}} :one
SELECT EXISTS (SELECT FROM {{.Table}} WHERE {{.Key.Match}});

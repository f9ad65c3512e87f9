-- {{.Name}} copies rows into {{.Relation}} and returns how many. Columns that have a default get it.
{{range .Columns}}-- param: {{.Target}} like {{.Like}}
{{end -}}
-- name: {{.Name}} :copyfrom
INSERT INTO {{.Table}} ({{.Columns.SQL}})
VALUES ({{.Columns.Values}});

-- {{.Name}} returns the rows of {{.Relation}} with this {{.Key.Words}}
{{- if .Order}}, in the order of {{.Order.Words}}{{end}}.
-- name: {{.Name}} :many
SELECT * FROM {{.Table}}
WHERE {{.Key.Match}}
{{- if .Order}}
ORDER BY {{.Order.SQL}}
{{- end}};

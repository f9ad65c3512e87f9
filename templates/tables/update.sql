-- {{.Name}} changes the row of {{.Relation}} with this {{.Key.Words}} and returns it. What is left out stays as it is.
-- Without such a row the error is pgx.ErrNoRows.
{{range .Set}}-- param: {{.Target}} like {{.Like}} set by {{.Given}}
{{end -}}
-- name: {{.Name}} :one
UPDATE {{.Table}} SET
{{- range $i, $c := .Set}}{{if $i}},{{end}}
    {{.SQL}} = CASE WHEN {{.IsGiven}} THEN {{.Value}} ELSE {{.SQL}} END
{{- end}}
WHERE {{.Key.Match}}
RETURNING *;

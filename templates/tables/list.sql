-- {{.Name}} returns a page of {{.Relation}} in the order of {{.Key.Words}}: the rows behind the one that is given, from
-- the first one on if that is NULL, and no more than the limit. A limit of 0 is none.
{{range .Key}}-- param: {{.Target}} like {{.Like}} nullable
{{end -}}
-- param: limit not null
-- name: {{.Name}} :many
SELECT * FROM {{.Table}}
WHERE {{.Key.Row}} >= (
{{- range $i, $c := .Key}}{{if $i}},{{end}}
    coalesce({{$c.Value}}, (SELECT {{$c.SQL}} FROM {{$.Table}} ORDER BY {{$.Key.SQL}} LIMIT 1))
{{- end}})
  AND {{.Key.Row}} IS DISTINCT FROM {{.Key.RowOfValues}}
ORDER BY {{.Key.SQL}}
LIMIT nullif(@limit::bigint, 0);

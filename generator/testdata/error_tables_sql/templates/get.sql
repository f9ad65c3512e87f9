-- name: {{.Name}} :one
SELECT *, nme
FROM {{.Table}}
WHERE {{range $i, $c := .Key}}
  {{if $i}}AND {{end}}{{$c.SQL}} = {{$c.Value}} AND {{.SQL}} > 'x'
{{- end}};

-- {{.Name}} marks the row of {{.Relation}} as deleted.
-- name: {{.Name}} :execrows
{{if .Has "deleted_at" -}}
UPDATE {{.Table}} SET deleted_at = now() WHERE {{.Key.Match}} AND deleted_at IS NULL;
{{- else -}}
DELETE FROM {{.Table}} WHERE {{.Key.Match}};
{{- end}}

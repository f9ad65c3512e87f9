-- name: {{.Name}} one
SELECT count(*) FROM {{.Table}};

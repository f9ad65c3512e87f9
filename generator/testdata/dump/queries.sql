-- name: Cities :many
SELECT * FROM cities;

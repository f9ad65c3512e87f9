-- name: Logs :many
SELECT * FROM logs;

-- name: Logs2025 :many
SELECT sqlc.embed(l) FROM logs_2025 l;

-- name: AddPartition :exec
CREATE TABLE logs_2026 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');

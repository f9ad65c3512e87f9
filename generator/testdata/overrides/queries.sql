-- name: ListAccounts :many
SELECT * FROM accounts;

-- name: InsertAccount :exec
INSERT INTO accounts (id, at, until, settings, score, friends) VALUES ($1, $2, $3, $4, $5, $6);

-- name: CopyAccounts :copyfrom
INSERT INTO accounts (id, at, until, settings, score, friends) VALUES ($1, $2, $3, $4, $5, $6);

-- name: Settings :one
-- column: settings go: encoding/json.RawMessage
SELECT settings FROM accounts WHERE id = $1;

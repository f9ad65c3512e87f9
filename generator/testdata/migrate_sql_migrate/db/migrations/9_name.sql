-- +migrate Up
ALTER TABLE users ALTER COLUMN name SET NOT NULL;

-- +migrate Down
DROP TABLE users;

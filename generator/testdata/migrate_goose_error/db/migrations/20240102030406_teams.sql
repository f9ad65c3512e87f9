-- +goose Up
ALTER TABLE users
    ADD COLUMN team bigint REFERENCES teams;

-- +goose Down
DROP TABLE users;

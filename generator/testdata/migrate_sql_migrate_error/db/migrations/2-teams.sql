-- +migrate Up
ALTER TABLE users
    ADD COLUMN team bigint REFERENCES teams;

-- +migrate Down
DROP TABLE users;

-- migrate:up
ALTER TABLE users
    ADD COLUMN team bigint REFERENCES teams;

-- migrate:down
DROP TABLE users;

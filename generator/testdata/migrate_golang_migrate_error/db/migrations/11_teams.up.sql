-- Teams come first.
ALTER TABLE users
    ADD COLUMN team bigint REFERENCES teams;

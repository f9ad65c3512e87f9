ALTER TABLE users
    ADD COLUMN team bigint REFERENCES teams;

---- create above / drop below ----

DROP TABLE teams;

ALTER TABLE users ALTER COLUMN name TYPE varchar(${name_length});

ALTER TABLE users
    ADD COLUMN team bigint REFERENCES teams;

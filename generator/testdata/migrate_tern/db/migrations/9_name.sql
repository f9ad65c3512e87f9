ALTER TABLE users ALTER COLUMN name SET NOT NULL;

---- create above / drop below ----

DROP TABLE users;

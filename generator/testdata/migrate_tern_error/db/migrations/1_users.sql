CREATE TABLE users (id bigint PRIMARY KEY, name text);

---- create above / drop below ----

DROP TABLE users;

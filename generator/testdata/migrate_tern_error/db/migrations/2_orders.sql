CREATE TABLE {{.prefix}}rders (
    id bigint PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users,
    cents bigint NOT NULL
);

---- create above / drop below ----

DROP TABLE {{.prefix}}rders;

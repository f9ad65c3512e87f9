-- migrate:up
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users,
    cents bigint NOT NULL
);

-- migrate:down
DROP TABLE orders;

-- atlas:txmode none

CREATE TABLE orders (
    id bigint PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users,
    cents bigint NOT NULL
);
CREATE INDEX CONCURRENTLY orders_user ON orders (user_id);

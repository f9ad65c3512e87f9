CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL UNIQUE,
    nickname text,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users,
    total numeric(10, 2) NOT NULL,
    note text
);

CREATE SCHEMA billing;

CREATE TYPE billing.state AS ENUM ('open', 'paid', 'void');

CREATE TABLE billing.invoices (
    id bigint PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES orders,
    state billing.state NOT NULL
);

CREATE FUNCTION order_total(user_id bigint, year integer) RETURNS numeric LANGUAGE sql
    AS 'SELECT sum(total) FROM orders WHERE orders.user_id = $1';

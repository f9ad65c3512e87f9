CREATE TYPE order_status AS ENUM ('pending', 'paid');
CREATE DOMAIN email AS text CHECK (value ~ '@');
CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email email NOT NULL UNIQUE,
    name text NOT NULL,
    nickname text,
    tags text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE orders (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id bigint NOT NULL REFERENCES users,
    status order_status NOT NULL DEFAULT 'pending',
    note text
);
CREATE INDEX ON orders (user_id, status);
CREATE TABLE items (order_id uuid REFERENCES orders, product bigint, quantity int NOT NULL DEFAULT 1, PRIMARY KEY (order_id, product));
CREATE VIEW paid AS SELECT * FROM orders WHERE status = 'paid';
CREATE FUNCTION users_named(name text, most int = 10) RETURNS SETOF users LANGUAGE sql AS $$ SELECT * FROM users WHERE name = $1 LIMIT most $$;

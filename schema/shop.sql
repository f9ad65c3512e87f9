-- A small shop. pgwright loads this into a throwaway PostgreSQL, where it then
-- has every query analysed.

CREATE TYPE order_status AS ENUM ('pending', 'paid', 'shipped', 'cancelled');

CREATE DOMAIN email AS text CHECK (value ~ '^[^@\s]+@[^@\s]+$');

CREATE TYPE address AS (
    street  text,
    city    text,
    zip     text,
    country text
);

CREATE TABLE users (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email      email NOT NULL UNIQUE,
    name       text NOT NULL,
    nickname   text,
    home       address,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE users IS 'User is somebody who can order.';
COMMENT ON COLUMN users.nickname IS 'What the user wants to be called; most have none.';

CREATE TABLE products (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku        text NOT NULL UNIQUE,
    name       text NOT NULL,
    price      numeric(10, 2) NOT NULL CHECK (price >= 0),
    tags       text[] NOT NULL DEFAULT '{}',
    attributes jsonb NOT NULL DEFAULT '{}',
    -- When the product can be bought.
    available  daterange NOT NULL DEFAULT daterange(NULL, NULL)
);

CREATE TABLE orders (
    id        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id   bigint NOT NULL REFERENCES users,
    status    order_status NOT NULL DEFAULT 'pending',
    ship_to   address,
    placed_at timestamptz NOT NULL DEFAULT now(),
    shipped_at timestamptz
);
CREATE INDEX ON orders (user_id, placed_at);

CREATE TABLE items (
    order_id   uuid NOT NULL REFERENCES orders ON DELETE CASCADE,
    product_id bigint NOT NULL REFERENCES products,
    quantity   integer NOT NULL CHECK (quantity > 0),
    -- The price at the time of the order.
    price      numeric(10, 2) NOT NULL,
    PRIMARY KEY (order_id, product_id)
);

CREATE VIEW order_totals AS
SELECT o.id AS order_id, o.user_id, o.status, count(i.product_id) AS lines,
       coalesce(sum(i.price * i.quantity), 0) AS total
FROM orders o
LEFT JOIN items i ON i.order_id = o.id
GROUP BY o.id;

-- In stock today, cheapest first.
CREATE FUNCTION products_tagged(tag text) RETURNS SETOF products
    LANGUAGE sql STABLE
AS $$
    SELECT * FROM products
    WHERE tag = ANY (tags) AND available @> current_date
    ORDER BY price, id
$$;

CREATE TYPE status AS ENUM ('new', 'paid');
ALTER TYPE status ADD VALUE 'sent' AFTER 'paid';
CREATE DOMAIN email AS text CHECK (value LIKE '%@%');
CREATE DOMAIN tags AS text[];
CREATE TYPE place AS (street text, at point, "Zip Code" varchar(10));
CREATE TYPE span AS RANGE (subtype = float8, multirange_type_name = spans);
CREATE SCHEMA audit;

CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mail email NOT NULL UNIQUE,
    nick varchar(20),
    home place,
    moods status[] NOT NULL DEFAULT '{}',
    labels tags,
    "Odd Name" double precision NOT NULL DEFAULT 0,
    born date,
    seen timestamp with time zone NOT NULL DEFAULT now(),
    meta jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON COLUMN users.nick IS 'What others say.';

CREATE TABLE orders (
    id serial PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users,
    status status NOT NULL DEFAULT 'new',
    total numeric(10, 2) NOT NULL,
    note text,
    reach span
);

CREATE TABLE audit.log (
    at timestamptz NOT NULL,
    "user" bigint,
    what text[][] NOT NULL
);

CREATE VIEW totals (user_id, orders, spent, last) AS
SELECT u.id, count(o.id), coalesce(sum(o.total), 0), max(o.status)
FROM users u
LEFT JOIN orders o ON o.user_id = u.id
GROUP BY u.id;

CREATE MATERIALIZED VIEW everybody AS SELECT id, mail FROM users WITH NO DATA;

CREATE FUNCTION spent(who bigint, since timestamptz DEFAULT now()) RETURNS numeric LANGUAGE sql AS $$ SELECT 0::numeric $$;
CREATE FUNCTION latest(n integer) RETURNS SETOF orders LANGUAGE sql AS $$ SELECT * FROM orders LIMIT n $$;
CREATE FUNCTION pairs(text) RETURNS TABLE (key text, n integer) LANGUAGE sql AS $$ SELECT $1, 1 $$;
CREATE PROCEDURE tidy(before timestamptz) LANGUAGE sql AS $$ SELECT 1 $$;

-- One of each, whose introspection is testdata/database.json on every version.

CREATE SCHEMA shop;
COMMENT ON SCHEMA shop IS 'What we sell.';
CREATE EXTENSION citext;

CREATE TYPE shop.state AS ENUM ('new', 'sent');
ALTER TYPE shop.state ADD VALUE 'paid' BEFORE 'sent';
COMMENT ON TYPE shop.state IS 'Where an order is.';
CREATE DOMAIN shop.amount AS numeric(10, 2) DEFAULT 0 NOT NULL CHECK (VALUE >= 0);
CREATE TYPE shop.place AS (x float8, "Y" citext);
CREATE TYPE shop.span AS RANGE (subtype = float8);
CREATE SEQUENCE shop.numbers INCREMENT 10;

CREATE TABLE shop.users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email citext NOT NULL UNIQUE,
    friend bigint REFERENCES shop.users ON DELETE SET NULL
);
CREATE TABLE shop.orders (
    id serial,
    "User" bigint NOT NULL REFERENCES shop.users ON DELETE CASCADE ON UPDATE RESTRICT DEFERRABLE,
    state shop.state NOT NULL DEFAULT 'new',
    price shop.amount,
    double numeric GENERATED ALWAYS AS (price * 2) STORED,
    dropped int,
    status varchar(8) CHECK (status IN ('a', 'b')),
    during tstzrange,
    place shop.place[],
    PRIMARY KEY ("User", id) INCLUDE (price),
    EXCLUDE USING gist (during WITH &&)
) WITH (fillfactor = 70);
ALTER TABLE shop.orders DROP COLUMN dropped;
COMMENT ON TABLE shop.orders IS 'What was bought.';
COMMENT ON COLUMN shop.orders."User" IS 'Who.';
COMMENT ON CONSTRAINT orders_pkey ON shop.orders IS 'Numbers by user.';
CREATE UNIQUE INDEX of_state ON shop.orders (state DESC, lower(status)) INCLUDE (price) WHERE price > 0;

CREATE VIEW shop.open_orders AS SELECT id, state FROM shop.orders WHERE state <> 'sent';
CREATE MATERIALIZED VIEW shop.counts AS SELECT state, count(*) AS n FROM shop.orders GROUP BY state WITH NO DATA;

CREATE FUNCTION shop.find(p_id int, VARIADIC rest text[] DEFAULT '{}') RETURNS SETOF shop.orders LANGUAGE sql STABLE STRICT
    AS 'SELECT * FROM shop.orders WHERE id = p_id';
CREATE PROCEDURE shop.work(INOUT x int) LANGUAGE plpgsql AS 'BEGIN END';
CREATE AGGREGATE shop.total (int) (SFUNC = int4pl, STYPE = int);
CREATE FUNCTION shop.stamp() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER stamp BEFORE INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.stamp();
CREATE RULE keep AS ON DELETE TO shop.orders DO INSTEAD NOTHING;
ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.orders FOR SELECT USING (price > 5);

CREATE TABLE shop.logs (at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE shop.logs_old PARTITION OF shop.logs FOR VALUES FROM (MINVALUE) TO ('2025-01-01');
CREATE INDEX logs_at ON shop.logs (at);
CREATE TABLE shop.parent (a int);
CREATE TABLE shop.child (b int) INHERITS (shop.parent);
CREATE OPERATOR shop.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);

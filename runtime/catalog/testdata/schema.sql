-- One of each kind of object that the catalog knows.

CREATE SCHEMA shop;
SET search_path = shop, public;

CREATE TYPE state AS ENUM ('new', 'sent');
ALTER TYPE state ADD VALUE 'paid' BEFORE 'sent';
COMMENT ON TYPE state IS 'Where an order is.';
CREATE DOMAIN amount AS int CHECK (VALUE >= 0);
CREATE DOMAIN sure AS amount NOT NULL CONSTRAINT small CHECK (VALUE < 1000);
CREATE DOMAIN grid AS int[][];
CREATE TYPE point3 AS (x float8, y float8, z float8);
CREATE TYPE span AS RANGE (subtype = float8);

-- A type without a binary format.
CREATE TYPE plain;
CREATE FUNCTION plain_in(cstring) RETURNS plain LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION plain_out(plain) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE plain (INPUT = plain_in, OUTPUT = plain_out);
CREATE TYPE with_plain AS (a int, b plain);

CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dropped int,
    "Note" text,
    state state NOT NULL DEFAULT 'new',
    grid int[][],
    price amount,
    count sure,
    made timestamptz NOT NULL DEFAULT now(),
    total int GENERATED ALWAYS AS (price * 2) STORED,
    CHECK ("Note" IS NOT NULL)
);
ALTER TABLE orders DROP COLUMN dropped;
ALTER TABLE orders ADD CHECK (price > 0) NOT VALID;
COMMENT ON TABLE orders IS 'What was bought.';
COMMENT ON COLUMN orders."Note" IS 'Free text.';
CREATE INDEX ON orders (made);

CREATE VIEW open_orders AS SELECT id, "Note" FROM orders WHERE state <> 'sent';
CREATE MATERIALIZED VIEW order_counts AS SELECT state, count(*) AS n FROM orders GROUP BY state;
CREATE VIEW ruled_view AS SELECT id FROM orders;
CREATE RULE ruled_view_insert AS ON INSERT TO ruled_view DO INSTEAD NOTHING;
CREATE TABLE ruled (id int);
CREATE RULE ruled_insert AS ON INSERT TO ruled DO INSTEAD NOTHING;

CREATE TABLE parts (id int NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20);
CREATE TABLE parent (id int CHECK (id IS NOT NULL) NO INHERIT);
CREATE TABLE child () INHERITS (parent);
CREATE TABLE childless (id int CHECK (id IS NOT NULL) NO INHERIT);
CREATE TABLE unchecked (id int);
ALTER TABLE unchecked ADD CHECK (id > 0) NOT VALID;

CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER far FOREIGN DATA WRAPPER nowhere;
CREATE FOREIGN TABLE remote (id int NOT NULL) SERVER far;

CREATE FUNCTION find(p_id int, text, VARIADIC p_rest text[]) RETURNS TABLE (a int, b text) LANGUAGE sql AS 'SELECT 1, $2';
CREATE FUNCTION both_ways(OUT a int, INOUT b int) LANGUAGE sql AS 'SELECT 1, $1';
CREATE FUNCTION nothing() RETURNS void LANGUAGE sql AS '';
CREATE PROCEDURE work(x int) LANGUAGE sql AS '';
CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int);

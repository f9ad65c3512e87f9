CREATE TABLE t (id integer NOT NULL, at timestamptz NOT NULL, p point, j json, c citext, s some_type NOT NULL);
CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;
CREATE VIEW v AS SELECT id, p <-> point(0, 0) AS distance FROM t;

CREATE TABLE t (id bigint PRIMARY KEY, a integer NOT NULL, b text NOT NULL, at timestamptz NOT NULL, "camelCase" text NOT NULL, ids bigint[] NOT NULL);
CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN PERFORM ';'; RETURN NEW; END $body$;
CREATE PROCEDURE p(INOUT n integer) LANGUAGE sql AS 'SELECT n';

-- The database that dump_test.go dumps, and that testdata/dump_* were dumped
-- from, with pg_dump 15.
CREATE ROLE dump_owner;
CREATE ROLE "dump reader";
CREATE ROLE dump_writer LOGIN;
CREATE EXTENSION citext;
CREATE EXTENSION pg_trgm WITH SCHEMA pg_catalog;
CREATE SCHEMA shop AUTHORIZATION dump_owner;
COMMENT ON SCHEMA shop IS 'semicolons; and ''quotes''';
ALTER SCHEMA public OWNER TO dump_owner;
SET ROLE dump_owner;
SET search_path = shop, public;
CREATE TYPE mood AS ENUM ('sad', 'o;k');
CREATE TYPE pair AS (a integer, b text);
CREATE DOMAIN email AS public.citext CHECK (VALUE ~ '@');
CREATE SEQUENCE tickets START 1000;
CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email email NOT NULL UNIQUE,
    mood mood DEFAULT 'o;k',
    duo pair,
    ticket bigint NOT NULL DEFAULT nextval('tickets')
);
COMMENT ON COLUMN users.mood IS 'of today';
CREATE TABLE visits (user_id bigint NOT NULL REFERENCES users, at timestamptz NOT NULL, note text, PRIMARY KEY (user_id, at)) PARTITION BY RANGE (at);
CREATE TABLE visits_2024 PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE visits_rest PARTITION OF visits DEFAULT;
CREATE INDEX visits_note ON visits USING gin (note gin_trgm_ops);
CREATE FUNCTION notes(of_user bigint) RETURNS TABLE (note text) LANGUAGE plpgsql STABLE SECURITY DEFINER AS $_$
BEGIN
    -- A comment; with a semicolon, and $$ in it.
    RETURN QUERY SELECT v.note FROM shop.visits v WHERE v.user_id = $1;
END;
$_$;
CREATE PROCEDURE forget(of_user bigint) LANGUAGE sql AS 'DELETE FROM shop.visits WHERE user_id = of_user';
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := coalesce(NEW.note, ''); RETURN NEW; END; $$;
CREATE TRIGGER stamp BEFORE INSERT ON visits FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE VIEW happy AS SELECT id, email FROM users WHERE mood = 'o;k';
-- Grouped by a primary key, which pg_dump makes later: it writes the view twice.
CREATE VIEW counts AS SELECT u.id, u.email, count(v.at) AS visits FROM users u LEFT JOIN visits v ON v.user_id = u.id GROUP BY u.id;
CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS users FROM users;
CREATE RULE keep AS ON DELETE TO happy DO INSTEAD (UPDATE users SET mood = 'sad' WHERE id = OLD.id; SELECT 1);
CREATE FUNCTION either(a bigint, b bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT coalesce(a, b)';
CREATE AGGREGATE first_of (bigint) (SFUNC = either, STYPE = bigint);
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON users FOR SELECT TO "dump reader" USING (true);
GRANT USAGE ON SCHEMA shop TO "dump reader";
GRANT SELECT (id, email), UPDATE (mood) ON users TO "dump reader" WITH GRANT OPTION;
GRANT EXECUTE ON FUNCTION notes TO dump_writer;
GRANT ALL ON SEQUENCE tickets TO dump_writer;
ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO "dump reader";
INSERT INTO users (email, duo) VALUES ('a@b;c', '(1,"x;y")');
INSERT INTO visits VALUES (1, '2024-02-03', E'back\\slash\tand tab; \\.'), (1, '2030-01-01', NULL);
RESET ROLE;
CREATE PUBLICATION changes FOR TABLE shop.users;

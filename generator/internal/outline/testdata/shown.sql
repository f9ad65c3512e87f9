-- What people are shown, whose forms are testdata/shown.*.

CREATE SCHEMA billing;
CREATE TYPE mood AS ENUM ('sad', 'it''s ok');
COMMENT ON TYPE mood IS 'How it feels.';
CREATE DOMAIN amount AS numeric(10, 2) DEFAULT 0 NOT NULL CHECK (VALUE >= 0);
CREATE TYPE place AS (x float8, "Y y" amount);
CREATE TYPE span AS RANGE (subtype = float8);
CREATE SEQUENCE numbers INCREMENT -5 MAXVALUE 100;

CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email varchar(50) NOT NULL UNIQUE,
    friend bigint REFERENCES users,
    seen timestamptz(3) NOT NULL DEFAULT now(),
    since time without time zone,
    mood mood NOT NULL DEFAULT 'sad',
    note text DEFAULT 'in public.places'
);
COMMENT ON TABLE users IS E'Who can\norder.';
COMMENT ON COLUMN users.friend IS 'Perhaps.';
CREATE TABLE profiles (id bigint PRIMARY KEY REFERENCES users, bio text);
CREATE TABLE billing."Odd ""table"" <&>" (
    "1st % ""col""" numeric(10, 2)[] NOT NULL,
    "user" bigint NOT NULL REFERENCES users,
    other bigint REFERENCES users UNIQUE,
    place place,
    double numeric GENERATED ALWAYS AS ("user" * 2) STORED,
    CONSTRAINT "a \ b" CHECK ("user" > 0)
);
CREATE UNIQUE INDEX by_user ON billing."Odd ""table"" <&>" USING btree ("user" DESC) WHERE other IS NOT NULL;
ALTER TABLE billing."Odd ""table"" <&>" ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON billing."Odd ""table"" <&>" FOR SELECT USING (other > 5);
CREATE TABLE logs (at date NOT NULL, who bigint REFERENCES users) PARTITION BY RANGE (at);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (MINVALUE) TO ('2025-01-01');
CREATE UNLOGGED TABLE empty ();
CREATE TABLE child (own int) INHERITS (users);

CREATE VIEW known AS SELECT id, email FROM users WHERE mood <> 'sad';
CREATE MATERIALIZED VIEW counts AS SELECT count(*) AS n FROM users WITH NO DATA;
CREATE FUNCTION found(mood) RETURNS SETOF users LANGUAGE sql STABLE AS 'SELECT * FROM users WHERE mood = $1';
COMMENT ON FUNCTION found(mood) IS 'Finds.';
CREATE PROCEDURE work(INOUT x int) LANGUAGE plpgsql AS 'BEGIN END';
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER "Stamp it" BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION stamp();
ALTER TABLE users DISABLE TRIGGER "Stamp it";
CREATE RULE keep AS ON DELETE TO profiles DO INSTEAD NOTHING;
CREATE STATISTICS related (ndistinct) ON friend, mood FROM users;
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);

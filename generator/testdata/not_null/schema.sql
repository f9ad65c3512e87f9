CREATE TABLE plain (id bigint GENERATED ALWAYS AS IDENTITY, a text NOT NULL, b text NOT NULL, c text);

CREATE DOMAIN stamp AS text DEFAULT 'now';

-- What fills a column that an INSERT leaves out.
CREATE TABLE filled (
    id bigserial,
    a text NOT NULL DEFAULT 'x',
    b stamp NOT NULL,
    c int NOT NULL GENERATED ALWAYS AS (1) STORED,
    d text NOT NULL
);

CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.a := 'x'; RETURN NEW; END $$;

CREATE TABLE triggered (a text NOT NULL, b text);
CREATE TRIGGER fill BEFORE INSERT ON triggered FOR EACH ROW EXECUTE FUNCTION fill();

CREATE TABLE after_only (a text NOT NULL, b text);
CREATE TRIGGER fill AFTER INSERT ON after_only FOR EACH ROW EXECUTE FUNCTION fill();

CREATE TABLE parts (a text NOT NULL, b int NOT NULL) PARTITION BY LIST (b);
CREATE TABLE part1 PARTITION OF parts FOR VALUES IN (1);
CREATE TRIGGER fill BEFORE INSERT ON part1 FOR EACH ROW EXECUTE FUNCTION fill();

CREATE TABLE ruled (a text NOT NULL);
CREATE RULE ruled AS ON INSERT TO ruled DO INSTEAD NOTHING;

CREATE VIEW shown AS SELECT a, c FROM plain;

CREATE TYPE mood AS ENUM ('sad', 'ok');
COMMENT ON TYPE mood IS 'How it is.';
CREATE TYPE place AS (x integer, y integer);
CREATE TABLE t (id integer PRIMARY KEY, moods mood[][], at place);
COMMENT ON TABLE t IS 'A table.';
COMMENT ON COLUMN t.at IS 'Where.';

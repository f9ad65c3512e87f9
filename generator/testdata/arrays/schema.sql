CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE pair AS (a integer, b text);
CREATE DOMAIN matrix AS integer[][];
CREATE TABLE lists (
    id bigint PRIMARY KEY,
    texts text[] NOT NULL, n_texts text[],
    numbers integer[] NOT NULL,
    grid integer[][] NOT NULL, n_grid integer[][],
    cube double precision[][][] NOT NULL,
    moods mood[] NOT NULL, n_moods mood[],
    mood_grid mood[][] NOT NULL,
    pairs pair[] NOT NULL, n_pairs pair[],
    ranges int4range[] NOT NULL,
    uuids uuid[] NOT NULL,
    docs jsonb[] NOT NULL,
    blobs bytea[] NOT NULL,
    times timestamptz[] NOT NULL,
    matrix matrix NOT NULL
);

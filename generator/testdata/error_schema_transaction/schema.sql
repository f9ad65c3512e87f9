-- A migration that brings its own transaction.
BEGIN;

CREATE TABLE a (id bigint PRIMARY KEY);

CREATE TABLE b (
    a_id bigint REFERENCES a,
    name txt NOT NULL
);

COMMIT;

CREATE TYPE mood AS ENUM ('ok', 'very sad');
CREATE TYPE place AS (street text, moods mood[]);
CREATE TABLE authors (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    bio text,
    born timestamptz NOT NULL,
    mood mood NOT NULL,
    last_mood mood,
    moods mood[] NOT NULL,
    home place
);
COMMENT ON TABLE authors IS 'Those who write.';
CREATE TABLE books (
    id bigint PRIMARY KEY,
    author_id bigint NOT NULL REFERENCES authors,
    title text NOT NULL,
    mood mood,
    meta jsonb NOT NULL DEFAULT '{}'
);
CREATE SCHEMA stock;
CREATE TYPE stock.state AS ENUM ('new', 'used');
CREATE TABLE stock.copies (id int PRIMARY KEY, state stock.state NOT NULL);

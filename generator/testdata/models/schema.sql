CREATE TYPE mood AS ENUM ('ok', 'sad');
CREATE TYPE point3 AS (x int, y int, z int);
CREATE TYPE place AS (street text, at point3, moods mood[], past point3[]);
CREATE DOMAIN feeling AS mood;
CREATE TABLE users (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    mood mood NOT NULL DEFAULT 'ok',
    feeling feeling,
    moods mood[] NOT NULL DEFAULT '{}',
    home place,
    places place[] NOT NULL DEFAULT '{}'
);
CREATE TABLE posts (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, title text NOT NULL);
CREATE VIEW sad_users AS SELECT id, name, home FROM users WHERE mood = 'sad';

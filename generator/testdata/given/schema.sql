-- What parameters give back.
CREATE TYPE mood AS ENUM ('ok', 'sad');
CREATE TABLE steps (id int PRIMARY KEY, note text, at timestamptz NOT NULL, mood mood NOT NULL);

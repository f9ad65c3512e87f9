CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE authors (id bigserial PRIMARY KEY, name text NOT NULL, bio text, mood mood NOT NULL DEFAULT 'ok');

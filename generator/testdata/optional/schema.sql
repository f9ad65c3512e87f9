CREATE DOMAIN meta AS jsonb;
CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, nick text, tags text[] NOT NULL DEFAULT '{}', meta meta, born date);

CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, deleted_at timestamptz, secret text DEFAULT 'x');
CREATE TABLE logs (line text);
CREATE TABLE hidden (id int PRIMARY KEY);
CREATE SCHEMA other;
CREATE TABLE other.things (id int PRIMARY KEY);
CREATE FUNCTION ping() RETURNS int LANGUAGE sql AS 'SELECT 1';

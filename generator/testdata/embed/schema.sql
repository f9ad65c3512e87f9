CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, bio text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, note text);
CREATE TABLE loose (a integer, b text);
CREATE SCHEMA other;
CREATE TABLE other.users (id bigint PRIMARY KEY);
CREATE VIEW order_notes AS SELECT id, note FROM orders;

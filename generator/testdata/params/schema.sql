CREATE TABLE events (id bigint PRIMARY KEY, title text NOT NULL, note text, at timestamptz NOT NULL, tags text[] NOT NULL, price numeric);
CREATE FUNCTION add_days(start_day date, how_many integer) RETURNS date LANGUAGE sql AS 'SELECT start_day + how_many';

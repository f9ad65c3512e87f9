CREATE TABLE foo (a integer NOT NULL, "group" text, "Mixed" text, key text);
CREATE TABLE bar (a integer NOT NULL, c text);
CREATE FUNCTION pairs(n integer) RETURNS TABLE (x integer, y text) LANGUAGE sql AS 'SELECT 1, ''a''';
CREATE TABLE keyed (id bigint PRIMARY KEY, gone text, name text, at date);
ALTER TABLE keyed DROP COLUMN gone;

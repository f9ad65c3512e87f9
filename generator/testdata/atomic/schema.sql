CREATE FUNCTION f(x integer) RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN x > 1 THEN 2 ELSE 3 END; SELECT 4; END;
CREATE TABLE spans (id bigint PRIMARY KEY, free tstzmultirange NOT NULL, taken int4multirange);

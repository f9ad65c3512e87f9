-- Procedures have OUT arguments since PostgreSQL 14.
CREATE PROCEDURE halve(a int, OUT b int, OUT rest int) LANGUAGE plpgsql AS $$ BEGIN b := a / 2; rest := a % 2; END $$;
CREATE TABLE spans (id int4multirange PRIMARY KEY, note text);

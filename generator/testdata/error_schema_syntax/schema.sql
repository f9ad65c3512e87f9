CREATE TABLE a (id bigint);
CREATE TABL b (id bigint);

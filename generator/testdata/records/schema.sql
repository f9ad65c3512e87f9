CREATE TABLE a (id int PRIMARY KEY, n text);
CREATE TABLE b (id int PRIMARY KEY, x a, xs a[]);
CREATE TABLE c (id int PRIMARY KEY, n text);
CREATE TYPE pair AS (one c, others c[]);

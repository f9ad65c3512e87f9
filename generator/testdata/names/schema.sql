CREATE SCHEMA app;
CREATE TYPE type AS ENUM ('', 'a-b', 'a b', 'a_b', '2', 'ünïcode', '日本', 'select', '%');
CREATE TYPE app.type AS ENUM ('x');
CREATE TYPE new AS (func text, "select" integer, "2fa" boolean);
CREATE TABLE queries (id bigint NOT NULL, "type" text NOT NULL);
CREATE TABLE query (id bigint NOT NULL);
CREATE TABLE dbtx (id bigint NOT NULL);
CREATE TABLE app.query (id bigint NOT NULL);
CREATE TABLE "Weird Name" (
    "2fa" text NOT NULL, "Weird Name" text NOT NULL, "weird_name" text, größe integer, 日本 text,
    "a-b" integer, a_b integer, "a b" integer, _x integer, x integer, "ID" integer, id integer, user_id integer,
    "UserID" integer, v_1 integer, v1 integer, v_1_2 integer, v_12 integer, "quote""d" text
);

CREATE EXTENSION citext; CREATE EXTENSION ltree; CREATE EXTENSION hstore;
CREATE SCHEMA other;
CREATE TYPE mood AS ENUM ('ok','sad','very happy','very-happy','', '123', 'ÄÖ', '"', 'a
b');
CREATE TYPE other.mood AS ENUM ('x');
CREATE TYPE other_mood AS ENUM ('y');
CREATE TYPE nothing AS ENUM ();
CREATE TYPE b AS (x int);
CREATE TYPE a AS (bs b[], n int);
CREATE TYPE empty_comp AS ();
CREATE DOMAIN posint AS int CHECK (value > 0);
CREATE DOMAIN posint2 AS posint NOT NULL;
CREATE DOMAIN dmood AS mood;
CREATE DOMAIN dmoods AS mood[];
CREATE TYPE pt AS (x int, y posint, m mood);
CREATE DOMAIN dpt AS pt;
CREATE TYPE posrange AS RANGE (subtype = posint);
CREATE TYPE moodrange AS RANGE (subtype = mood);
CREATE TYPE ptrange AS RANGE (subtype = pt);
CREATE TYPE floatrange AS RANGE (subtype = float8);
CREATE TYPE citextrange AS RANGE (subtype = citext);
CREATE TABLE zero ();
CREATE TABLE people (id bigserial primary key, name citext not null, path ltree, h hstore, m mood, ms mood[] not null, om other.mood, om2 other_mood);
CREATE TYPE withrow AS (p people, n int, ps people[]);
CREATE TABLE odd (
  id int primary key,
  a a, b b, ec empty_comp, bs b[],
  d1 posint, d2 posint2, d3 dmood, d4 dmoods, d5 dpt, d6 dpt[], d7 posint[], d8 dmood[], d9 dmoods[],
  r1 posrange, r2 moodrange, r3 ptrange, r4 floatrange, r5 citextrange,
  ra int4range[], rb floatrange[], rc tstzrange[] not null,
  w withrow, p people, pp people[],
  "Mixed.Case" int, "with ""quote" text, "new
line" text, "Decode" text, "String" text, decode int, "type" text, "func" text, "select" int, row int, v int, ctx text,
  vc varchar(10), nn numeric(10,2)[], bits bit(3)[], cc char(3)[], nm name[], "ch" "char"[], iv interval(3), tz timetz[], mny money[], ip inet[], mac macaddr[], js jsonb[], x xml[], ts tsvector[], tq tsquery, pl pg_lsn, rc2 regclass[], ov oidvector, i2v int2vector, tid tid, xid8 xid8, snap pg_snapshot, acl aclitem[], jp jsonpath[]
);
CREATE TABLE child (extra text) INHERITS (people);
CREATE TABLE part (id int, at date, v text) PARTITION BY RANGE (at);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE MATERIALIZED VIEW mv AS SELECT id, name FROM people;
CREATE TABLE "Quoted Table" ("Id" int primary key, "user.name" text not null);
CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE FOREIGN TABLE ft (id int not null, t text) SERVER s;

-- A key without overlaps is an index of another method, and a virtual column is
-- computed when it is read.
CREATE EXTENSION btree_gist;
CREATE TABLE stays (room int, during daterange, price int, twice int GENERATED ALWAYS AS (price * 2) VIRTUAL, PRIMARY KEY (room, during WITHOUT OVERLAPS));
CREATE TABLE rooms (id int PRIMARY KEY, beds int, guests int GENERATED ALWAYS AS (beds * 2) VIRTUAL, made uuid DEFAULT uuidv7());

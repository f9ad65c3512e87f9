CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE unused AS ENUM ('x');
CREATE TABLE people (person_id bigint PRIMARY KEY, first_name text NOT NULL, odd integer, mood mood);
CREATE TABLE unused_table (id bigint);

CREATE TYPE mood AS ENUM ('ok', 'sad');
CREATE TYPE unseen AS ENUM ('x');
CREATE TYPE inner_pair AS (a mood, b int);
CREATE TYPE pairs AS (list inner_pair[]);
CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint NOT NULL, "userId" bigint NOT NULL, a_1 uuid NOT NULL, "b_[2]" text NOT NULL, b_2 text NOT NULL, held pairs, mood mood);
CREATE TABLE unused (id int, u unseen);

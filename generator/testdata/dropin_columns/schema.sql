CREATE TABLE people (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    nick text,
    age int NOT NULL,
    tags text[]
);
CREATE TABLE orders (id int PRIMARY KEY, person_id bigint NOT NULL, note text);

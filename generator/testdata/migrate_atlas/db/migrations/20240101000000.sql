CREATE TABLE users (id text);

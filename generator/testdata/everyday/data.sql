INSERT INTO users (email, nick) VALUES ('a','n'),('b',null); INSERT INTO orders (user_id,total) VALUES (1,5);

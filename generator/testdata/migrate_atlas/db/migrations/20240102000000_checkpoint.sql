-- atlas:checkpoint

-- Create "users" table
CREATE TABLE users (id bigint PRIMARY KEY, name text);

-- +migrate Up
CREATE TABLE teams (id bigint PRIMARY KEY);

-- +migrate Down
DROP TABLE teams;

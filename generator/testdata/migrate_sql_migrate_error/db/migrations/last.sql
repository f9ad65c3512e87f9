-- +migrate Up
ALTER TABLE users ADD COLUMN nick text DEFAULT 'a;b';

-- +migrate Down
ALTER TABLE users DROP COLUMN nick;

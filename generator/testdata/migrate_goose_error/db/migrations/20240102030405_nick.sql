-- +goose Up
ALTER TABLE users ADD COLUMN nick text DEFAULT 'a;b';

-- +goose Down
ALTER TABLE users DROP COLUMN nick;

-- migrate:up transaction:false
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
ALTER TABLE users ADD COLUMN nick text DEFAULT 'a;b';

-- migrate:down
ALTER TABLE users DROP COLUMN nick;

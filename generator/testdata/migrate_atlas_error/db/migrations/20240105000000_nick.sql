-- atlas:txtar

-- checks.sql --
SELECT NOT EXISTS (SELECT nothing FROM nowhere);

-- migration.sql --
ALTER TABLE users ADD COLUMN nick text DEFAULT 'a;b';

-- down.sql --
ALTER TABLE users DROP COLUMN nick;

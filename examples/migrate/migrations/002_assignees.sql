-- Tasks are assigned and not owned, all have a date, and some are urgent.
CREATE TYPE priority AS ENUM ('normal', 'urgent');
ALTER TABLE tasks RENAME COLUMN owner TO assignee;
ALTER TABLE tasks ADD COLUMN priority priority NOT NULL DEFAULT 'normal';
UPDATE tasks SET due = date '2030-12-31' WHERE due IS NULL;
ALTER TABLE tasks ALTER COLUMN due SET NOT NULL;

ALTER TABLE users ADD COLUMN nick text DEFAULT 'a;b';

{{ template "shared/total.sql" . }}

COMMENT ON FUNCTION total IS 'in cents; never null';

---- create above / drop below ----

DROP FUNCTION total;

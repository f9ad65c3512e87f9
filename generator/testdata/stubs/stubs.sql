CREATE FUNCTION from_migration(n bigint) RETURNS text LANGUAGE sql AS 'SELECT ''x''';

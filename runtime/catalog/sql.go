package catalog

// Every object is named with its schema: the search path of the connection is
// the application's. Objects of PostgreSQL's own have no use for comments,
// extensions, constraints and view queries, and reading those would take longer
// than everything else.

const sqlSettings = `
SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4,
       pg_catalog.current_schemas(false)::pg_catalog.text[]`

// The parameters of sqlTypes are what PostgreSQL 14 added: multiranges.
const sqlTypes = `
SELECT t.oid, n.nspname, t.typname, pg_catalog.format_type(t.oid, NULL), t.typtype, t.typcategory,
       t.typelem, t.typarray, t.typrelid, t.typbasetype, t.typnotnull, t.typndims,
       coalesce(r.rngsubtype, %s), t.typsend::pg_catalog.oid <> 0 AND t.typreceive::pg_catalog.oid <> 0
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid
%s`

const sqlLabels = `
SELECT enumtypid, enumlabel FROM pg_catalog.pg_enum ORDER BY enumtypid, enumsortorder`

const sqlRelations = `
SELECT c.oid, n.nspname, c.relname, c.relkind, c.reltype, c.relispartition,
       c.relhasrules AND (c.relkind NOT IN ('v', 'm') OR EXISTS (
         SELECT FROM pg_catalog.pg_rewrite w WHERE w.ev_class = c.oid AND w.ev_type <> '1'))
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p', 'c', 'S') AND NOT pg_catalog.pg_is_other_temp_schema(n.oid)`

const sqlColumns = `
SELECT attrelid, attnum, attname, atttypid, attnotnull, attndims, atthasdef, attidentity, attgenerated
FROM pg_catalog.pg_attribute
WHERE attnum > 0 AND NOT attisdropped
ORDER BY attrelid, attnum`

const sqlInherits = `
SELECT inhparent, inhrelid FROM pg_catalog.pg_inherits ORDER BY inhparent, inhrelid`

const sqlChecks = `
SELECT conrelid, contypid, connoinherit, conbin::pg_catalog.text
FROM pg_catalog.pg_constraint
WHERE contype = 'c' AND convalidated AND oid >= 16384
ORDER BY conrelid, contypid, conname`

// A NOT NULL that was added as NOT VALID sets attnotnull, yet older rows can
// hold a NULL. PostgreSQL's own tables have attnotnull without a constraint.
const sqlNotValid = `
SELECT conrelid, conkey[1]
FROM pg_catalog.pg_constraint
WHERE contype = 'n' AND NOT convalidated`

const sqlViews = `
SELECT w.ev_class, w.ev_action::pg_catalog.text
FROM pg_catalog.pg_rewrite w
JOIN pg_catalog.pg_class c ON c.oid = w.ev_class
WHERE w.ev_type = '1' AND c.relkind IN ('v', 'm') AND c.oid >= 16384`

const sqlFunctions = `
SELECT p.oid, n.nspname, p.proname, p.prokind, p.proisstrict, p.proretset, p.prorettype, p.provariadic,
       p.proargtypes, p.proargnames, p.proargmodes
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace`

const sqlComments = `
SELECT classoid = 'pg_catalog.pg_class'::pg_catalog.regclass, objoid, objsubid, description
FROM pg_catalog.pg_description
WHERE objoid >= 16384
  AND classoid IN ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass)`

const sqlExtensions = `
SELECT d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass, d.objid, e.extname
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
WHERE d.deptype = 'e' AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
  AND d.classid IN ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass)`

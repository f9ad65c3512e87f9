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

// An identity column has no entry in pg_attrdef, but a sequence of its own.
const sqlDefaults = `
SELECT d.adrelid, d.adnum, pg_catalog.pg_get_expr(d.adbin, d.adrelid)
FROM pg_catalog.pg_attrdef d
JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE a.attgenerated = '' AND d.adrelid >= 16384
UNION ALL
SELECT a.attrelid, a.attnum, pg_catalog.format('nextval(%L::regclass)', d.objid::pg_catalog.regclass)
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_depend d ON d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
WHERE a.attidentity <> '' AND d.deptype = 'i'
  AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass`

const sqlDomainDefaults = `
SELECT oid, coalesce(pg_catalog.pg_get_expr(typdefaultbin, 0), '')
FROM pg_catalog.pg_type
WHERE typtype = 'd' AND typdefaultbin IS NOT NULL AND oid >= 16384`

// An index with another collation than its columns' tells other values apart
// than the columns' own equality does.
const sqlIndexes = `
SELECT i.indrelid, c.relname, m.amname, i.indisprimary,
       i.indisunique AND NOT EXISTS (
         SELECT FROM pg_catalog.generate_series(0, i.indnkeyatts - 1) AS n
         JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[n]
         WHERE i.indcollation[n] <> a.attcollation),
       NOT i.indimmediate, i.indpred IS NOT NULL,
       (i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1]::pg_catalog.oid[]
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = c.relam
WHERE i.indisvalid AND i.indislive AND i.indrelid >= 16384
ORDER BY i.indrelid, c.relname`

const sqlForeignKeys = `
SELECT conrelid, conkey::pg_catalog.oid[]
FROM pg_catalog.pg_constraint
WHERE contype = 'f' AND conrelid >= 16384
ORDER BY conrelid, conname`

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

const sqlArguments = `
SELECT p.oid, coalesce(p.proallargtypes, p.proargtypes::pg_catalog.oid[]), p.proargnames, p.proargmodes,
       CASE WHEN p.pronargdefaults > 0 THEN ARRAY(
         SELECT coalesce(pg_catalog.pg_get_function_arg_default(p.oid, n), '')
         FROM pg_catalog.generate_series(1, coalesce(pg_catalog.cardinality(p.proallargtypes), p.pronargs::pg_catalog.int4)) AS n
         ORDER BY n) END,
       coalesce(e.extname, ''), coalesce(pg_catalog.obj_description(p.oid, 'pg_proc'), '')
FROM pg_catalog.pg_proc p
LEFT JOIN pg_catalog.pg_depend d ON d.objid = p.oid AND d.deptype = 'e'
  AND d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
WHERE p.oid >= 16384`

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

package introspect

import "strings"

// All sections are read by one statement, and so from one snapshot. Each row is
// the section's name and an object of JSON, whose keys are those of the Go
// structs. Everything of PostgreSQL's is named with its schema, because the
// statement may be parsed with the application's search path.

// sqlScope is what the sections share: the schemas that are not PostgreSQL's
// own, what belongs to extensions, and the relations of the one without the
// other. A view that somebody made in pg_catalog is nobody's business here. What
// extensions are available the server finds in files: it looks only if one is
// installed.
const sqlScope = `
WITH ns AS MATERIALIZED (
  SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'),
available AS MATERIALIZED (
  SELECT a.name, a.default_version FROM pg_catalog.pg_available_extensions() a),
member AS MATERIALIZED (
  SELECT d.classid, d.objid, d.refobjid FROM pg_catalog.pg_depend d
  WHERE d.deptype = 'e' AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass),
rel AS MATERIALIZED (
  SELECT c.*, n.nspname FROM pg_catalog.pg_class c JOIN ns n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c')
    AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND m.objid = c.oid))
`

// section is a part of the statement.
type section struct {
	name string
	sql  string
	scan func([]byte) error
}

// statement joins the sections. Some columns of the catalogs are younger than
// PostgreSQL 13.
func statement(sections []section, major int) string {
	since := func(version int, sql, before string) string {
		if major >= version {
			return sql
		}
		return before
	}
	versions := strings.NewReplacer(
		"@compression@", since(14, "CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END", "NULL"),
		"@multirange@", since(14, "r.rngmultitypid", "0::pg_catalog.oid"),
		"@subscript@", since(14, "nullif(t.typsubscript::pg_catalog.text, '-')", "NULL"),
		"@atomic@", since(14, "p.prosqlbody IS NOT NULL", "false"),
		"@locale@", since(17, "c.colllocale", since(15, "c.colliculocale", "CASE c.collprovider WHEN 'i' THEN c.collcollate END")),
		"@collrules@", since(16, "c.collicurules", "NULL"),
	)
	var b strings.Builder
	b.WriteString(sqlScope)
	for i, s := range sections {
		if i > 0 {
			b.WriteString("\nUNION ALL\n")
		}
		b.WriteString("SELECT '" + s.name + "', pg_catalog.row_to_json(x)::pg_catalog.text FROM (" + versions.Replace(s.sql) + ") x")
	}
	return b.String()
}

const sqlSchemas = `
SELECT n.oid::pg_catalog.int8 AS oid, n.nspname AS name FROM ns n
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND m.objid = n.oid)`

// Smaller OIDs are those of an empty database: plpgsql.
const sqlExtensions = `
SELECT e.oid::pg_catalog.int8 AS oid, e.extname AS name, n.nspname AS schema, e.extversion AS version,
  EXISTS (SELECT FROM member m WHERE m.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND m.objid = n.oid AND m.refobjid = e.oid) AS own_schema,
  e.extversion <> (SELECT a.default_version FROM available a WHERE a.name = e.extname) AS pinned
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.oid >= 16384`

const sqlMembers = `
SELECT m.classid::pg_catalog.int8 AS class, m.objid::pg_catalog.int8 AS oid, m.refobjid::pg_catalog.int8 AS extension FROM member m`

const sqlRelations = `
SELECT c.oid::pg_catalog.int8 AS oid, c.reltype::pg_catalog.int8 AS row_type, c.nspname AS schema, c.relname AS name,
  CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'f' THEN 'foreign table'
    WHEN 'v' THEN 'view' ELSE 'materialized view' END AS kind,
  c.relpersistence = 'u' AS unlogged, c.relrowsecurity AS row_security, c.relforcerowsecurity AS force_row_security,
  CASE WHEN c.relkind IN ('r', 'p') THEN CASE c.relreplident WHEN 'f' THEN 'full' WHEN 'n' THEN 'nothing' WHEN 'i' THEN 'index' END END AS replica_identity,
  coalesce(c.reloptions, '{}') || ARRAY(SELECT 'toast.' || o FROM pg_catalog.pg_class tc, pg_catalog.unnest(tc.reloptions) AS o WHERE tc.oid = c.reltoastrelid) AS options,
  CASE WHEN m.amname <> 'heap' THEN m.amname END AS access_method, ts.spcname AS tablespace,
  CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END AS partition_by,
  pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS partition_bound,
  CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END AS definition,
  c.relkind = 'm' AND NOT c.relispopulated AS not_populated,
  CASE WHEN c.reloftype <> 0 THEN pg_catalog.format_type(c.reloftype, NULL) END AS of_type,
  s.srvname AS server, f.ftoptions AS server_options
FROM rel c
LEFT JOIN pg_catalog.pg_am m ON m.oid = c.relam
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_foreign_table f ON f.ftrelid = c.oid
LEFT JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver
WHERE c.relkind NOT IN ('S', 'c')`

const sqlInherits = `
SELECT i.inhrelid::pg_catalog.int8 AS child, i.inhparent::pg_catalog.int8 AS parent, i.inhseqno AS number
FROM pg_catalog.pg_inherits i`

const sqlColumns = `
SELECT a.attrelid::pg_catalog.int8 AS relation, a.attnum AS number, a.attname AS name,
  pg_catalog.format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS not_null,
  pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS "default", d.oid::pg_catalog.int8 AS default_oid,
  CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END AS generated,
  a.attidentity AS identity_kind,
  CASE WHEN a.attcollation <> t.typcollation AND a.attcollation <> 0 THEN (
    SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(l.collname)
    FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_namespace n ON n.oid = l.collnamespace WHERE l.oid = a.attcollation) END AS collation,
  a.attislocal AS declared, a.attinhcount > 0 AS inherited,
  CASE WHEN a.attstorage <> t.typstorage AND c.relkind NOT IN ('v', 'c', 'f') THEN
    CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END END AS storage,
  @compression@ AS compression, a.attoptions AS options, a.attfdwoptions AS server_options
FROM rel c
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind <> 'S'`

const sqlSequences = `
SELECT c.oid::pg_catalog.int8 AS oid, c.nspname AS schema, c.relname AS name, pg_catalog.format_type(s.seqtypid, NULL) AS type,
  s.seqstart AS start, s.seqincrement AS increment, s.seqmin AS min, s.seqmax AS max, s.seqcache AS cache, s.seqcycle AS cycle,
  c.relpersistence = 'u' AS unlogged, d.refobjid::pg_catalog.int8 AS owner, d.refobjsubid AS owner_column, d.deptype = 'i' AS of_identity
FROM rel c
JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjsubid > 0`

// A foreign key that a partition has of its table is the table's alone. A
// constraint trigger is read as a trigger.
const sqlConstraints = `
SELECT k.oid::pg_catalog.int8 AS oid, k.conrelid::pg_catalog.int8 AS relation, k.contypid::pg_catalog.int8 AS domain, k.conname AS name,
  CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'f' THEN 'foreign key' WHEN 'c' THEN 'check' WHEN 'x' THEN 'exclusion' ELSE 'not null' END AS kind,
  CASE WHEN k.contype <> 'n' THEN pg_catalog.pg_get_constraintdef(k.oid) END AS definition,
  k.conkey AS numbers, k.confrelid::pg_catalog.int8 AS referenced, k.confkey AS referenced_numbers,
  CASE WHEN k.contype = 'f' THEN k.confupdtype END AS update_action, CASE WHEN k.contype = 'f' THEN k.confdeltype END AS delete_action,
  k.condeferrable AS deferrable, k.condeferred AS initially_deferred, NOT k.convalidated AS not_valid,
  k.contype IN ('c', 'n') AND k.connoinherit AS no_inherit, k.coninhcount > 0 AS inherited, k.conislocal AS declared,
  CASE WHEN i.indnatts > i.indnkeyatts THEN (i.indkey::pg_catalog.int2[])[i.indnkeyatts:] END AS include_numbers,
  i.indexrelid::pg_catalog.int8 AS index, ic.reloptions AS options, i.indisclustered AS clustered, i.indisreplident AS replica
FROM pg_catalog.pg_constraint k
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x', 'n') AND k.connamespace IN (SELECT oid FROM ns)
  AND NOT (k.contype = 'f' AND k.conparentid <> 0)`

const sqlIndexes = `
SELECT i.indexrelid::pg_catalog.int8 AS oid, i.indrelid::pg_catalog.int8 AS relation, ic.relname AS name, m.amname AS method, i.indisunique AS unique,
  i.indkey::pg_catalog.int2[] AS numbers, i.indnkeyatts AS keys_count, i.indoption::pg_catalog.int2[] AS flags,
  ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k + 1, false) FROM pg_catalog.generate_series(0, i.indnkeyatts - 1) AS k WHERE i.indkey[k] = 0 ORDER BY k) AS expressions,
  pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS "where", pg_catalog.pg_get_indexdef(i.indexrelid) AS definition,
  h.inhparent::pg_catalog.int8 AS parent, i.indisclustered AS clustered, i.indisreplident AS replica, ts.spcname AS tablespace, NOT i.indisvalid AS invalid
FROM rel c
JOIN pg_catalog.pg_index i ON i.indrelid = c.oid
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = ic.relam
LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = ic.oid
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = ic.reltablespace
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x'))`

const sqlTriggers = `
SELECT t.oid::pg_catalog.int8 AS oid, t.tgrelid::pg_catalog.int8 AS relation, t.tgname AS name, pg_catalog.pg_get_triggerdef(t.oid) AS definition,
  CASE t.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END AS enabled
FROM pg_catalog.pg_trigger t
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgrelid IN (SELECT oid FROM rel)`

const sqlRules = `
SELECT w.oid::pg_catalog.int8 AS oid, w.ev_class::pg_catalog.int8 AS relation, w.rulename AS name, w.rulename = '_RETURN' AS own,
  CASE WHEN w.rulename <> '_RETURN' THEN pg_catalog.pg_get_ruledef(w.oid) END AS definition,
  CASE w.ev_enabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END AS enabled
FROM pg_catalog.pg_rewrite w
WHERE w.ev_class IN (SELECT oid FROM rel)`

const sqlPolicies = `
SELECT p.oid::pg_catalog.int8 AS oid, p.polrelid::pg_catalog.int8 AS relation, p.polname AS name,
  CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all' END AS command,
  p.polpermissive AS permissive,
  ARRAY(SELECT coalesce(r.rolname, 'public') FROM pg_catalog.unnest(p.polroles) AS o LEFT JOIN pg_catalog.pg_roles r ON r.oid = o ORDER BY 1) AS roles,
  pg_catalog.pg_get_expr(p.polqual, p.polrelid) AS "using", pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) AS "check"
FROM pg_catalog.pg_policy p
WHERE p.polrelid IN (SELECT oid FROM rel)`

// Row types and arrays are read with what they are of.
const sqlTypes = `
SELECT t.oid::pg_catalog.int8 AS oid, n.nspname AS schema, t.typname AS name, t.typtype AS kind, t.typrelid::pg_catalog.int8 AS relation,
  t.typarray::pg_catalog.int8 AS array,
  CASE WHEN t.typtype = 'e' THEN ARRAY(SELECT e.enumlabel FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) END AS labels,
  CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END AS base,
  t.typnotnull AS not_null, coalesce(pg_catalog.pg_get_expr(t.typdefaultbin, 0), t.typdefault) AS "default",
  CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation THEN (
    SELECT pg_catalog.quote_ident(ln.nspname) || '.' || pg_catalog.quote_ident(l.collname)
    FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace WHERE l.oid = t.typcollation) END AS collation
FROM pg_catalog.pg_type t
JOIN ns n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
WHERE t.typtype IN ('e', 'd', 'c', 'r') AND (t.typrelid = 0 OR c.relkind = 'c')
  AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND m.objid = t.oid)`

const sqlRowTypes = `
SELECT t.oid::pg_catalog.int8 AS oid, t.typarray::pg_catalog.int8 AS array, t.typrelid::pg_catalog.int8 AS relation
FROM pg_catalog.pg_type t JOIN rel c ON c.oid = t.typrelid AND c.relkind <> 'c'`

const sqlRanges = `
SELECT t.oid::pg_catalog.int8 AS oid, pg_catalog.format_type(r.rngsubtype, NULL) AS subtype,
  CASE WHEN NOT o.opcdefault THEN (SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(o.opcname) FROM pg_catalog.pg_namespace n WHERE n.oid = o.opcnamespace) END AS operator_class,
  CASE WHEN r.rngcollation <> s.typcollation THEN (
    SELECT pg_catalog.quote_ident(ln.nspname) || '.' || pg_catalog.quote_ident(l.collname)
    FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace WHERE l.oid = r.rngcollation) END AS collation,
  nullif(r.rngcanonical::pg_catalog.text, '-') AS canonical, nullif(r.rngsubdiff::pg_catalog.text, '-') AS difference,
  m.oid::pg_catalog.int8 AS multirange_oid, m.typarray::pg_catalog.int8 AS multirange_array, mn.nspname AS multirange_schema, m.typname AS multirange_name
FROM pg_catalog.pg_range r
JOIN pg_catalog.pg_type t ON t.oid = r.rngtypid
JOIN pg_catalog.pg_type s ON s.oid = r.rngsubtype
JOIN pg_catalog.pg_opclass o ON o.oid = r.rngsubopc
LEFT JOIN pg_catalog.pg_type m ON m.oid = @multirange@
LEFT JOIN pg_catalog.pg_namespace mn ON mn.oid = m.typnamespace
WHERE t.typnamespace IN (SELECT oid FROM ns)`

// An array is the type that its element names as its array.
const sqlBaseTypes = `
SELECT t.oid::pg_catalog.int8 AS oid, t.typarray::pg_catalog.int8 AS array, n.nspname AS schema, t.typname AS name,
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.typname) AS quoted, t.typisdefined AS defined,
  t.typinput::pg_catalog.text AS input, t.typoutput::pg_catalog.text AS output,
  nullif(t.typreceive::pg_catalog.text, '-') AS receive, nullif(t.typsend::pg_catalog.text, '-') AS send,
  nullif(t.typmodin::pg_catalog.text, '-') AS typmod_in, nullif(t.typmodout::pg_catalog.text, '-') AS typmod_out,
  nullif(t.typanalyze::pg_catalog.text, '-') AS analyze, @subscript@ AS subscript,
  t.typlen AS length, t.typbyval AS by_value,
  CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'i' THEN 'int4' ELSE 'double' END AS alignment,
  CASE t.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END AS storage,
  t.typcategory AS category, t.typispreferred AS preferred, t.typdefault AS "default",
  CASE WHEN t.typelem <> 0 THEN pg_catalog.format_type(t.typelem, NULL) END AS element, t.typdelim AS delimiter, t.typcollation <> 0 AS collatable
FROM pg_catalog.pg_type t
JOIN ns n ON n.oid = t.typnamespace
WHERE t.typtype IN ('b', 'p') AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)
  AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND m.objid = t.oid)`

// Those that come with a type, as the constructors of a range do, depend on it
// internally.
const sqlFunctions = `
SELECT p.oid::pg_catalog.int8 AS oid, n.nspname AS schema, p.proname AS name,
  CASE p.prokind WHEN 'f' THEN 'function' WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'window function' END AS kind,
  pg_catalog.pg_get_function_identity_arguments(p.oid) AS signature, pg_catalog.pg_get_function_result(p.oid) AS returns,
  ARRAY(SELECT pg_catalog.format_type(t, NULL) FROM pg_catalog.unnest(coalesce(p.proallargtypes, p.proargtypes::pg_catalog.oid[])) WITH ORDINALITY AS u (t, n) ORDER BY u.n) AS types,
  p.proargnames AS names, p.proargmodes AS modes,
  CASE WHEN p.pronargdefaults > 0 THEN ARRAY(
    SELECT coalesce(pg_catalog.pg_get_function_arg_default(p.oid, k), '')
    FROM pg_catalog.generate_series(1, coalesce(pg_catalog.cardinality(p.proallargtypes), p.pronargs::pg_catalog.int4)) AS k ORDER BY k) END AS defaults,
  l.lanname AS language, CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END AS volatility,
  p.proisstrict AS strict, p.prosecdef AS security_definer, @atomic@ AS atomic,
  CASE WHEN p.prokind <> 'a' THEN pg_catalog.pg_get_functiondef(p.oid) END AS definition
FROM pg_catalog.pg_proc p
JOIN ns n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i'))`

const sqlAggregates = `
SELECT p.oid::pg_catalog.int8 AS oid, pg_catalog.quote_ident(pn.nspname) || '.' || pg_catalog.quote_ident(p.proname) AS quoted, a.aggkind AS kind, p.proparallel AS parallel,
  a.aggtransfn::pg_catalog.text AS sfunc, pg_catalog.format_type(a.aggtranstype, NULL) AS stype, a.aggtransspace AS sspace,
  nullif(a.aggfinalfn::pg_catalog.text, '-') AS finalfunc, a.aggfinalextra AS finalfunc_extra, a.aggfinalmodify AS finalfunc_modify,
  nullif(a.aggcombinefn::pg_catalog.text, '-') AS combinefunc, nullif(a.aggserialfn::pg_catalog.text, '-') AS serialfunc,
  nullif(a.aggdeserialfn::pg_catalog.text, '-') AS deserialfunc, a.agginitval AS initcond,
  nullif(a.aggmtransfn::pg_catalog.text, '-') AS msfunc, nullif(a.aggminvtransfn::pg_catalog.text, '-') AS minvfunc,
  CASE WHEN a.aggmtranstype <> 0 THEN pg_catalog.format_type(a.aggmtranstype, NULL) END AS mstype, a.aggmtransspace AS msspace,
  nullif(a.aggmfinalfn::pg_catalog.text, '-') AS mfinalfunc, a.aggmfinalextra AS mfinalfunc_extra, a.aggmfinalmodify AS mfinalfunc_modify, a.aggminitval AS minitcond,
  (SELECT 'operator(' || pg_catalog.quote_ident(n.nspname) || '.' || o.oprname || ')' FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace WHERE o.oid = a.aggsortop) AS sortop
FROM pg_catalog.pg_aggregate a
JOIN pg_catalog.pg_proc p ON p.oid = a.aggfnoid
JOIN ns pn ON pn.oid = p.pronamespace
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND m.objid = p.oid)`

const sqlCollations = `
SELECT c.oid::pg_catalog.int8 AS oid, n.nspname AS schema, c.collname AS name,
  CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END AS provider, c.collisdeterministic AS deterministic,
  @locale@ AS locale, CASE c.collprovider WHEN 'c' THEN c.collcollate END AS lc_collate, CASE c.collprovider WHEN 'c' THEN c.collctype END AS lc_ctype, @collrules@ AS rules
FROM pg_catalog.pg_collation c JOIN ns n ON n.oid = c.collnamespace
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_catalog.pg_collation'::pg_catalog.regclass AND m.objid = c.oid)`

const sqlStatistics = `
SELECT s.oid::pg_catalog.int8 AS oid, n.nspname AS schema, s.stxname AS name, pg_catalog.pg_get_statisticsobjdef(s.oid) AS definition
FROM pg_catalog.pg_statistic_ext s JOIN ns n ON n.oid = s.stxnamespace
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass AND m.objid = s.oid)`

const sqlWrappers = `
SELECT w.oid::pg_catalog.int8 AS oid, w.fdwname AS name, CASE WHEN w.fdwhandler <> 0 THEN w.fdwhandler::pg_catalog.regproc::pg_catalog.text END AS handler,
  CASE WHEN w.fdwvalidator <> 0 THEN w.fdwvalidator::pg_catalog.regproc::pg_catalog.text END AS validator, w.fdwoptions AS options
FROM pg_catalog.pg_foreign_data_wrapper w
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass AND m.objid = w.oid)`

const sqlServers = `
SELECT s.oid::pg_catalog.int8 AS oid, s.srvname AS name, w.fdwname AS foreign_data_wrapper, s.srvtype AS type, s.srvversion AS version, s.srvoptions AS options
FROM pg_catalog.pg_foreign_server s JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw
WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_catalog.pg_foreign_server'::pg_catalog.regclass AND m.objid = s.oid)`

const sqlComments = `
SELECT d.classoid::pg_catalog.int8 AS class, d.objoid::pg_catalog.int8 AS oid, d.objsubid AS column, d.description AS text
FROM pg_catalog.pg_description d
WHERE d.objoid >= 16384 OR d.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass`

// What is pinned, as all of an empty database is, needs no entry.
const sqlDependencies = `
SELECT DISTINCT d.classid::pg_catalog.int8 AS class, d.objid::pg_catalog.int8 AS oid, d.refclassid::pg_catalog.int8 AS needs_class, d.refobjid::pg_catalog.int8 AS needs_oid
FROM pg_catalog.pg_depend d
WHERE d.deptype IN ('n', 'a', 'i', 'P', 'S') AND d.objid >= 16384 AND d.refobjid >= 16384
  AND (d.classid <> d.refclassid OR d.objid <> d.refobjid)`

// What comes with an extension, or with a type as a multirange's casts do, is not
// worth a word.
const sqlOmitted = `
SELECT o.class::pg_catalog.int8 AS class, pg_catalog.pg_describe_object(o.class, o.oid, 0) AS name
FROM (
  SELECT 'pg_catalog.pg_operator'::pg_catalog.regclass, oid FROM pg_catalog.pg_operator
  UNION ALL SELECT 'pg_catalog.pg_opclass'::pg_catalog.regclass, oid FROM pg_catalog.pg_opclass
  UNION ALL SELECT 'pg_catalog.pg_opfamily'::pg_catalog.regclass, oid FROM pg_catalog.pg_opfamily
  UNION ALL SELECT 'pg_catalog.pg_cast'::pg_catalog.regclass, oid FROM pg_catalog.pg_cast
  UNION ALL SELECT 'pg_catalog.pg_language'::pg_catalog.regclass, oid FROM pg_catalog.pg_language
  UNION ALL SELECT 'pg_catalog.pg_am'::pg_catalog.regclass, oid FROM pg_catalog.pg_am
  UNION ALL SELECT 'pg_catalog.pg_conversion'::pg_catalog.regclass, oid FROM pg_catalog.pg_conversion
  UNION ALL SELECT 'pg_catalog.pg_transform'::pg_catalog.regclass, oid FROM pg_catalog.pg_transform
  UNION ALL SELECT 'pg_catalog.pg_ts_config'::pg_catalog.regclass, oid FROM pg_catalog.pg_ts_config
  UNION ALL SELECT 'pg_catalog.pg_ts_dict'::pg_catalog.regclass, oid FROM pg_catalog.pg_ts_dict
  UNION ALL SELECT 'pg_catalog.pg_ts_parser'::pg_catalog.regclass, oid FROM pg_catalog.pg_ts_parser
  UNION ALL SELECT 'pg_catalog.pg_ts_template'::pg_catalog.regclass, oid FROM pg_catalog.pg_ts_template
  UNION ALL SELECT 'pg_catalog.pg_event_trigger'::pg_catalog.regclass, oid FROM pg_catalog.pg_event_trigger
  UNION ALL SELECT 'pg_catalog.pg_publication'::pg_catalog.regclass, oid FROM pg_catalog.pg_publication
) AS o (class, oid)
WHERE o.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype IN ('e', 'i'))`

-- name: Odds :many
SELECT * FROM odd;
-- name: Class :many
SELECT relname, relacl, reloptions, relkind, relpages, reltuples, relpartbound FROM pg_class WHERE relname IN ('odd', 'part_1', 'people') ORDER BY oid;
-- name: Activity :many
SELECT datname, client_addr, backend_start, backend_xid, state FROM pg_stat_activity WHERE false;
-- name: ISC :many
SELECT table_name, column_name, ordinal_position, is_nullable, character_maximum_length FROM information_schema.columns WHERE table_name = 'people' ORDER BY ordinal_position;
-- name: Attr :many
SELECT attname, attacl, attoptions, attidentity, atthasdef, attnum FROM pg_attribute WHERE attrelid = 'people'::regclass ORDER BY attnum;
-- name: Proc :many
SELECT proname, proargtypes, proallargtypes, proargmodes, proargnames, proacl, proconfig, prosrc FROM pg_proc WHERE oid < 100 ORDER BY oid;
-- name: Idx :many
SELECT indrelid::regclass, indkey, indclass, indoption, indpred, indexprs FROM pg_index WHERE indrelid = 'odd'::regclass;
-- name: Types :many
SELECT typname, typdefault, typacl, typinput, typdelim, typarray FROM pg_type WHERE oid < 100 ORDER BY oid;
-- name: Stats :many
SELECT tablename, most_common_vals, most_common_freqs, histogram_bounds FROM pg_stats WHERE tablename = 'people' ORDER BY attname;
-- name: Constr :many
SELECT conname, conkey, confkey, conbin, conexclop FROM pg_constraint WHERE conrelid = 'odd'::regclass;
-- name: Settings :many
SELECT name, setting, enumvals, sourceline, pending_restart FROM pg_settings WHERE name LIKE 'wal%' ORDER BY name;
-- name: Locks :many
SELECT locktype, mode, granted, transactionid, virtualxid, pid, page FROM pg_locks WHERE false;
-- name: Repl :many
SELECT slot_name, xmin, catalog_xmin, restart_lsn FROM pg_replication_slots;
-- name: Whole :many
SELECT o FROM odd o;
-- name: WholeArr :many
SELECT array_agg(p) FROM people p;
-- name: WholePlus :many
SELECT p, count(*) OVER () FROM people p;
-- name: EmbedQuoted :many
SELECT sqlc.embed("Quoted Table"), sqlc.embed(p) FROM "Quoted Table" FULL JOIN people p ON p.id = "Id";
-- name: EmbedQuoted2 :many
SELECT sqlc.embed("q T") FROM "Quoted Table" "q T";
-- name: EmbedSchema :many
SELECT sqlc.embed(people) FROM public.people;
-- name: EmbedTwice :many
SELECT sqlc.embed(a), sqlc.embed(b), a.*, count(*) over () AS total FROM people a RIGHT JOIN people b ON a.id = b.id;
-- name: EmbedOdd :many
SELECT sqlc.embed(o), sqlc.embed(mv), sqlc.embed(part) FROM odd o, mv, part;
-- name: EmbedChild :many
SELECT sqlc.embed(child) FROM child;
-- name: Zero :many
SELECT * FROM zero;
-- name: ZeroEmbed :many
SELECT p.id, zero.* FROM zero, people p;
-- name: TableT :many
TABLE people;
-- name: Unioned :many
SELECT * FROM people UNION SELECT * FROM people;
-- name: DistinctOn :many
SELECT DISTINCT ON (name) * FROM people ORDER BY name, id;
-- name: Vals :many
VALUES (1, 'a'), (2, NULL);
-- name: Unknowns :one
SELECT 'a', NULL, NULL AS x, $1::text, 1.5, 'b' AS "Decode", 'c' AS "type";
-- name: Sh :one
SHOW search_path;
-- name: ExplJ :one
EXPLAIN (FORMAT json, COSTS off) SELECT 1;
-- name: DoIt :exec
DO $$ BEGIN NULL; END $$;
-- name: Lookup :many
SELECT * FROM odd WHERE d4 = @d4::dmoods AND d5::pt = @d5::dpt AND r2 = @r2 AND r3 = @r3 AND p = @p::people AND w = @w::withrow AND ec = @ec::empty_comp;

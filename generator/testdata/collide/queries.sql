-- name: ListUsers :many
SELECT sqlc.embed(u), sqlc.embed(su), sqlc.embed(x), sqlc.embed(usr) FROM users u JOIN s.users su USING (id) LEFT JOIN s_users x ON x.id = u.id JOIN "user" usr ON usr.id = u.id WHERE u.id = $1 AND su.n = $2;

-- name: User :many
SELECT * FROM users;

-- name: Wide :many
SELECT * FROM wide;

-- name: WideW :many
SELECT w FROM wide w;

-- name: UnionStar :many
SELECT u.* FROM s.users u UNION ALL SELECT * FROM s_users ORDER BY 1;

-- name: UnionEmbed :many
SELECT sqlc.embed(u), 1 AS x FROM users u UNION ALL SELECT u.*, 2 FROM users u;

-- name: Names :many
SELECT sqlc.embed(json), sqlc.embed(time), sqlc.embed(runtime), sqlc.embed(string), sqlc.embed(error), sqlc.embed(pgtype), sqlc.embed(secs), sqlc.embed(db_tx), sqlc.embed(queries) FROM json, time, runtime, string, error, pgtype, secs, db_tx, queries;

-- name: String :many
SELECT * FROM string WHERE s = @string AND id = @error;

-- name: Error :one
SELECT * FROM error WHERE id = @error;

-- name: Json :one
SELECT j FROM json;

-- name: Time :batchone
SELECT t FROM time WHERE t = @time;

-- name: SubStar :many
SELECT x.* FROM (SELECT u.*, 1 AS one FROM users u) x;

-- name: CteStar :many
WITH x AS (SELECT * FROM s.users) SELECT *, (SELECT count(*) FROM x) FROM x;

-- name: EmbedCte :many
WITH x AS (SELECT * FROM s.users) SELECT x.*, sqlc.embed(vw) FROM x, vw;

-- name: InsSel :many
INSERT INTO s.users SELECT id, 'x' FROM users RETURNING *;

-- name: LatJ :many
SELECT * FROM users u, LATERAL jsonb_to_recordset('[]') AS j(a int, b text), unnest(ARRAY[1,2]) WITH ORDINALITY AS o(v, n), generate_series(1, @n::int) g;

-- name: Alias :many
SELECT * FROM users AS q (a, b, c);

-- name: EmbedAliasCols :many
SELECT sqlc.embed(q) FROM users AS q (a, b, c);

-- name: Tsamp :many
SELECT "users".* FROM "public"."users" TABLESAMPLE system (10);

-- name: PubStar :many
SELECT public.users.*, s.users.* FROM public.users, s.users;

-- name: Only :many
SELECT * FROM ONLY users FOR UPDATE OF users;

-- name: Vw :many
SELECT * FROM vw;

-- name: RowCmp :many
SELECT id FROM users WHERE (id, st) IN (SELECT $1::int, $2::st) AND ROW(id, st) > ROW(@a, @b::st);

-- name: Win :many
SELECT *, sum(id) OVER (PARTITION BY st ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) s, first_value(st) OVER w fv FROM users WINDOW w AS (ORDER BY id);

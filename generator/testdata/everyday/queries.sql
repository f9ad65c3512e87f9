-- name: ByNick :many
SELECT * FROM users WHERE nick = $1;
-- name: ByNicks :many
SELECT * FROM users WHERE nick = ANY(@nicks::text[]) AND meta->>'a' = $1;
-- name: UpFrom :many
UPDATE orders o SET note = @note FROM users u WHERE u.id = o.user_id AND u.nick IS NOT NULL RETURNING u.*, o.*;
-- name: UpStar :many
UPDATE users u SET nick = 'z' FROM orders o WHERE u.id = o.user_id RETURNING u.*;
-- name: Upsert :one
INSERT INTO users (id, email, nick) VALUES (1, @email, sqlc.narg(nick)) ON CONFLICT (id) DO UPDATE SET email = EXCLUDED.email, nick = coalesce(EXCLUDED.nick, users.nick) RETURNING *;
-- name: ModCte :many
WITH ins AS (INSERT INTO users (email) VALUES (@email) RETURNING *), del AS (DELETE FROM orders WHERE user_id = 99 RETURNING id, total), up AS (UPDATE users SET nick = 'x' WHERE id = 99 RETURNING id)
SELECT ins.*, del.total, (SELECT count(*) FROM up) AS ups FROM ins LEFT JOIN del ON true;
-- name: Lat :many
SELECT u.id, l.* FROM users u LEFT JOIN LATERAL (SELECT o.id AS oid, o.total, row_number() OVER w AS n, lag(o.total) OVER w AS prev FROM orders o WHERE o.user_id = u.id WINDOW w AS (ORDER BY o.id) LIMIT @lim) l ON true;
-- name: Rec :many
WITH RECURSIVE tree AS (SELECT id, parent, 1 AS depth, ARRAY[id] AS path FROM users WHERE id = @root UNION ALL SELECT u.id, u.parent, t.depth + 1, t.path || u.id FROM users u JOIN tree t ON u.parent = t.id) SELECT * FROM tree;
-- name: Js :many
SELECT u.id, (SELECT json_agg(jsonb_build_object('id', o.id)) FROM orders o WHERE o.user_id = u.id) AS orders, jsonb_agg(o2) FROM users u JOIN orders o2 ON o2.user_id = u.id GROUP BY u.id;
-- name: ArrComp :many
SELECT u.id, array_agg(o) AS os, array_agg(o ORDER BY o.id) FILTER (WHERE o.id > 5) AS f FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id;
-- name: WholeRow :many
SELECT u, o FROM users u LEFT JOIN orders o ON o.user_id = u.id AND false;
-- name: StarCount :many
SELECT u.*, count(*) OVER () FROM users u;
-- name: TwoOut :one
SELECT * FROM two_out($1);
-- name: TwoOutDot :one
SELECT (two_out(@a)).*;
-- name: TwoOutRec :one
SELECT (two_out(@a)).x;
-- name: Tab :many
SELECT * FROM tab(3);
-- name: SetUsers :many
SELECT * FROM setusers();
-- name: OneUser :one
SELECT * FROM oneuser(@id);
-- name: OneUserWhole :one
SELECT oneuser(@id);
-- name: OneUserDot :one
SELECT (oneuser(@id)).*;
-- name: Recs :many
SELECT * FROM recs() AS t(a int, b text);
-- name: RecsEmbed :many
SELECT r.*, sqlc.embed(u) FROM recs() AS r(a int, b text), users u;
-- name: VoidExec :exec
SELECT v($1);
-- name: VoidOne :one
SELECT v($1);
-- name: CallOne :one
CALL pr($1, @b);
-- name: CallExec :exec
CALL pr0($1);
-- name: CallInoutExec :exec
CALL pr(1, 'x');
-- name: UpExec :exec
UPDATE users SET nick = @nick, tags = @tags WHERE id = ANY(sqlc.slice(ids)) AND id NOT IN (sqlc.slice(not_ids)) OR id IN (sqlc.slice('ids'));
-- name: SliceCte :many
WITH x AS (SELECT * FROM users WHERE id IN (sqlc.slice(ids))) SELECT x.* FROM x;
-- name: Narg :many
SELECT * FROM users WHERE (sqlc.narg(nick)::text IS NULL OR nick = sqlc.narg(nick)) AND (sqlc.narg('since')::timestamptz IS NULL OR at > sqlc.narg('since')::timestamptz) LIMIT sqlc.arg(lim)::int OFFSET @off;
-- name: EmbedMix :many
SELECT u.*, sqlc.embed(o), 1 AS one, sqlc.embed(u2) FROM users u RIGHT JOIN orders o ON o.user_id = u.id FULL JOIN users u2 ON u2.id = u.id;
-- name: EmbedRet :many
DELETE FROM orders o USING users u WHERE u.id = o.user_id AND false RETURNING sqlc.embed(o), sqlc.embed(u);
-- name: EmbedOnly :one
SELECT sqlc.embed(users) FROM users LIMIT 1;
-- name: Dollar :one
SELECT $1::int;
-- name: DupCols :many
SELECT u.id, o.id, u.id AS id_2, u.id + 1, u.id + 2 FROM users u, orders o;
-- name: JoinUsing :many
SELECT * FROM users u JOIN orders o USING (id);
-- name: NatFull :many
SELECT * FROM users NATURAL FULL JOIN orders;
-- name: Distinct :many
SELECT DISTINCT ON (email) users.* FROM users ORDER BY email, id;
-- name: ValuesJoin :many
SELECT v.*, u.email FROM (VALUES (1::bigint, 'a'), (2, NULL)) v(id, label) JOIN users u USING (id);
-- name: Except :many
SELECT id, nick FROM users EXCEPT SELECT id, note FROM orders;
-- name: Camel :many
SELECT id AS "userId", nick AS "nickName" FROM users WHERE id = @userId AND nick = @NickName;
-- name: Unn :exec
INSERT INTO users (email, nick) SELECT unnest(@emails::text[]), unnest(@nicks::text[]);
-- name: Cpy :copyfrom
INSERT INTO users (email, nick, tags, meta) VALUES ($1, $2, $3, $4);
-- name: Cpy1 :copyfrom
INSERT INTO users (email) VALUES (@email);
-- name: BatchMany :batchmany
SELECT * FROM users WHERE id = $1;
-- name: BatchOne :batchone
SELECT u.id FROM users u WHERE id = $1 AND nick = @nick;
-- name: BatchNone :batchexec
UPDATE users SET nick = 'a';
-- name: IterUsers :iter
SELECT * FROM users;
-- name: OptUser :optional
SELECT * FROM users WHERE id = $1;
-- name: OptNick :optional
SELECT nick FROM users WHERE id = $1;
-- name: Grouping :many
SELECT u.nick, u.id, grouping(u.nick), sum(o.total) FROM users u JOIN orders o ON o.user_id = u.id GROUP BY ROLLUP (u.nick, u.id);
-- name: Fetch :many
SELECT id FROM users FOR UPDATE SKIP LOCKED;
-- name: Lst :exec
LISTEN foo;
-- name: Del :execrows
DELETE FROM users WHERE id = $1;
-- name: Res :execresult
DELETE FROM users WHERE id = $1 RETURNING *;
-- name: SelExec :exec
SELECT pg_advisory_lock(1);
-- name: Exi :one
SELECT EXISTS (SELECT 1 FROM users WHERE id = $1);
-- name: Case1 :one
SELECT CASE WHEN $1::bool THEN 'a' ELSE 'b' END AS x;
-- name: JsonPop :exec
INSERT INTO users SELECT * FROM json_populate_recordset(NULL::users, $1);

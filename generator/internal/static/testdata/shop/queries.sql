-- name: GetUser :one
SELECT * FROM users WHERE id = $1;

-- name: FindUser :optional
SELECT id, mail, "Odd Name" FROM users WHERE mail = @mail AND nick ILIKE @pattern;

-- name: LeftJoin :many
SELECT u.id, o.id AS order_id, o.total, o.note FROM users u LEFT JOIN orders o ON o.user_id = u.id AND left(o.note, 1) = 'x';

-- name: RightJoin :many
SELECT u.id, o.id AS order_id FROM users u RIGHT OUTER JOIN orders o USING (id);

-- name: FullJoin :many
SELECT u.*, o.id AS order_id FROM users u FULL JOIN orders o ON true CROSS JOIN audit.log l;

-- name: InnerAfterLeft :many
SELECT u.id, o.id AS order_id, l.at FROM users u LEFT JOIN orders o ON o.user_id = u.id JOIN audit.log l ON l."user" = u.id;

-- name: Nested :many
SELECT a.id, b.id AS b_id, c.at FROM users a LEFT JOIN (orders b JOIN audit.log c ON true) ON b.user_id = a.id;

-- name: Embedded :many
SELECT u.nick, sqlc.embed(o), sqlc.embed(u) FROM orders o LEFT JOIN users u ON u.id = o.user_id;

-- name: Totals :many
SELECT t.*, t.spent * 2 AS twice FROM totals t WHERE t.orders > @least;

-- name: FromEverybody :many
SELECT id, mail FROM everybody;

-- name: WithQuery :many
WITH big AS (SELECT user_id, total FROM orders WHERE total > @least::numeric), few AS (SELECT count(*) AS n FROM big)
SELECT b.user_id, b.total, f.n, u.mail FROM big b JOIN users u ON u.id = b.user_id CROSS JOIN few f;

-- name: Tree :many
WITH RECURSIVE t AS (SELECT id, 1 AS depth FROM users WHERE id = @root UNION ALL SELECT u.id, t.depth + 1 FROM users u JOIN t ON t.id + 1 = u.id)
SELECT t.id, t.depth FROM t;

-- name: Shadow :many
WITH users AS (SELECT NULL::bigint AS id) SELECT id FROM users;

-- name: Lateral :many
SELECT u.id, o.total, o.n FROM users u, LATERAL (SELECT total, note AS n FROM orders WHERE user_id = u.id ORDER BY id DESC LIMIT @most) o;

-- name: Both :many
SELECT id, mail FROM users UNION ALL SELECT user_id, note FROM orders UNION SELECT 1, 'x';

-- name: Cube :many
SELECT status, user_id, count(*), sum(total), grouping(status) FROM orders GROUP BY CUBE (status, user_id);

-- name: Rolled :many
SELECT o.status FROM orders o GROUP BY ROLLUP (o.status);

-- name: Expressions :one
SELECT 1 AS one, 'x' AS text, NULL AS nothing, 1.5 AS half, 9999999999 AS big, true, now(), current_date, -o.total AS less,
    o.total / 2 AS half_total, o.id + 1 AS next, o.total + o.id AS sum, o.note || '!' AS loud, o.status::text, o.note::varchar(3) AS short,
    CAST(o.id AS bigint) AS wide, coalesce(o.note, '') AS said, coalesce(o.note, NULL) AS maybe, nullif(o.id, 1),
    CASE WHEN o.note IS NULL THEN 1 ELSE 2 END AS n, CASE WHEN o.id = 1 THEN o.status END AS st, o.note IS NOT NULL AS has, o.total > 1 AS dear,
    o.note LIKE 'x%' AS liked, EXISTS (SELECT FROM users), (SELECT mail FROM users WHERE id = o.user_id) AS mail, ARRAY[o.id, 2] AS ids,
    ARRAY(SELECT id FROM users) AS users, date '2024-02-29' AS leap, upper(o.note) AS loudly, length(o.status::text) AS len, round(o.total, 1) AS r,
    greatest(o.id, 5) AS most, row_number() OVER (ORDER BY o.id) AS row, lag(o.total) OVER w AS before, sum(o.total) OVER w AS running
FROM orders o WINDOW w AS (ORDER BY o.id);

-- name: More :one
SELECT u.seen AT TIME ZONE 'UTC' AS utc, u.seen - interval '1 day' AS yesterday, u.born - 1 AS eve, extract(year FROM u.seen) AS year, u.meta -> 'a' AS a, u.meta ->> 'b' AS b,
    u.meta::text AS all, (u.meta ->> 'n')::int AS n, u.moods[1] AS mood, (u.home).street, ((u.home).at) AS at, u.home, u.labels, jsonb_build_object('x', 1) AS built, array_agg(u.nick) OVER () AS nicks,
    string_agg(u.nick, ',') OVER () AS joined, substring(u.nick FROM 2) AS rest, spent(u.id), to_char(u.seen, 'YYYY') AS y, u.seen::date AS day, 'paid'::status AS st
FROM users u;

-- name: FromFunctions :many
SELECT l.id, l.note, p.key, p.n, t, s, v.a, v.b, e.value, x.ord
FROM latest(@n) l, pairs(@p) p, unnest(ARRAY['a', 'b']) t, generate_series(1, 5) s, (VALUES (1, 'a'), (2, NULL)) v (a, b), jsonb_array_elements('[]'::jsonb) e, unnest(@more::text[]) WITH ORDINALITY x (it, ord);

-- name: Insert :one
INSERT INTO users (mail, nick, home, moods, labels) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (mail) DO UPDATE SET nick = excluded.nick, seen = $6 RETURNING id, nick, users.*;

-- name: InsertSelect :exec
INSERT INTO orders (user_id, status, total, note) SELECT u.id, @status, coalesce(@total, 0), CASE WHEN @given::bool THEN @note ELSE 'x' END FROM users u WHERE u.mail = @mail;

-- name: Update :many
UPDATE orders o SET status = @status, note = coalesce(sqlc.narg(note), o.note), total = o.total + @more FROM users u WHERE u.id = o.user_id AND u.nick IS NOT DISTINCT FROM @nick RETURNING o.id, u.nick, o.status;

-- name: Delete :many
DELETE FROM orders USING users u WHERE u.id = orders.user_id AND orders.status = ANY (@statuses::status[]) AND u.id = ANY ($1) RETURNING orders.id, u.mail;

-- name: Params :many
SELECT id FROM orders WHERE status IN (sqlc.slice(statuses)) AND total BETWEEN @low AND @high AND note NOT LIKE '%' || @word || '%' AND (@all::bool OR id <> @id)
    AND spent(who => @who) > 1 AND lower(note) = lower(@low_note) AND user_id IN (SELECT id FROM users WHERE mail = @mail AND born > @born) AND (sqlc.narg(reach)::span IS NULL OR reach = @reach)
LIMIT $1 OFFSET $2;

-- name: Copy :copyfrom
INSERT INTO audit.log (at, "user", what) VALUES (@at, @who, @what);

-- name: Merge :exec
MERGE INTO orders o USING users u ON o.user_id = u.id WHEN MATCHED THEN UPDATE SET note = @note WHEN NOT MATCHED THEN INSERT (user_id, total) VALUES (u.id, @total);

-- name: Tidy :exec
CALL tidy(@before);

-- name: Clear :exec
TRUNCATE orders;

-- name: Directed :many
-- column: note not null
-- row: Line
SELECT id, note FROM orders;

-- name: Varchars :many
SELECT id FROM users WHERE nick = $1 AND nick IN ($2) AND nick IN ($3, $4) AND nick = ANY ($5) AND nick <> ALL (sqlc.slice(nicks)) AND coalesce(nick, $6) > 'x' AND nick BETWEEN $7 AND $8;

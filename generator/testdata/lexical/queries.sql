-- name: SinceMinusDay :many
SELECT id FROM t WHERE at > @since::timestamptz - interval '1 day';

-- name: PlusOne :many
SELECT id FROM t WHERE a = @a + 1;

-- name: Spaces :many
SELECT id FROM t WHERE b = sqlc.arg( 'x' ) AND a = sqlc . narg ( y );

-- name: NoSpaces :many
SELECT id FROM t WHERE b=@x AND a>=@y AND a<>@z;

-- name: CastLimit :many
SELECT id FROM t LIMIT @lim::int;

-- name: LeftAlone :many
SELECT '@x', 'sqlc.arg(y)', $$@z$$, @ -5 AS five, ids @> ARRAY[@real::bigint] /* @comment sqlc.arg(no) */ FROM t -- @no
WHERE '{}' <@ ids;

-- name: CamelCase :many
SELECT "camelCase" FROM t WHERE "camelCase" = @camelCase AND b = @"Quoted Name";

-- name: Template :many
SELECT id /* TEMPLATE: schema */ FROM /* here */ t;

-- name: Analyze :exec
ANALYZE t;

-- name: TruncateT :exec
TRUNCATE t;

-- name: LockT :exec
LOCK TABLE t IN EXCLUSIVE MODE;

-- name: CallP :exec
CALL p(1);

-- name: NotifyAll :exec
NOTIFY channel;

-- name: SetPath :exec
SET search_path = public;

-- name: NargCast :many
SELECT id FROM t WHERE (sqlc.narg('x')::text IS NULL OR b = sqlc.narg('x'));

-- name: Unnest :many
SELECT u FROM unnest(@a::bigint[]) AS u;

-- name: NoSemicolon :one
SELECT 1 AS one

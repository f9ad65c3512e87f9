-- Rename changes what is set.
-- param: name set by name_given
-- name: Rename :execrows
UPDATE users SET name = CASE WHEN @name_given THEN @name ELSE name END WHERE id = @id;

-- One optional value alone stands in the signature.
-- param: name set by given
-- name: CountNamed :one
SELECT count(*) FROM users WHERE NOT @given OR name = @name;

-- AddTags tags many users at once.
-- params: rows
-- name: AddTags :execrows
UPDATE users u SET tags = tags || t.tag FROM unnest(@id::bigint[], @tag::text[]) AS t (id, tag) WHERE u.id = t.id;

-- Rows can have NULLs, whole arrays, and optional values.
-- params: rows
-- param: nick like public.users.nick set by nick_given
-- param: tags like users.tags
-- param: meta like users."meta" set by meta_given
-- param: born like users.born not null
-- name: Load :many
INSERT INTO users (id, name, nick, tags, meta, born)
SELECT r.id, r.name, CASE WHEN r.nick_given THEN r.nick ELSE 'none' END, r.tags::text[], CASE WHEN r.meta_given THEN r.meta END, r.born
FROM unnest(@id::bigint[], @name::text[], @nick::text[], @nick_given::boolean[], @tags::text[], @meta::jsonb[], @meta_given::boolean[], @born::date[])
    AS r (id, name, nick, nick_given, tags, meta, meta_given, born)
RETURNING *;

-- A parameter that is typed as a column has the Go type that the column has.
-- param: wanted like users.meta not null
-- name: WithMeta :many
SELECT id FROM users WHERE meta @> @wanted::jsonb;

-- param: nick like users.nick set by "Nick Given"
-- name: SetNicks :batchexec
UPDATE users SET nick = CASE WHEN sqlc.arg("Nick Given") THEN @nick ELSE nick END WHERE id = @id;

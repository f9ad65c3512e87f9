-- name: ListSpans :many
SELECT * FROM spans ORDER BY id;

-- name: FindSpans :many
SELECT id FROM spans WHERE f = @f OR m = ANY(@m::moods[]) ORDER BY id;

-- name: WholeSpan :many
SELECT s FROM spans s ORDER BY id;

-- name: MergeSpan :exec
MERGE INTO spans t USING (SELECT @id::int AS id, @f::floatmultirange AS f) s ON t.id = s.id
WHEN MATCHED THEN UPDATE SET f = s.f
WHEN NOT MATCHED THEN INSERT (id, days, f) VALUES (s.id, '{}', s.f);

-- name: ListLists :many
SELECT * FROM lists;

-- name: InsertLists :exec
INSERT INTO lists (id, texts, n_texts, numbers, grid, n_grid, cube, moods, n_moods, mood_grid, pairs, n_pairs, ranges, uuids, docs, blobs, times, matrix)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18);

-- name: CopyLists :copyfrom
INSERT INTO lists (id, texts, n_texts, numbers, grid, n_grid, cube, moods, n_moods, mood_grid, pairs, n_pairs, ranges, uuids, docs, blobs, times, matrix)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18);

-- name: ByTexts :many
SELECT id FROM lists WHERE texts && @texts AND id = ANY (@ids::bigint[]);

-- name: Gather :many
SELECT array_agg(n_texts[1]) AS nullable_elements, array_agg(id) AS ids, ARRAY[1, 2] AS constant, ARRAY[[1, NULL]] AS holes FROM lists GROUP BY texts;

-- name: TextsWithNull :many
-- column: texts go: []*string
SELECT id, texts FROM lists;

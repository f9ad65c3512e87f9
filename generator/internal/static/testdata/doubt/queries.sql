-- name: Sound :many
SELECT a FROM sound;
-- name: Far :many
SELECT a FROM far;
-- name: Seen :many
SELECT a FROM seen;
-- name: Copied :many
SELECT a FROM copied;
-- name: Alike :many
SELECT a, b FROM alike;
-- name: Ruled :many
INSERT INTO ruled (a) VALUES (@a) RETURNING a;
-- name: Lost :many
SELECT a, b FROM lost;
-- name: Parent :many
SELECT a FROM parent;
-- name: Whole :many
SELECT a FROM whole;
-- name: Here :many
SELECT a FROM here;
-- name: Dropped :many
SELECT a FROM dropped;
-- name: Twice :many
SELECT twice(a) FROM sound;
-- name: Count :many
SELECT count(a) FROM sound;
-- name: First :many
SELECT a, b FROM first;
-- name: Third :many
SELECT a, b FROM third;
-- name: Rooted :many
SELECT a, b FROM rooted;
-- name: Keyed :many
SELECT a, b, c FROM keyed;

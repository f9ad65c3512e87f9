-- name: Plain :exec
INSERT INTO plain (a) VALUES ($1);

-- name: PlainDefaults :exec
INSERT INTO public.plain DEFAULT VALUES;

-- name: PlainNull :exec
INSERT INTO plain (a, b, c) VALUES ($1, NULL::text, NULL);

-- name: PlainCopy :copyfrom
INSERT INTO plain (a, c) VALUES ($1, $2);

-- name: PlainUpdate :exec
UPDATE plain SET a = NULL, c = NULL;

-- name: PlainGood :exec
INSERT INTO plain (a, b) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: PlainSelect :exec
INSERT INTO plain (a, b) SELECT c, NULL FROM plain;

-- name: Filled :exec
INSERT INTO filled (d) VALUES ($1);

-- name: FilledDefault :exec
INSERT INTO filled (d) VALUES (DEFAULT);

-- name: Triggered :exec
INSERT INTO triggered (b) VALUES ($1);

-- name: AfterOnly :exec
INSERT INTO after_only (b) VALUES ($1);

-- name: Parts :exec
INSERT INTO parts (b) VALUES ($1);

-- name: Ruled :exec
INSERT INTO ruled DEFAULT VALUES;

-- name: Shown :exec
INSERT INTO shown (c) VALUES ($1);

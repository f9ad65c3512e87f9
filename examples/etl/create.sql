-- The tables of schema.sql as methods, for a database that has none yet. Verify
-- tells if the two are not the same.

-- CreateSales makes the table of what was sold, unless it is there.
-- name: CreateSales :exec
CREATE TABLE IF NOT EXISTS sales (
    id       bigint PRIMARY KEY,
    category text NOT NULL,
    sold_at  timestamptz NOT NULL,
    cents    bigint NOT NULL CHECK (cents > 0)
);

-- IndexSales makes its index, unless it is there.
-- name: IndexSales :exec
CREATE INDEX IF NOT EXISTS sales_category ON sales (category) INCLUDE (cents);

-- CreateSummaries makes the table of the results, unless it is there.
-- name: CreateSummaries :exec
CREATE TABLE IF NOT EXISTS summaries (
    category  text PRIMARY KEY,
    sales     bigint NOT NULL,
    revenue   bigint NOT NULL,
    median    double precision NOT NULL,
    best_day  date,
    runs      integer NOT NULL DEFAULT 1
);

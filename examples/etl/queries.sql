-- ClearSales takes all sales out. In the transaction that puts the new ones in,
-- nobody ever sees the table empty.
-- name: ClearSales :execrows
DELETE FROM sales WHERE true;

-- LoadSales loads sales with COPY.
-- name: LoadSales :copyfrom
INSERT INTO sales (id, category, sold_at, cents)
VALUES (@id, @category, @sold_at, @cents);

-- Categories finds the categories that something was sold of.
-- name: Categories :many
SELECT DISTINCT category FROM sales ORDER BY category;

-- Statistics computes those of one category; without a sale there is no row.
-- name: Statistics :one
SELECT
    count(*) AS sales,
    sum(cents)::bigint AS revenue,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY cents) AS median,
    (
        SELECT (d.sold_at AT TIME ZONE 'UTC')::date
        FROM sales AS d
        WHERE d.category = @category
        GROUP BY 1
        ORDER BY sum(d.cents) DESC, 1
        LIMIT 1
    ) AS best_day
FROM sales
WHERE category = @category
GROUP BY category;

-- SaveSummaries writes summaries, over those of the run before.
-- name: SaveSummaries :batchexec
INSERT INTO summaries (category, sales, revenue, median, best_day)
VALUES (@category, @sales, @revenue, @median, @best_day)
ON CONFLICT (category) DO UPDATE SET
    sales = excluded.sales,
    revenue = excluded.revenue,
    median = excluded.median,
    best_day = excluded.best_day,
    runs = summaries.runs + 1;

-- ForgetSummaries takes out those of categories that nothing is sold of any more.
-- name: ForgetSummaries :execrows
DELETE FROM summaries WHERE category <> ALL (@sold::text[]);

-- EachSummary reads the summaries back, the greatest revenue first.
-- name: EachSummary :iter
SELECT * FROM summaries ORDER BY revenue DESC, category;

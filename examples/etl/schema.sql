CREATE TABLE sales (
    id       bigint PRIMARY KEY,
    category text NOT NULL,
    sold_at  timestamptz NOT NULL,
    cents    bigint NOT NULL CHECK (cents > 0)
);

CREATE INDEX sales_category ON sales (category) INCLUDE (cents);

CREATE TABLE summaries (
    category  text PRIMARY KEY,
    sales     bigint NOT NULL,
    revenue   bigint NOT NULL,
    median    double precision NOT NULL,
    best_day  date,
    runs      integer NOT NULL DEFAULT 1
);

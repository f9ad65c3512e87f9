CREATE TABLE readings (
    id          bigint PRIMARY KEY,
    station     text NOT NULL,
    measured_at timestamptz NOT NULL,
    celsius     double precision,
    note        text
);

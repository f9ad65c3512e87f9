-- LoadReadings loads readings with COPY.
-- name: LoadReadings :copyfrom
INSERT INTO readings (id, station, measured_at, celsius, note)
VALUES (@id, @station, @measured_at, @celsius, @note);

-- EachReading streams all readings in their order.
-- name: EachReading :iter
SELECT * FROM readings ORDER BY id;

-- CountReadings says how many there are.
-- name: CountReadings :one
SELECT count(*) FROM readings;

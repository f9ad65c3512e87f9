-- name: GetPerson :one
SELECT * FROM people WHERE person_id = $1;

-- name: ListPeople :many
SELECT person_id, mood FROM people WHERE mood = $1 AND odd > $2;

-- name: Delete :exec
DELETE FROM people;

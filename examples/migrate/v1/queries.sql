-- name: AddTask :one
INSERT INTO tasks (title, owner, due) VALUES (@title, @owner, @due)
RETURNING id;

-- name: FinishTask :execrows
UPDATE tasks SET done = true WHERE id = @id AND NOT done;

-- name: ListTasks :many
SELECT * FROM tasks ORDER BY id;

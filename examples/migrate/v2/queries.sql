-- name: AddTask :one
INSERT INTO tasks (title, assignee, due, priority) VALUES (@title, @assignee, @due, @priority)
RETURNING id;

-- name: FinishTask :execrows
UPDATE tasks SET done = true WHERE id = @id AND NOT done;

-- name: ListTasks :many
SELECT * FROM tasks ORDER BY id;

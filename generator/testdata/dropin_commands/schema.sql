CREATE TYPE mood AS ENUM ('happy', 'sad');
CREATE TABLE notes (
    id    int8 PRIMARY KEY,
    text  text,
    mood  mood
);
CREATE TABLE tags (
    note_id int8 NOT NULL REFERENCES notes (id),
    name    text NOT NULL
);

-- pgwright runs this on a throwaway PostgreSQL of its own, to have the queries
-- checked against it. It does not touch your database.

CREATE TABLE authors (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL,
    bio        text,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE books (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    author_id bigint NOT NULL REFERENCES authors (id),
    title     text NOT NULL,
    published date
);

-- A foreign key has no index of its own: without one, deleting an author reads all books.
CREATE INDEX ON books (author_id);

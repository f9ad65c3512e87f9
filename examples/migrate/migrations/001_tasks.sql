CREATE TABLE tasks (
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL,
    owner text NOT NULL,
    due   date,
    done  boolean NOT NULL DEFAULT false
);

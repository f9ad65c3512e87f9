CREATE TABLE owners (
    id   bigint PRIMARY KEY,
    name text NOT NULL
);

-- What every client is measured with: twelve columns of the kinds that tables have.
CREATE TABLE items (
    id         bigint PRIMARY KEY,
    ref        uuid NOT NULL,
    owner_id   bigint NOT NULL,
    name       text NOT NULL,
    quantity   integer NOT NULL,
    price      numeric(12, 2) NOT NULL,
    weight     double precision,
    active     boolean NOT NULL,
    attributes jsonb NOT NULL,
    note       text,
    created_at timestamptz NOT NULL,
    shipped_at timestamptz
);

-- Where the same rows are written to.
CREATE UNLOGGED TABLE loaded (
    id         bigint NOT NULL,
    ref        uuid NOT NULL,
    owner_id   bigint NOT NULL,
    name       text NOT NULL,
    quantity   integer NOT NULL,
    price      numeric(12, 2) NOT NULL,
    weight     double precision,
    active     boolean NOT NULL,
    attributes jsonb NOT NULL,
    note       text,
    created_at timestamptz NOT NULL,
    shipped_at timestamptz
);

CREATE INDEX loaded_id ON loaded (id);

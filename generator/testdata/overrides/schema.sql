CREATE TABLE accounts (id uuid PRIMARY KEY, at timestamptz NOT NULL, until timestamptz, settings jsonb NOT NULL, score integer NOT NULL, friends uuid[] NOT NULL);

-- The schema of cases.txt. Everything that may be NULL is NULL in some row, and
-- in others not.

CREATE TYPE mood AS ENUM ('sad', 'fine', 'happy');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN label AS text NOT NULL;
CREATE DOMAIN score AS int CHECK (VALUE >= 0);
CREATE DOMAIN sure AS int CHECK (VALUE IS NOT NULL AND VALUE > 0);

-- A type of strings whose implicit cast to text returns NULL.
CREATE TYPE odd;
CREATE FUNCTION odd_in(cstring) RETURNS odd LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION odd_out(odd) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE odd (INPUT = odd_in, OUTPUT = odd_out, CATEGORY = 'S');
CREATE FUNCTION odd_text(odd) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT NULL::text';
CREATE CAST (odd AS text) WITH FUNCTION odd_text(odd) AS IMPLICIT;

CREATE TABLE users (
    id bigint PRIMARY KEY,
    email text NOT NULL,
    bio text,
    age int,
    mood mood NOT NULL DEFAULT 'fine',
    manager_id bigint REFERENCES users,
    "userName" text,
    home pair,
    created_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
);

CREATE TABLE posts (
    id bigint PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users,
    title text NOT NULL,
    body text,
    editor_id bigint REFERENCES users,
    meta jsonb NOT NULL DEFAULT '{}',
    extra jsonb,
    tags text[] NOT NULL DEFAULT '{}',
    likes int,
    published date
);

CREATE TABLE comments (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    post_id bigint NOT NULL REFERENCES posts,
    body text NOT NULL,
    rating numeric
);

CREATE TABLE facts (
    id int NOT NULL,
    named label,
    scored score,
    surely sure,
    checked int CHECK (checked IS NOT NULL),
    positive int CHECK (positive > 0),
    either_a int,
    either_b int,
    both_a int,
    both_b int,
    later int,
    twice int GENERATED ALWAYS AS (id * 2) STORED,
    halved int GENERATED ALWAYS AS (positive / 2) STORED,
    CHECK (either_a IS NOT NULL OR either_b IS NOT NULL),
    CONSTRAINT both_set CHECK (both_a IS NOT NULL AND both_b IS NOT NULL)
);
ALTER TABLE facts ADD CONSTRAINT later_set CHECK (later IS NOT NULL) NOT VALID;

CREATE TABLE events (
    id bigint NOT NULL,
    at date NOT NULL,
    note text,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE TABLE events_old PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
CREATE TABLE events_new PARTITION OF events FOR VALUES FROM ('2020-01-01') TO (MAXVALUE);

CREATE TABLE animals (
    id int NOT NULL,
    name text CHECK (name IS NOT NULL) NO INHERIT,
    legs int CHECK (legs IS NOT NULL)
);
CREATE TABLE birds (wings int) INHERITS (animals);

CREATE TABLE hooked (id int PRIMARY KEY, note text, kept text);
CREATE FUNCTION hook() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.note := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER hook BEFORE INSERT OR UPDATE ON hooked FOR EACH ROW EXECUTE FUNCTION hook();

CREATE TABLE ruled (id int PRIMARY KEY, note text NOT NULL);
CREATE RULE ruled_insert AS ON INSERT TO ruled DO INSTEAD
    INSERT INTO hooked (id, note) VALUES (NEW.id, NEW.note) RETURNING NULL::int, NULL::text;
CREATE TABLE vanishing (id int PRIMARY KEY, note text NOT NULL);
CREATE RULE vanishing_delete AS ON DELETE TO vanishing DO INSTEAD
    DELETE FROM hooked RETURNING NULL::int, NULL::text;
INSERT INTO vanishing VALUES (1, 'a');

CREATE FUNCTION one(x int) RETURNS int LANGUAGE sql STRICT AS 'SELECT x';
CREATE FUNCTION nothing(x int) RETURNS int LANGUAGE sql STRICT AS 'SELECT NULL::int';
CREATE FUNCTION loose(x int) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION found(p_user_id bigint, p_flag boolean DEFAULT true) RETURNS TABLE (id bigint, label text) LANGUAGE sql AS $$
    SELECT u.id, u.bio FROM users u WHERE u.id = p_user_id
$$;
CREATE FUNCTION many(n int) RETURNS SETOF int LANGUAGE sql AS 'SELECT NULL::int FROM generate_series(1, n)';
CREATE FUNCTION halves(OUT a int, OUT b text) LANGUAGE sql AS 'SELECT 1, NULL::text';
CREATE AGGREGATE last_one (int) (SFUNC = int4larger, STYPE = int);

CREATE VIEW user_posts AS
    SELECT u.id AS user_id, u.email, u.bio, p.id AS post_id, p.title, p.body
    FROM users u LEFT JOIN posts p ON p.user_id = u.id;
CREATE VIEW written AS SELECT * FROM user_posts WHERE post_id IS NOT NULL;
CREATE VIEW bios AS SELECT id, bio AS text, email FROM users WHERE bio IS NOT NULL;
CREATE VIEW guarded WITH (security_barrier) AS SELECT id, email, bio FROM users WHERE age > 10;
CREATE VIEW totals AS SELECT user_id, count(*) AS posts, sum(likes) AS likes, max(title) AS top FROM posts GROUP BY user_id;
CREATE MATERIALIZED VIEW cached AS
    SELECT u.id, u.email, u.bio, count(*) OVER () AS n, coalesce(u.bio, '') AS safe FROM users u;
CREATE MATERIALIZED VIEW cached_bios AS SELECT id, bio FROM users WHERE bio IS NOT NULL;

INSERT INTO users (id, email, bio, age, manager_id, "userName", home, deleted_at) VALUES
    (1, 'a', NULL, NULL, NULL, NULL, NULL, NULL),
    (2, 'b', 'x', 20, 1, 'bob', ROW(1, 'y'), now()),
    (3, 'c', NULL, 30, 2, NULL, ROW(NULL, NULL), NULL),
    (4, 'd', 'hi', NULL, NULL, 'dan', ROW(2, NULL), NULL);
INSERT INTO posts (id, user_id, title, body, editor_id, meta, extra, tags, likes, published) VALUES
    (10, 2, 't1', NULL, NULL, '{}', NULL, '{}', NULL, NULL),
    (11, 2, 't2', 'text', 1, '{"a": null, "b": 1}', '{"a": [1, null]}', '{a,NULL}', 5, '2020-01-01'),
    (12, 3, 'x', NULL, 3, '[]', '[]', '{b}', 0, 'infinity'),
    (13, 3, 'x', 'x', NULL, '"s"', NULL, '{}', NULL, '-infinity');
INSERT INTO comments (post_id, body, rating) VALUES (10, 'c1', NULL), (11, 'c2', 1.5), (11, 'x', 'NaN');
INSERT INTO facts (id, named, scored, surely, checked, positive, either_a, either_b, both_a, both_b, later) VALUES
    (1, 'n', NULL, 1, 1, NULL, NULL, 1, 1, 1, 1),
    (2, 'm', 5, 2, 2, 3, 2, NULL, 2, 2, 2);
INSERT INTO events VALUES (1, '2019-05-05', NULL), (2, '2021-05-05', 'later');
INSERT INTO animals VALUES (1, 'cat', 4);
INSERT INTO birds VALUES (2, NULL, 2, NULL), (3, 'owl', 2, 2);
INSERT INTO hooked VALUES (1, 'x', NULL), (2, 'y', 'z');
UPDATE hooked SET kept = kept;
REFRESH MATERIALIZED VIEW cached;
REFRESH MATERIALIZED VIEW cached_bios;

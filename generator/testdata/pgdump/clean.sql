--
-- PostgreSQL database dump
--

\restrict tWVsdTACdp6LSSdmxGiNBEg58bjyNw7LMWajrIEfmJhGI4AL6UTmiolyKdEuvO7

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

DROP PUBLICATION changes;
DROP POLICY readers ON shop.users;
ALTER TABLE shop.visits DROP CONSTRAINT visits_user_id_fkey;
DROP TRIGGER stamp ON shop.visits;
DROP RULE keep ON shop.happy;
CREATE OR REPLACE VIEW shop.counts AS
SELECT
    NULL::bigint AS id,
    NULL::shop.email AS email,
    NULL::bigint AS visits;
DROP INDEX shop.visits_note;
ALTER TABLE ONLY shop.visits_rest DROP CONSTRAINT visits_rest_pkey;
ALTER TABLE ONLY shop.visits_2024 DROP CONSTRAINT visits_2024_pkey;
ALTER TABLE ONLY shop.visits DROP CONSTRAINT visits_pkey;
ALTER TABLE ONLY shop.users DROP CONSTRAINT users_pkey;
ALTER TABLE ONLY shop.users DROP CONSTRAINT users_email_key;
DROP TABLE shop.visits_rest;
DROP TABLE shop.visits_2024;
DROP TABLE shop.visits;
DROP MATERIALIZED VIEW shop.totals;
DROP VIEW shop.happy;
DROP TABLE shop.users;
DROP SEQUENCE shop.tickets;
DROP VIEW shop.counts;
DROP AGGREGATE shop.first_of(bigint);
DROP FUNCTION shop.stamp();
DROP FUNCTION shop.notes(of_user bigint);
DROP PROCEDURE shop.forget(IN of_user bigint);
DROP FUNCTION shop.either(a bigint, b bigint);
DROP TYPE shop.pair;
DROP TYPE shop.mood;
DROP DOMAIN shop.email;
DROP EXTENSION pg_trgm;
DROP EXTENSION citext;
DROP SCHEMA shop;
-- *not* dropping schema, since initdb creates it
--
-- Name: public; Type: SCHEMA; Schema: -; Owner: dump_owner
--

-- *not* creating schema, since initdb creates it


ALTER SCHEMA public OWNER TO dump_owner;

--
-- Name: shop; Type: SCHEMA; Schema: -; Owner: dump_owner
--

CREATE SCHEMA shop;


ALTER SCHEMA shop OWNER TO dump_owner;

--
-- Name: SCHEMA shop; Type: COMMENT; Schema: -; Owner: dump_owner
--

COMMENT ON SCHEMA shop IS 'semicolons; and ''quotes''';


--
-- Name: citext; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;


--
-- Name: EXTENSION citext; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION citext IS 'data type for case-insensitive character strings';


--
-- Name: pg_trgm; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA pg_catalog;


--
-- Name: EXTENSION pg_trgm; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';


--
-- Name: email; Type: DOMAIN; Schema: shop; Owner: dump_owner
--

CREATE DOMAIN shop.email AS public.citext
	CONSTRAINT email_check CHECK ((VALUE OPERATOR(public.~) '@'::public.citext));


ALTER DOMAIN shop.email OWNER TO dump_owner;

--
-- Name: mood; Type: TYPE; Schema: shop; Owner: dump_owner
--

CREATE TYPE shop.mood AS ENUM (
    'sad',
    'o;k'
);


ALTER TYPE shop.mood OWNER TO dump_owner;

--
-- Name: pair; Type: TYPE; Schema: shop; Owner: dump_owner
--

CREATE TYPE shop.pair AS (
	a integer,
	b text
);


ALTER TYPE shop.pair OWNER TO dump_owner;

--
-- Name: either(bigint, bigint); Type: FUNCTION; Schema: shop; Owner: dump_owner
--

CREATE FUNCTION shop.either(a bigint, b bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    AS $$SELECT coalesce(a, b)$$;


ALTER FUNCTION shop.either(a bigint, b bigint) OWNER TO dump_owner;

--
-- Name: forget(bigint); Type: PROCEDURE; Schema: shop; Owner: dump_owner
--

CREATE PROCEDURE shop.forget(IN of_user bigint)
    LANGUAGE sql
    AS $$DELETE FROM shop.visits WHERE user_id = of_user$$;


ALTER PROCEDURE shop.forget(IN of_user bigint) OWNER TO dump_owner;

--
-- Name: notes(bigint); Type: FUNCTION; Schema: shop; Owner: dump_owner
--

CREATE FUNCTION shop.notes(of_user bigint) RETURNS TABLE(note text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    AS $_$
BEGIN
    -- A comment; with a semicolon, and $$ in it.
    RETURN QUERY SELECT v.note FROM shop.visits v WHERE v.user_id = $1;
END;
$_$;


ALTER FUNCTION shop.notes(of_user bigint) OWNER TO dump_owner;

--
-- Name: stamp(); Type: FUNCTION; Schema: shop; Owner: dump_owner
--

CREATE FUNCTION shop.stamp() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN NEW.note := coalesce(NEW.note, ''); RETURN NEW; END; $$;


ALTER FUNCTION shop.stamp() OWNER TO dump_owner;

--
-- Name: first_of(bigint); Type: AGGREGATE; Schema: shop; Owner: dump_owner
--

CREATE AGGREGATE shop.first_of(bigint) (
    SFUNC = shop.either,
    STYPE = bigint
);


ALTER AGGREGATE shop.first_of(bigint) OWNER TO dump_owner;

--
-- Name: counts; Type: VIEW; Schema: shop; Owner: dump_owner
--

CREATE VIEW shop.counts AS
SELECT
    NULL::bigint AS id,
    NULL::shop.email AS email,
    NULL::bigint AS visits;


ALTER TABLE shop.counts OWNER TO dump_owner;

--
-- Name: tickets; Type: SEQUENCE; Schema: shop; Owner: dump_owner
--

CREATE SEQUENCE shop.tickets
    START WITH 1000
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE shop.tickets OWNER TO dump_owner;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: users; Type: TABLE; Schema: shop; Owner: dump_owner
--

CREATE TABLE shop.users (
    id bigint NOT NULL,
    email shop.email NOT NULL,
    mood shop.mood DEFAULT 'o;k'::shop.mood,
    duo shop.pair,
    ticket bigint DEFAULT nextval('shop.tickets'::regclass) NOT NULL
);


ALTER TABLE shop.users OWNER TO dump_owner;

--
-- Name: COLUMN users.mood; Type: COMMENT; Schema: shop; Owner: dump_owner
--

COMMENT ON COLUMN shop.users.mood IS 'of today';


--
-- Name: happy; Type: VIEW; Schema: shop; Owner: dump_owner
--

CREATE VIEW shop.happy AS
 SELECT users.id,
    users.email
   FROM shop.users
  WHERE (users.mood = 'o;k'::shop.mood);


ALTER TABLE shop.happy OWNER TO dump_owner;

--
-- Name: totals; Type: MATERIALIZED VIEW; Schema: shop; Owner: dump_owner
--

CREATE MATERIALIZED VIEW shop.totals AS
 SELECT count(*) AS users
   FROM shop.users
  WITH NO DATA;


ALTER TABLE shop.totals OWNER TO dump_owner;

--
-- Name: users_id_seq; Type: SEQUENCE; Schema: shop; Owner: dump_owner
--

ALTER TABLE shop.users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME shop.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: visits; Type: TABLE; Schema: shop; Owner: dump_owner
--

CREATE TABLE shop.visits (
    user_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    note text
)
PARTITION BY RANGE (at);


ALTER TABLE shop.visits OWNER TO dump_owner;

--
-- Name: visits_2024; Type: TABLE; Schema: shop; Owner: dump_owner
--

CREATE TABLE shop.visits_2024 (
    user_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    note text
);


ALTER TABLE shop.visits_2024 OWNER TO dump_owner;

--
-- Name: visits_rest; Type: TABLE; Schema: shop; Owner: dump_owner
--

CREATE TABLE shop.visits_rest (
    user_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    note text
);


ALTER TABLE shop.visits_rest OWNER TO dump_owner;

--
-- Name: visits_2024; Type: TABLE ATTACH; Schema: shop; Owner: dump_owner
--

ALTER TABLE ONLY shop.visits ATTACH PARTITION shop.visits_2024 FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2025-01-01 00:00:00+00');


--
-- Name: visits_rest; Type: TABLE ATTACH; Schema: shop; Owner: dump_owner
--

ALTER TABLE ONLY shop.visits ATTACH PARTITION shop.visits_rest DEFAULT;


--
-- Data for Name: users; Type: TABLE DATA; Schema: shop; Owner: dump_owner
--

COPY shop.users (id, email, mood, duo, ticket) FROM stdin;
1	a@b;c	o;k	(1,x;y)	1000
\.


--
-- Data for Name: visits_2024; Type: TABLE DATA; Schema: shop; Owner: dump_owner
--

COPY shop.visits_2024 (user_id, at, note) FROM stdin;
1	2024-02-03 00:00:00+00	back\\slash\tand tab; \\.
\.


--
-- Data for Name: visits_rest; Type: TABLE DATA; Schema: shop; Owner: dump_owner
--

COPY shop.visits_rest (user_id, at, note) FROM stdin;
1	2030-01-01 00:00:00+00	
\.


--
-- Name: tickets; Type: SEQUENCE SET; Schema: shop; Owner: dump_owner
--

SELECT pg_catalog.setval('shop.tickets', 1000, true);


--
-- Name: users_id_seq; Type: SEQUENCE SET; Schema: shop; Owner: dump_owner
--

SELECT pg_catalog.setval('shop.users_id_seq', 1, true);


--
-- Name: users users_email_key; Type: CONSTRAINT; Schema: shop; Owner: dump_owner
--

ALTER TABLE ONLY shop.users
    ADD CONSTRAINT users_email_key UNIQUE (email);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: shop; Owner: dump_owner
--

ALTER TABLE ONLY shop.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);


--
-- Name: visits visits_pkey; Type: CONSTRAINT; Schema: shop; Owner: dump_owner
--

ALTER TABLE ONLY shop.visits
    ADD CONSTRAINT visits_pkey PRIMARY KEY (user_id, at);


--
-- Name: visits_2024 visits_2024_pkey; Type: CONSTRAINT; Schema: shop; Owner: dump_owner
--

ALTER TABLE ONLY shop.visits_2024
    ADD CONSTRAINT visits_2024_pkey PRIMARY KEY (user_id, at);


--
-- Name: visits_rest visits_rest_pkey; Type: CONSTRAINT; Schema: shop; Owner: dump_owner
--

ALTER TABLE ONLY shop.visits_rest
    ADD CONSTRAINT visits_rest_pkey PRIMARY KEY (user_id, at);


--
-- Name: visits_note; Type: INDEX; Schema: shop; Owner: dump_owner
--

CREATE INDEX visits_note ON ONLY shop.visits USING gin (note gin_trgm_ops);


--
-- Name: visits_2024_note_idx; Type: INDEX; Schema: shop; Owner: dump_owner
--

CREATE INDEX visits_2024_note_idx ON shop.visits_2024 USING gin (note gin_trgm_ops);


--
-- Name: visits_rest_note_idx; Type: INDEX; Schema: shop; Owner: dump_owner
--

CREATE INDEX visits_rest_note_idx ON shop.visits_rest USING gin (note gin_trgm_ops);


--
-- Name: visits_2024_note_idx; Type: INDEX ATTACH; Schema: shop; Owner: dump_owner
--

ALTER INDEX shop.visits_note ATTACH PARTITION shop.visits_2024_note_idx;


--
-- Name: visits_2024_pkey; Type: INDEX ATTACH; Schema: shop; Owner: dump_owner
--

ALTER INDEX shop.visits_pkey ATTACH PARTITION shop.visits_2024_pkey;


--
-- Name: visits_rest_note_idx; Type: INDEX ATTACH; Schema: shop; Owner: dump_owner
--

ALTER INDEX shop.visits_note ATTACH PARTITION shop.visits_rest_note_idx;


--
-- Name: visits_rest_pkey; Type: INDEX ATTACH; Schema: shop; Owner: dump_owner
--

ALTER INDEX shop.visits_pkey ATTACH PARTITION shop.visits_rest_pkey;


--
-- Name: counts _RETURN; Type: RULE; Schema: shop; Owner: dump_owner
--

CREATE OR REPLACE VIEW shop.counts AS
 SELECT u.id,
    u.email,
    count(v.at) AS visits
   FROM (shop.users u
     LEFT JOIN shop.visits v ON ((v.user_id = u.id)))
  GROUP BY u.id;


--
-- Name: happy keep; Type: RULE; Schema: shop; Owner: dump_owner
--

CREATE RULE keep AS
    ON DELETE TO shop.happy DO INSTEAD ( UPDATE shop.users SET mood = 'sad'::shop.mood
  WHERE (users.id = old.id);
 SELECT 1 AS "?column?";
);


--
-- Name: visits stamp; Type: TRIGGER; Schema: shop; Owner: dump_owner
--

CREATE TRIGGER stamp BEFORE INSERT ON shop.visits FOR EACH ROW EXECUTE FUNCTION shop.stamp();


--
-- Name: visits visits_user_id_fkey; Type: FK CONSTRAINT; Schema: shop; Owner: dump_owner
--

ALTER TABLE shop.visits
    ADD CONSTRAINT visits_user_id_fkey FOREIGN KEY (user_id) REFERENCES shop.users(id);


--
-- Name: users readers; Type: POLICY; Schema: shop; Owner: dump_owner
--

CREATE POLICY readers ON shop.users FOR SELECT TO "dump reader" USING (true);


--
-- Name: users; Type: ROW SECURITY; Schema: shop; Owner: dump_owner
--

ALTER TABLE shop.users ENABLE ROW LEVEL SECURITY;

--
-- Name: changes; Type: PUBLICATION; Schema: -; Owner: postgres
--

CREATE PUBLICATION changes WITH (publish = 'insert, update, delete, truncate');


ALTER PUBLICATION changes OWNER TO postgres;

--
-- Name: changes users; Type: PUBLICATION TABLE; Schema: shop; Owner: postgres
--

ALTER PUBLICATION changes ADD TABLE ONLY shop.users;


--
-- Name: SCHEMA shop; Type: ACL; Schema: -; Owner: dump_owner
--

GRANT USAGE ON SCHEMA shop TO "dump reader";


--
-- Name: FUNCTION notes(of_user bigint); Type: ACL; Schema: shop; Owner: dump_owner
--

GRANT ALL ON FUNCTION shop.notes(of_user bigint) TO dump_writer;


--
-- Name: SEQUENCE tickets; Type: ACL; Schema: shop; Owner: dump_owner
--

GRANT ALL ON SEQUENCE shop.tickets TO dump_writer;


--
-- Name: COLUMN users.id; Type: ACL; Schema: shop; Owner: dump_owner
--

GRANT SELECT(id) ON TABLE shop.users TO "dump reader" WITH GRANT OPTION;


--
-- Name: COLUMN users.email; Type: ACL; Schema: shop; Owner: dump_owner
--

GRANT SELECT(email) ON TABLE shop.users TO "dump reader" WITH GRANT OPTION;


--
-- Name: COLUMN users.mood; Type: ACL; Schema: shop; Owner: dump_owner
--

GRANT UPDATE(mood) ON TABLE shop.users TO "dump reader" WITH GRANT OPTION;


--
-- Name: DEFAULT PRIVILEGES FOR TABLES; Type: DEFAULT ACL; Schema: shop; Owner: dump_owner
--

ALTER DEFAULT PRIVILEGES FOR ROLE dump_owner IN SCHEMA shop GRANT SELECT ON TABLES  TO "dump reader";


--
-- Name: totals; Type: MATERIALIZED VIEW DATA; Schema: shop; Owner: dump_owner
--

REFRESH MATERIALIZED VIEW shop.totals;


--
-- PostgreSQL database dump complete
--

\unrestrict tWVsdTACdp6LSSdmxGiNBEg58bjyNw7LMWajrIEfmJhGI4AL6UTmiolyKdEuvO7


--
-- PostgreSQL database dump
--

\restrict 6WFUdcHdRQ0XhYPYneRb5zdGWy5huJpO3dkKNfpC5tnGjqYLesXn2Kyac5wpCiq

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

--
-- Name: public; Type: SCHEMA; Schema: -; Owner: -
--

-- *not* creating schema, since initdb creates it


--
-- Name: shop; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA shop;


--
-- Name: SCHEMA shop; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA shop IS 'semicolons; and ''quotes''';


--
-- Name: citext; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;


--
-- Name: EXTENSION citext; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON EXTENSION citext IS 'data type for case-insensitive character strings';


--
-- Name: pg_trgm; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA pg_catalog;


--
-- Name: EXTENSION pg_trgm; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';


--
-- Name: email; Type: DOMAIN; Schema: shop; Owner: -
--

CREATE DOMAIN shop.email AS public.citext
	CONSTRAINT email_check CHECK ((VALUE OPERATOR(public.~) '@'::public.citext));


--
-- Name: mood; Type: TYPE; Schema: shop; Owner: -
--

CREATE TYPE shop.mood AS ENUM (
    'sad',
    'o;k'
);


--
-- Name: pair; Type: TYPE; Schema: shop; Owner: -
--

CREATE TYPE shop.pair AS (
	a integer,
	b text
);


--
-- Name: either(bigint, bigint); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.either(a bigint, b bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    AS $$SELECT coalesce(a, b)$$;


--
-- Name: forget(bigint); Type: PROCEDURE; Schema: shop; Owner: -
--

CREATE PROCEDURE shop.forget(IN of_user bigint)
    LANGUAGE sql
    AS $$DELETE FROM shop.visits WHERE user_id = of_user$$;


--
-- Name: notes(bigint); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.notes(of_user bigint) RETURNS TABLE(note text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    AS $_$
BEGIN
    -- A comment; with a semicolon, and $$ in it.
    RETURN QUERY SELECT v.note FROM shop.visits v WHERE v.user_id = $1;
END;
$_$;


--
-- Name: stamp(); Type: FUNCTION; Schema: shop; Owner: -
--

CREATE FUNCTION shop.stamp() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN NEW.note := coalesce(NEW.note, ''); RETURN NEW; END; $$;


--
-- Name: first_of(bigint); Type: AGGREGATE; Schema: shop; Owner: -
--

CREATE AGGREGATE shop.first_of(bigint) (
    SFUNC = shop.either,
    STYPE = bigint
);


--
-- Name: counts; Type: VIEW; Schema: shop; Owner: -
--

CREATE VIEW shop.counts AS
SELECT
    NULL::bigint AS id,
    NULL::shop.email AS email,
    NULL::bigint AS visits;


--
-- Name: tickets; Type: SEQUENCE; Schema: shop; Owner: -
--

CREATE SEQUENCE shop.tickets
    START WITH 1000
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: users; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.users (
    id bigint NOT NULL,
    email shop.email NOT NULL,
    mood shop.mood DEFAULT 'o;k'::shop.mood,
    duo shop.pair,
    ticket bigint DEFAULT nextval('shop.tickets'::regclass) NOT NULL
);


--
-- Name: COLUMN users.mood; Type: COMMENT; Schema: shop; Owner: -
--

COMMENT ON COLUMN shop.users.mood IS 'of today';


--
-- Name: happy; Type: VIEW; Schema: shop; Owner: -
--

CREATE VIEW shop.happy AS
 SELECT users.id,
    users.email
   FROM shop.users
  WHERE (users.mood = 'o;k'::shop.mood);


--
-- Name: totals; Type: MATERIALIZED VIEW; Schema: shop; Owner: -
--

CREATE MATERIALIZED VIEW shop.totals AS
 SELECT count(*) AS users
   FROM shop.users
  WITH NO DATA;


--
-- Name: users_id_seq; Type: SEQUENCE; Schema: shop; Owner: -
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
-- Name: visits; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.visits (
    user_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    note text
)
PARTITION BY RANGE (at);


--
-- Name: visits_2024; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.visits_2024 (
    user_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    note text
);


--
-- Name: visits_rest; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.visits_rest (
    user_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    note text
);


--
-- Name: visits_2024; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.visits ATTACH PARTITION shop.visits_2024 FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2025-01-01 00:00:00+00');


--
-- Name: visits_rest; Type: TABLE ATTACH; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.visits ATTACH PARTITION shop.visits_rest DEFAULT;


--
-- Name: users users_email_key; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.users
    ADD CONSTRAINT users_email_key UNIQUE (email);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);


--
-- Name: visits visits_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.visits
    ADD CONSTRAINT visits_pkey PRIMARY KEY (user_id, at);


--
-- Name: visits_2024 visits_2024_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.visits_2024
    ADD CONSTRAINT visits_2024_pkey PRIMARY KEY (user_id, at);


--
-- Name: visits_rest visits_rest_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.visits_rest
    ADD CONSTRAINT visits_rest_pkey PRIMARY KEY (user_id, at);


--
-- Name: visits_note; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX visits_note ON ONLY shop.visits USING gin (note gin_trgm_ops);


--
-- Name: visits_2024_note_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX visits_2024_note_idx ON shop.visits_2024 USING gin (note gin_trgm_ops);


--
-- Name: visits_rest_note_idx; Type: INDEX; Schema: shop; Owner: -
--

CREATE INDEX visits_rest_note_idx ON shop.visits_rest USING gin (note gin_trgm_ops);


--
-- Name: visits_2024_note_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.visits_note ATTACH PARTITION shop.visits_2024_note_idx;


--
-- Name: visits_2024_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.visits_pkey ATTACH PARTITION shop.visits_2024_pkey;


--
-- Name: visits_rest_note_idx; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.visits_note ATTACH PARTITION shop.visits_rest_note_idx;


--
-- Name: visits_rest_pkey; Type: INDEX ATTACH; Schema: shop; Owner: -
--

ALTER INDEX shop.visits_pkey ATTACH PARTITION shop.visits_rest_pkey;


--
-- Name: counts _RETURN; Type: RULE; Schema: shop; Owner: -
--

CREATE OR REPLACE VIEW shop.counts AS
 SELECT u.id,
    u.email,
    count(v.at) AS visits
   FROM (shop.users u
     LEFT JOIN shop.visits v ON ((v.user_id = u.id)))
  GROUP BY u.id;


--
-- Name: happy keep; Type: RULE; Schema: shop; Owner: -
--

CREATE RULE keep AS
    ON DELETE TO shop.happy DO INSTEAD ( UPDATE shop.users SET mood = 'sad'::shop.mood
  WHERE (users.id = old.id);
 SELECT 1 AS "?column?";
);


--
-- Name: visits stamp; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER stamp BEFORE INSERT ON shop.visits FOR EACH ROW EXECUTE FUNCTION shop.stamp();


--
-- Name: visits visits_user_id_fkey; Type: FK CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE shop.visits
    ADD CONSTRAINT visits_user_id_fkey FOREIGN KEY (user_id) REFERENCES shop.users(id);


--
-- Name: users readers; Type: POLICY; Schema: shop; Owner: -
--

CREATE POLICY readers ON shop.users FOR SELECT TO "dump reader" USING (true);


--
-- Name: users; Type: ROW SECURITY; Schema: shop; Owner: -
--

ALTER TABLE shop.users ENABLE ROW LEVEL SECURITY;

--
-- Name: changes; Type: PUBLICATION; Schema: -; Owner: -
--

CREATE PUBLICATION changes WITH (publish = 'insert, update, delete, truncate');


--
-- Name: changes users; Type: PUBLICATION TABLE; Schema: shop; Owner: -
--

ALTER PUBLICATION changes ADD TABLE ONLY shop.users;


--
-- PostgreSQL database dump complete
--

\unrestrict 6WFUdcHdRQ0XhYPYneRb5zdGWy5huJpO3dkKNfpC5tnGjqYLesXn2Kyac5wpCiq


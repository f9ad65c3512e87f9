--
-- PostgreSQL database dump
--

\restrict abc'def

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;

CREATE TABLE public.cities (
    id bigint NOT NULL,
    name text
);

ALTER TABLE public.cities OWNER TO somebody;

COPY public.cities (id, name) FROM stdin;
1	O'Hara; "quoted"
2	\N
\.

ALTER TABLE ONLY public.cities
    ADD CONSTRAINT cities_pkey PRIMARY KEY (id);

GRANT SELECT ON TABLE public.cities TO reader;

\unrestrict abc'def

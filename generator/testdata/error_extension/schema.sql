CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;

CREATE TABLE items (id bigint, embedding vector(3));

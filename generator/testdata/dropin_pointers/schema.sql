CREATE TYPE mood AS ENUM ('happy', 'so-so', '');
CREATE TYPE pair AS (low int4, high int4);
CREATE TABLE hollow (
    id       int8 PRIMARY KEY,
    flag     bool,
    small    int2,
    whole    int4,
    huge     int8,
    ratio    float8,
    word     text,
    code     char(2),
    host     inet,
    net      cidr,
    mac      macaddr,
    object   oid,
    doc      jsonb,
    at       timestamptz,
    day      date,
    key      uuid,
    mood     mood,
    pair     pair,
    words    text[],
    span     int4range
);

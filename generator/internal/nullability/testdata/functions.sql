-- Calls functions with typical and extreme values of their argument types.

CREATE TYPE mood AS ENUM ('sad', 'fine', 'happy');
CREATE SEQUENCE counter;
SELECT nextval('counter');

CREATE TABLE samples (typ regtype NOT NULL, literal text);
CREATE FUNCTION add_samples(type_name text, literals text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    l text;
BEGIN
    FOREACH l IN ARRAY literals LOOP
        -- Older servers lack some types, and infinite numerics and intervals.
        BEGIN
            EXECUTE format('SELECT %L::%s', l, type_name);
            EXECUTE format('INSERT INTO samples VALUES (%L::regtype, %L)', type_name, l);
        EXCEPTION WHEN others THEN
            RAISE DEBUG 'no % as %', l, type_name;
        END;
    END LOOP;
END $$;

SELECT add_samples(t, l) FROM (VALUES
    ('bool', ARRAY['true', 'false']),
    ('int2', ARRAY['0', '1', '-1', '32767', '-32768', '2']),
    ('int4', ARRAY['0', '1', '-1', '2147483647', '-2147483648', '2', '100']),
    ('int8', ARRAY['0', '1', '-1', '9223372036854775807', '-9223372036854775808', '2']),
    ('float4', ARRAY['0', '1', '-1', 'NaN', 'Infinity', '-Infinity', '1e-30', '-0']),
    ('float8', ARRAY['0', '1', '-1', 'NaN', 'Infinity', '-Infinity', '1e-300', '-0', '0.5']),
    ('numeric', ARRAY['0', '1', '-1', 'NaN', 'Infinity', '-Infinity', '1e30', '-1.5', '0.0001', '0.5']),
    ('text', ARRAY['', 'a', 'A b', '%', '\', '1', '{}', 'a,b', '(', 'YYYY', 'UTC', 'hour', 'C', 'base64', '(.)(x)?', '1 day', 'day', 'UTF8', 'NFC', '[)', '2020-01-01', 'pg_class', 'search_path', '1 kB', '$.a', 'i']),
    ('varchar', ARRAY['', 'a', '1']),
    ('bpchar', ARRAY['', 'a', '1']),
    ('name', ARRAY['', 'a', 'UTF8', 'SQL_ASCII']),
    ('"char"', ARRAY['', 'a', '1']),
    ('bytea', ARRAY['', '\x00', '\xff01', 'abc', '\x0001']),
    ('date', ARRAY['2020-02-29', 'infinity', '-infinity', '0001-01-01 BC', '1970-01-01']),
    ('time', ARRAY['00:00', '24:00', '12:34:56.789']),
    ('timetz', ARRAY['00:00+00', '24:00-12', '12:34:56.789+05']),
    ('timestamp', ARRAY['2020-02-29 12:00', 'infinity', '-infinity', '0001-01-01 BC']),
    ('timestamptz', ARRAY['2020-02-29 12:00Z', 'infinity', '-infinity', '0001-01-01 BC']),
    ('interval', ARRAY['0', '1 day', '-1 mon 3 days', '100 years', '00:00:00.000001', 'infinity', '-infinity']),
    ('uuid', ARRAY['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '019535d9-3df7-79fb-b466-fa907fa17f9e']),
    ('json', ARRAY['null', '1', '"a"', '{}', '[]', '{"a": null, "b": [1, null]}', '[1, [2], {"x": 1}]']),
    ('jsonb', ARRAY['null', '1', '"a"', '{}', '[]', '{"a": null, "b": [1, null]}', '[1, [2], {"x": 1}]', 'true', '["string", "numeric"]']),
    ('jsonpath', ARRAY['$', '$.a', 'strict $.zz', '$ ? (@ > 1)']),
    ('inet', ARRAY['0.0.0.0/0', '192.168.1.5/24', '::1', '::/0', '255.255.255.255']),
    ('cidr', ARRAY['0.0.0.0/0', '10.0.0.0/8', '::1/128']),
    ('macaddr', ARRAY['00:00:00:00:00:00', '08:00:2b:01:02:03']),
    ('macaddr8', ARRAY['00:00:00:ff:fe:00:00:00', '08:00:2b:01:02:03:04:05']),
    ('money', ARRAY['0', '1', '-1.5']),
    ('bit', ARRAY['0', '1']),
    ('varbit', ARRAY['', '0', '101']),
    ('oid', ARRAY['0', '1', '1259']),
    ('regclass', ARRAY['counter', 'pg_class']),
    ('regconfig', ARRAY['simple', 'english']),
    ('tid', ARRAY['(0,0)', '(1,1)']),
    ('xid', ARRAY['1', '5']),
    ('xid8', ARRAY['1', '5']),
    ('cid', ARRAY['0']),
    ('tsvector', ARRAY['', 'a:1A b:2', 'a']),
    ('tsquery', ARRAY['', 'a', 'a & !b', 'a <-> b']),
    ('pg_lsn', ARRAY['0/0', '1/1', 'FFFFFFFF/FFFFFFFF']),
    ('xml', ARRAY['<a/>', '<a b="1">x</a>']),
    ('point', ARRAY['(0,0)', '(1,1)', '(NaN,0)', '(Infinity,0)']),
    ('int4range', ARRAY['empty', '[1,5)', '(,)', '[1,)', '(,3]', '[7,9)']),
    ('int8range', ARRAY['empty', '[1,5)', '(,)']),
    ('numrange', ARRAY['empty', '[1,5)', '(,)', '[NaN,NaN]']),
    ('daterange', ARRAY['empty', '[2020-01-01,2020-02-01)', '(,)']),
    ('tsrange', ARRAY['empty', '[2020-01-01,2020-02-01)', '(,)']),
    ('tstzrange', ARRAY['empty', '[2020-01-01,2020-02-01)', '(,)', '[infinity,infinity]']),
    ('int4multirange', ARRAY['{}', '{[1,5)}', '{(,)}', '{[1,2),[5,6)}']),
    ('int8multirange', ARRAY['{}', '{[1,5)}']),
    ('nummultirange', ARRAY['{}', '{[1,5)}', '{(,)}']),
    ('datemultirange', ARRAY['{}', '{(,)}']),
    ('tsmultirange', ARRAY['{}', '{(,)}']),
    ('tstzmultirange', ARRAY['{}', '{(,)}']),
    ('int4range[]', ARRAY['{}', '{"[1,2)",empty}']),
    ('int8range[]', ARRAY['{}', '{"[1,2)",empty}']),
    ('numrange[]', ARRAY['{}', '{"[1,2)",empty}']),
    ('daterange[]', ARRAY['{}', '{empty}']),
    ('tsrange[]', ARRAY['{}', '{empty}']),
    ('tstzrange[]', ARRAY['{}', '{empty}']),
    ('int2[]', ARRAY['{}', '{1}']),
    ('int4[]', ARRAY['{}', '{1}', '{1,2,3}', '{{1,2},{3,4}}', '[0:1]={5,6}', '{1,NULL}']),
    ('int8[]', ARRAY['{}', '{1,2}']),
    ('float4[]', ARRAY['{0,0,0,0}', '{1,1,1,1}']),
    ('float8[]', ARRAY['{}', '{0.5}']),
    ('text[]', ARRAY['{}', '{a}', '{a,b}', '{{a,b},{c,d}}', '{a,NULL}', '{x,NULL,y,1}']),
    ('"char"[]', ARRAY['{}', '{a}']),
    ('oidvector', ARRAY['', '1 2']),
    ('mood', ARRAY['sad', 'happy'])
) v (t, l);

-- What polymorphic arguments stand for, in two ways.
CREATE FUNCTION concrete(args oid[], way int) RETURNS text[] LANGUAGE sql AS $$
    SELECT coalesce(array_agg(CASE format_type(a, NULL)
        WHEN 'anyelement' THEN CASE way WHEN 0 THEN 'integer' ELSE 'text' END
        WHEN 'anycompatible' THEN CASE way WHEN 0 THEN 'integer' ELSE 'text' END
        WHEN 'anynonarray' THEN 'integer'
        WHEN 'anyarray' THEN CASE way WHEN 0 THEN 'integer[]' ELSE 'text[]' END
        WHEN 'anycompatiblearray' THEN CASE way WHEN 0 THEN 'integer[]' ELSE 'text[]' END
        WHEN 'anyrange' THEN 'int4range'
        WHEN 'anymultirange' THEN 'int4multirange'
        WHEN '"any"' THEN 'text'
        WHEN 'anyenum' THEN 'mood'
        WHEN 'record' THEN 'record'
        ELSE format_type(a, NULL) END ORDER BY n), '{}')
    FROM unnest(args) WITH ORDINALITY u (a, n)
$$;

-- The arguments of a call, among them NULL where nulls says so. Of many
-- combinations a part is taken, always the same.
CREATE FUNCTION combinations(types text[], nulls boolean[]) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    out text[] := ARRAY[''];
BEGIN
    FOR i IN 1 .. coalesce(array_length(types, 1), 0) LOOP
        SELECT array_agg(x) INTO out FROM (
            SELECT b || CASE WHEN i > 1 THEN ', ' ELSE '' END || s AS x
            FROM unnest(out) b, (
                SELECT quote_literal(literal) || '::' || types[i] AS s FROM samples
                WHERE types[i] <> 'record' AND typ = to_regtype(types[i])
                UNION ALL SELECT 'NULL::' || types[i] WHERE nulls[i]
                UNION ALL SELECT 'ROW(1, NULL::text)' WHERE types[i] = 'record'
            ) l
            ORDER BY md5(b || s) LIMIT 120
        ) z;
    END LOOP;
    RETURN out;
END $$;

CREATE FUNCTION try(f oid, nulls boolean[], OUT ok int, OUT null_for text) LANGUAGE plpgsql AS $$
DECLARE
    types oid[] := (SELECT ARRAY(SELECT unnest(proargtypes)) FROM pg_proc WHERE oid = f);
    args text;
    is_null boolean;
BEGIN
    ok := 0;
    IF (SELECT provariadic FROM pg_proc WHERE oid = f) = '"any"'::regtype THEN
        types := types || types[array_upper(types, 1)];
        nulls := nulls || nulls[array_upper(nulls, 1)];
    END IF;
    FOR way IN 0 .. 1 LOOP
        FOREACH args IN ARRAY coalesce(combinations(concrete(types, way), nulls), '{}') LOOP
            BEGIN
                EXECUTE format('SELECT (%s IS NULL)', (
                    SELECT format('pg_catalog.%I(%s%s)', proname,
                        CASE WHEN provariadic NOT IN (0, '"any"'::regtype) THEN regexp_replace(args, '(.*)(''[^'']*''::[a-z0-9_ ]+\[\])$', '\1VARIADIC \2') ELSE args END, '')
                    FROM pg_proc WHERE oid = f)) INTO is_null;
                ok := ok + 1;
                IF is_null THEN
                    null_for := args;
                END IF;
            EXCEPTION WHEN others THEN
                RAISE DEBUG '%', sqlerrm;
            END;
        END LOOP;
    END LOOP;
END $$;

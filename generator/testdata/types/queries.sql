-- name: ListEverything :many
SELECT * FROM everything;

-- name: CopyEverything :copyfrom
INSERT INTO everything (
    a_bool, n_bool, a_int2, n_int2, a_int4, n_int4, a_int8, n_int8,
    a_oid, n_oid, a_float4, n_float4, a_float8, n_float8, a_text, n_text,
    a_varchar, n_varchar, a_bpchar, n_bpchar, a_name, n_name, a_char, n_char,
    a_citext, n_citext, a_xml, n_xml, a_ltree, n_ltree, a_tsvector, n_tsvector,
    a_money, n_money, a_timetz, n_timetz, a_pg_lsn, n_pg_lsn, a_regclass, n_regclass,
    a_macaddr8, n_macaddr8, a_jsonpath, n_jsonpath, a_bytea, n_bytea, a_json, n_json,
    a_jsonb, n_jsonb, a_uuid, n_uuid, a_numeric, n_numeric, a_interval, n_interval,
    a_time, n_time, a_bit, n_bit, a_varbit, n_varbit, a_point, n_point,
    a_line, n_line, a_lseg, n_lseg, a_box, n_box, a_path, n_path,
    a_polygon, n_polygon, a_circle, n_circle, a_hstore, n_hstore, a_timestamptz, n_timestamptz,
    a_timestamp, n_timestamp, a_date, n_date, a_inet, n_inet, a_cidr, n_cidr,
    a_macaddr, n_macaddr, a_int4range, n_int4range, a_int8range, n_int8range, a_numrange, n_numrange,
    a_tsrange, n_tsrange, a_tstzrange, n_tstzrange, a_daterange, n_daterange, a_float_range, n_float_range,
    a_mood, n_mood, a_positive, n_positive, a_required, a_thing, n_thing
) VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
    $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28,
    $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42,
    $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56,
    $57, $58, $59, $60, $61, $62, $63, $64, $65, $66, $67, $68, $69, $70,
    $71, $72, $73, $74, $75, $76, $77, $78, $79, $80, $81, $82, $83, $84,
    $85, $86, $87, $88, $89, $90, $91, $92, $93, $94, $95, $96, $97, $98,
    $99, $100, $101, $102, $103, $104, $105, $106, $107, $108, $109, $110, $111
);

-- name: InsertEverything :exec
INSERT INTO everything (
    a_bool, n_bool, a_int2, n_int2, a_int4, n_int4, a_int8, n_int8,
    a_oid, n_oid, a_float4, n_float4, a_float8, n_float8, a_text, n_text,
    a_varchar, n_varchar, a_bpchar, n_bpchar, a_name, n_name, a_char, n_char,
    a_citext, n_citext, a_xml, n_xml, a_ltree, n_ltree, a_tsvector, n_tsvector,
    a_money, n_money, a_timetz, n_timetz, a_pg_lsn, n_pg_lsn, a_regclass, n_regclass,
    a_macaddr8, n_macaddr8, a_jsonpath, n_jsonpath, a_bytea, n_bytea, a_json, n_json,
    a_jsonb, n_jsonb, a_uuid, n_uuid, a_numeric, n_numeric, a_interval, n_interval,
    a_time, n_time, a_bit, n_bit, a_varbit, n_varbit, a_point, n_point,
    a_line, n_line, a_lseg, n_lseg, a_box, n_box, a_path, n_path,
    a_polygon, n_polygon, a_circle, n_circle, a_hstore, n_hstore, a_timestamptz, n_timestamptz,
    a_timestamp, n_timestamp, a_date, n_date, a_inet, n_inet, a_cidr, n_cidr,
    a_macaddr, n_macaddr, a_int4range, n_int4range, a_int8range, n_int8range, a_numrange, n_numrange,
    a_tsrange, n_tsrange, a_tstzrange, n_tstzrange, a_daterange, n_daterange, a_float_range, n_float_range,
    a_mood, n_mood, a_positive, n_positive, a_required, a_thing, n_thing
) VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
    $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28,
    $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42,
    $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56,
    $57, $58, $59, $60, $61, $62, $63, $64, $65, $66, $67, $68, $69, $70,
    $71, $72, $73, $74, $75, $76, $77, $78, $79, $80, $81, $82, $83, $84,
    $85, $86, $87, $88, $89, $90, $91, $92, $93, $94, $95, $96, $97, $98,
    $99, $100, $101, $102, $103, $104, $105, $106, $107, $108, $109, $110, $111
);

-- name: BatchEverything :batchexec
INSERT INTO everything (
    a_bool, n_bool, a_int2, n_int2, a_int4, n_int4, a_int8, n_int8,
    a_oid, n_oid, a_float4, n_float4, a_float8, n_float8, a_text, n_text,
    a_varchar, n_varchar, a_bpchar, n_bpchar, a_name, n_name, a_char, n_char,
    a_citext, n_citext, a_xml, n_xml, a_ltree, n_ltree, a_tsvector, n_tsvector,
    a_money, n_money, a_timetz, n_timetz, a_pg_lsn, n_pg_lsn, a_regclass, n_regclass,
    a_macaddr8, n_macaddr8, a_jsonpath, n_jsonpath, a_bytea, n_bytea, a_json, n_json,
    a_jsonb, n_jsonb, a_uuid, n_uuid, a_numeric, n_numeric, a_interval, n_interval,
    a_time, n_time, a_bit, n_bit, a_varbit, n_varbit, a_point, n_point,
    a_line, n_line, a_lseg, n_lseg, a_box, n_box, a_path, n_path,
    a_polygon, n_polygon, a_circle, n_circle, a_hstore, n_hstore, a_timestamptz, n_timestamptz,
    a_timestamp, n_timestamp, a_date, n_date, a_inet, n_inet, a_cidr, n_cidr,
    a_macaddr, n_macaddr, a_int4range, n_int4range, a_int8range, n_int8range, a_numrange, n_numrange,
    a_tsrange, n_tsrange, a_tstzrange, n_tstzrange, a_daterange, n_daterange, a_float_range, n_float_range,
    a_mood, n_mood, a_positive, n_positive, a_required, a_thing, n_thing
) VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
    $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28,
    $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42,
    $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56,
    $57, $58, $59, $60, $61, $62, $63, $64, $65, $66, $67, $68, $69, $70,
    $71, $72, $73, $74, $75, $76, $77, $78, $79, $80, $81, $82, $83, $84,
    $85, $86, $87, $88, $89, $90, $91, $92, $93, $94, $95, $96, $97, $98,
    $99, $100, $101, $102, $103, $104, $105, $106, $107, $108, $109, $110, $111
);

-- name: InsertSome :exec
INSERT INTO everything (a_date, n_date, a_timestamp, n_timestamp, a_jsonb, n_jsonb, a_bytea, n_bytea, a_mood, n_mood, a_thing, n_thing,
    a_int4range, n_int4range, a_float_range, n_float_range, a_inet, n_inet, a_hstore, n_hstore, a_positive, n_positive, a_required)
VALUES (@a_date, @n_date, @a_timestamp, @n_timestamp, @a_jsonb, @n_jsonb, @a_bytea, @n_bytea, @a_mood, @n_mood, @a_thing, @n_thing,
    @a_int4range, @n_int4range, @a_float_range, @n_float_range, @a_inet, @n_inet, @a_hstore, @n_hstore, @a_positive, @n_positive, @a_required);

-- name: WholeRow :many
SELECT e FROM everything e WHERE a_int4 = $1;

-- name: Thing :many
SELECT (a_thing).label, (a_thing).at AS place, ((a_thing).at).x FROM everything;

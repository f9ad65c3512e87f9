package nullability

// setFunctions are the set-returning functions of PostgreSQL's own that have
// columns which are never NULL. unnest is missing: its elements decide.
var setFunctions = [...]setFunction{
	{builtin{938, "generate_series(timestamp without time zone,timestamp without time zone,interval)"}, 1},
	{builtin{939, "generate_series(timestamp with time zone,timestamp with time zone,interval)"}, 1},
	{builtin{1066, "generate_series(integer,integer,integer)"}, 1},
	{builtin{1067, "generate_series(integer,integer)"}, 1},
	{builtin{1068, "generate_series(bigint,bigint,bigint)"}, 1},
	{builtin{1069, "generate_series(bigint,bigint)"}, 1},
	{builtin{1191, "generate_subscripts(anyarray,integer,boolean)"}, 1},
	{builtin{1192, "generate_subscripts(anyarray,integer)"}, 1},
	{builtin{2763, "regexp_matches(text,text)"}, 1},
	{builtin{2764, "regexp_matches(text,text,text)"}, 1},
	{builtin{2765, "regexp_split_to_table(text,text)"}, 1},
	{builtin{2766, "regexp_split_to_table(text,text,text)"}, 1},
	// key and value: a JSON null is a value.
	{builtin{3208, "jsonb_each(jsonb)"}, 1 | 2},
	{builtin{3219, "jsonb_array_elements(jsonb)"}, 1},
	{builtin{3259, "generate_series(numeric,numeric,numeric)"}, 1},
	{builtin{3260, "generate_series(numeric,numeric)"}, 1},
	{builtin{3322, "unnest(tsvector)"}, 1},
	{builtin{3931, "jsonb_object_keys(jsonb)"}, 1},
	// The value is NULL for a JSON null.
	{builtin{3932, "jsonb_each_text(jsonb)"}, 1},
	{builtin{3955, "json_array_elements(json)"}, 1},
	{builtin{3957, "json_object_keys(json)"}, 1},
	{builtin{3958, "json_each(json)"}, 1 | 2},
	{builtin{3959, "json_each_text(json)"}, 1},
	{builtin{4006, "jsonb_path_query(jsonb,jsonpath,jsonb,boolean)"}, 1},
	{builtin{6160, "string_to_table(text,text)"}, 1},
	{builtin{6274, "generate_series(timestamp with time zone,timestamp with time zone,interval,text)"}, 1},
}

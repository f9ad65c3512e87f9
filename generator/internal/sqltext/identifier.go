package sqltext

import "strings"

// quotedWords are the words that quote_ident quotes: all that pg_get_keywords()
// of PostgreSQL 13 to 18 lists with another category than unreserved.
var quotedWords = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`
		all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean
		both case cast char character check coalesce collate collation column concurrently constraint
		create cross current_catalog current_date current_role current_schema current_time
		current_timestamp current_user dec decimal default deferrable desc distinct do else end except
		exists extract false fetch float for foreign freeze from full grant greatest group grouping having
		ilike in initially inner inout int integer intersect interval into is isnull join json json_array
		json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize
		json_table json_value lateral leading least left like limit localtime localtimestamp merge_action
		national natural nchar none normalize not notnull null nullif numeric offset on only or order out
		outer overlaps overlay placing position precision primary real references returning right row
		select session_user setof similar smallint some substring symmetric system_user table tablesample
		then time timestamp to trailing treat trim true union unique user using values varchar variadic
		verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces
		xmlparse xmlpi xmlroot xmlserialize xmltable
	`) {
		m[w] = true
	}
	return m
}()

// Identifier writes a name as an identifier of SQL, in quotes only where
// PostgreSQL would not read it as it is otherwise.
func Identifier(name string) string {
	for i, r := range name {
		if r != '_' && (r < 'a' || r > 'z') && (i == 0 || r < '0' || r > '9') {
			return quoted(name)
		}
	}
	if name == "" || quotedWords[name] {
		return quoted(name)
	}
	return name
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

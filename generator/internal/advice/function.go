package advice

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/runtime/catalog"
)

var functionMissing = regexp.MustCompile(`^(?:function|procedure) (.+?)\((.*)\) (?:does not exist|is not unique)$`)

// function is the advice about a function that is not there, or not for these
// types.
func (s *statement) function() string {
	m := functionMissing.FindStringSubmatch(s.Message)
	if m == nil {
		return ""
	}
	schema, name := qualified(m[1])
	name = strings.Trim(name, `"`)
	var given []string
	if m[2] != "" {
		given = strings.Split(m[2], ", ")
	}
	found := s.functions(schema, name)
	if len(found) > 0 {
		return s.signatures(found, given)
	}
	if macro[name] && schema == "" && s.Catalog != nil {
		return fmt.Sprintf("did you mean sqlc.%s?", name)
	}
	if instead := elsewhere[name]; instead != "" {
		return "PostgreSQL has " + instead
	}
	if extension := ofExtension(name); extension != "" {
		return fmt.Sprintf("it is part of the extension %s: put CREATE EXTENSION %s; into the schema", extension, sqltext.Identifier(extension))
	}
	var names []string
	for _, f := range s.functions(schema, "") {
		names = append(names, f.Name)
	}
	if near := intended(name, names); near != "" {
		return "did you mean " + sqltext.Identifier(near) + "?"
	}
	switch {
	case s.Catalog == nil:
		return ""
	case s.Live:
		return "the database does not have it"
	case s.Schema:
		return "no schema file creates it before this"
	}
	return "if a migration that is not in schema: defines it, put its declaration into a file and name that under stubs: in the options"
}

// functions are those with a name, or all that queries call if the name is
// empty, the user's first.
func (s *statement) functions(schema, name string) []*catalog.Function {
	if s.Catalog == nil {
		return nil
	}
	var out []*catalog.Function
	for _, f := range s.Catalog.Functions {
		visible := schema == f.Schema || schema == "" && (f.Schema == "pg_catalog" || slices.Contains(s.Catalog.SearchPath, f.Schema))
		// Those of PostgreSQL that are for its own use have no names to mistype.
		inner := name == "" && f.Schema == "pg_catalog" && (strings.HasPrefix(f.Name, "pg_") || strings.Contains(f.Name, "_"))
		if visible && (name == f.Name || name == "" && !inner) {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b *catalog.Function) int {
		return cmp.Or(boolean(b.Schema != "pg_catalog")-boolean(a.Schema != "pg_catalog"), cmp.Compare(a.OID, b.OID))
	})
	return out
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// maxSignatures bounds how many functions a hint lists.
const maxSignatures = 5

// signatures says which functions of a name there are, and if one of them is a
// cast away, which cast.
func (s *statement) signatures(found []*catalog.Function, given []string) string {
	var list []string
	for _, f := range found {
		if len(list) == maxSignatures {
			list = append(list, "…")
			break
		}
		list = append(list, s.signature(f))
	}
	hint := "there is " + strings.Join(list, ", ")
	if len(list) > 1 {
		hint = "there are " + strings.Join(list, ", ")
	}
	if cast := s.cast(found, given); cast != "" {
		hint += "\n" + cast
	}
	return hint
}

func (s *statement) signature(f *catalog.Function) string {
	var arguments []string
	for i, oid := range f.Arguments {
		argument := s.typeName(oid)
		if i < len(f.ArgumentNames) && f.ArgumentNames[i] != "" && own(f.Schema, f.Extension) {
			argument = sqltext.Identifier(f.ArgumentNames[i]) + " " + argument
		}
		if i == len(f.Arguments)-1 && f.Variadic != 0 {
			argument = "VARIADIC " + argument
		}
		arguments = append(arguments, argument)
	}
	return sqltext.Identifier(f.Name) + "(" + strings.Join(arguments, ", ") + ")"
}

func (s *statement) typeName(oid uint32) string {
	if t := s.Catalog.Types[oid]; t != nil {
		return t.Display
	}
	return strconv.Itoa(int(oid))
}

var ordinals = []string{"first", "second", "third", "fourth", "fifth"}

// cast says which argument is of the wrong type, if it is one only and there is
// one type for it.
func (s *statement) cast(found []*catalog.Function, given []string) string {
	want := map[int]map[string]bool{}
	for _, f := range found {
		if len(f.Arguments) != len(given) || f.Variadic != 0 {
			continue
		}
		wrong := -1
		for i, oid := range f.Arguments {
			if name := s.typeName(oid); name != given[i] && given[i] != "unknown" {
				if wrong >= 0 {
					wrong = len(given)
					break
				}
				wrong = i
			}
		}
		if wrong < 0 || wrong == len(given) || strings.HasPrefix(s.typeName(f.Arguments[wrong]), "any") {
			continue
		}
		if want[wrong] == nil {
			want[wrong] = map[string]bool{}
		}
		want[wrong][s.typeName(f.Arguments[wrong])] = true
	}
	if len(want) != 1 {
		return ""
	}
	for i, types := range want {
		t := likeliest(types)
		if t == "" || i >= len(ordinals) {
			return ""
		}
		which := "the argument"
		if len(given) > 1 {
			which = "the " + ordinals[i] + " argument"
		}
		if text := s.argument(i); text != "" {
			return fmt.Sprintf("cast %s to %s, as in %s::%s", which, t, text, t)
		}
		return fmt.Sprintf("cast %s to %s", which, t)
	}
	return ""
}

// likeliest is the type of several that people mean most often, "" if it is
// none of those.
func likeliest(types map[string]bool) string {
	if len(types) == 1 {
		for t := range types {
			return t
		}
	}
	for _, t := range []string{"text", "timestamp with time zone", "date", "numeric", "bigint", "integer", "jsonb"} {
		if types[t] {
			return t
		}
	}
	return ""
}

// argument is the text of a call's argument if it is a name, a parameter or a
// constant, so that a cast can be put behind it.
func (s *statement) argument(number int) string {
	open := s.at
	for open < len(s.tokens) && s.text(open) != "(" {
		open++
	}
	depth, n := 0, 0
	first := open + 1
	for i := open; i < len(s.tokens); i++ {
		switch s.text(i) {
		case "(", "[":
			depth++
			continue
		case ")", "]":
			depth--
		}
		if depth == 0 || depth == 1 && s.text(i) == "," {
			if n == number {
				if text, _ := s.operandFrom(first); text != "" && s.operandEnd(first) == i {
					return text
				}
				return ""
			}
			n++
			first = i + 1
			if depth == 0 {
				return ""
			}
		}
	}
	return ""
}

// unclear is the advice about a call that several functions or operators could
// be meant by: its parameters and constants have no type yet.
func (s *statement) unclear() string {
	if strings.HasPrefix(s.Message, "operator") {
		for _, i := range []int{s.at - 1, s.at + 1} {
			if strings.HasPrefix(s.text(i), "$") {
				return fmt.Sprintf("say what type the parameter has with a cast, as in %s::int", s.spelled(i))
			}
		}
		return ""
	}
	for i := s.at + 1; i < len(s.tokens) && s.text(i) != ")"; i++ {
		if strings.HasPrefix(s.text(i), "$") {
			types := map[string]bool{}
			if m := functionMissing.FindStringSubmatch(s.Message); m != nil {
				schema, name := qualified(m[1])
				for _, f := range s.functions(schema, name) {
					if n := s.argumentNumber(i); n < len(f.Arguments) {
						types[s.typeName(f.Arguments[n])] = true
					}
				}
			}
			return fmt.Sprintf("say what type the parameter has with a cast, as in %s::%s", s.spelled(i), or(likeliest(types), "text"))
		}
	}
	return ""
}

// argumentNumber is the place of a token among the arguments of the call at
// the error, from 0.
func (s *statement) argumentNumber(at int) int {
	n, depth := 0, 0
	for i := s.at; i < at; i++ {
		switch s.text(i) {
		case "(", "[":
			depth++
		case ")", "]":
			depth--
		case ",":
			if depth == 1 {
				n++
			}
		}
	}
	return n
}

// elsewhere are functions of other databases, and what PostgreSQL has.
var elsewhere = map[string]string{
	"ifnull":            "coalesce(a, b)",
	"nvl":               "coalesce(a, b)",
	"isnull":            "coalesce(a, b), and a IS NULL",
	"len":               "length(text)",
	"getdate":           "now()",
	"sysdate":           "now()",
	"curdate":           "current_date",
	"curtime":           "current_time",
	"utc_timestamp":     "now() AT TIME ZONE 'UTC'",
	"unix_timestamp":    "extract(epoch FROM now())",
	"from_unixtime":     "to_timestamp(seconds)",
	"date_format":       "to_char(time, 'YYYY-MM-DD')",
	"strftime":          "to_char(time, 'YYYY-MM-DD')",
	"str_to_date":       "to_date(text, 'YYYY-MM-DD')",
	"datediff":          "the operator -: one date minus another is the days between them",
	"date_diff":         "the operator -: one date minus another is the days between them, and of timestamps an interval",
	"dateadd":           "the operator +, as in now() + interval '1 day'",
	"date_add":          "the operator +, as in now() + interval '1 day'",
	"date_sub":          "the operator -, as in now() - interval '1 day'",
	"group_concat":      "string_agg(text, ',')",
	"instr":             "strpos(text, part)",
	"charindex":         "strpos(text, part)",
	"locate":            "strpos(text, part)",
	"last_insert_id":    "INSERT … RETURNING id",
	"last_insert_rowid": "INSERT … RETURNING id",
	"scope_identity":    "INSERT … RETURNING id",
	"rand":              "random()",
	"uuid":              "gen_random_uuid()",
	"newid":             "gen_random_uuid()",
	"substring_index":   "split_part(text, separator, n)",
	"iif":               "CASE WHEN condition THEN a ELSE b END",
	"if":                "CASE WHEN condition THEN a ELSE b END",
	"json_extract":      "the operators -> and ->>, as in data ->> 'key'",
	"json_unquote":      "the operator ->>, as in data ->> 'key'",
	"json_contains":     "the operator @> of jsonb",
	"find_in_set":       "value = ANY(string_to_array(text, ','))",
	"year":              "extract(year FROM time)",
	"month":             "extract(month FROM time)",
	"day":               "extract(day FROM time)",
	"hour":              "extract(hour FROM time)",
	"median":            "percentile_cont(0.5) WITHIN GROUP (ORDER BY value)",
	"truncate":          "trunc(number, digits)",
	"nvl2":              "CASE WHEN a IS NOT NULL THEN b ELSE c END",
	"to_days":           "the operator -: one date minus another is the days between them",
	"found_rows":        "count(*) OVER ()",
	"getutcdate":        "now()",
}

// extensionFunctions are the functions of extensions that people forget to
// create.
var extensionFunctions = map[string]string{
	"uuid_generate_v4": "uuid-ossp", "uuid_generate_v1": "uuid-ossp", "uuid_generate_v1mc": "uuid-ossp",
	"uuid_generate_v3": "uuid-ossp", "uuid_generate_v5": "uuid-ossp", "uuid_nil": "uuid-ossp",
	"crypt": "pgcrypto", "gen_salt": "pgcrypto", "digest": "pgcrypto", "hmac": "pgcrypto", "gen_random_bytes": "pgcrypto",
	"pgp_sym_encrypt": "pgcrypto", "pgp_sym_decrypt": "pgcrypto",
	"similarity": "pg_trgm", "word_similarity": "pg_trgm", "strict_word_similarity": "pg_trgm", "show_trgm": "pg_trgm",
	"unaccent": "unaccent", "hstore": "hstore", "akeys": "hstore", "crosstab": "tablefunc",
	"levenshtein": "fuzzystrmatch", "soundex": "fuzzystrmatch", "metaphone": "fuzzystrmatch", "dmetaphone": "fuzzystrmatch",
	"earth_distance": "earthdistance", "ll_to_earth": "earthdistance", "earth_box": "earthdistance",
	"cosine_distance": "vector", "l2_distance": "vector", "inner_product": "vector", "subltree": "ltree", "nlevel": "ltree",
	"dblink": "dblink",
}

func ofExtension(function string) string {
	if strings.HasPrefix(function, "st_") {
		return "postgis"
	}
	return extensionFunctions[function]
}

package advice

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/runtime/catalog"
)

var objectMissing = regexp.MustCompile(`^(type|collation|role|tablespace|index|text search configuration|access method) "([^"]+)" does not exist$`)

// object is the advice about a type, role or other object that is not there.
func (s *statement) object() string {
	m := objectMissing.FindStringSubmatch(s.Message)
	if m == nil {
		return ""
	}
	_, name := qualified(m[2])
	switch m[1] {
	case "type":
		return s.missingType(strings.TrimSuffix(name, "[]"))
	case "role":
		return "roles belong to the server, not to the schema: leave them out of the schema files"
	}
	return ""
}

func (s *statement) missingType(name string) string {
	if instead := foreignTypes[name]; instead != "" {
		return "PostgreSQL has " + instead
	}
	if extension := extensionTypes[name]; extension != "" {
		return fmt.Sprintf("it is part of the extension %s: put CREATE EXTENSION %s; before it into the schema", extension, sqltext.Identifier(extension))
	}
	names := slices.Clone(everydayTypes)
	if s.Catalog != nil {
		for _, t := range s.Catalog.Types {
			if own(t.Schema, "") && t.Element == 0 {
				names = append(names, t.Name)
			}
		}
	}
	names = append(names, s.Names...)
	for foreign := range foreignTypes {
		names = append(names, foreign)
	}
	if near := intended(name, names); foreignTypes[near] != "" {
		return "PostgreSQL has " + foreignTypes[near]
	} else if near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

// everydayTypes are what people call PostgreSQL's own types.
var everydayTypes = strings.Fields(`smallint integer int bigint numeric decimal real boolean bool text varchar char
	bytea uuid json jsonb date time timestamp timestamptz interval inet cidr macaddr xml smallserial serial bigserial
	money point tsvector tsquery int4range int8range numrange daterange tsrange tstzrange`)

// foreignTypes are types of other databases, and what PostgreSQL has.
var foreignTypes = map[string]string{
	"datetime":         "timestamptz, a moment, and timestamp, a reading of a clock",
	"smalldatetime":    "timestamp",
	"datetime2":        "timestamp",
	"datetimeoffset":   "timestamptz",
	"tinyint":          "smallint, and boolean for tinyint(1)",
	"mediumint":        "integer",
	"double":           "double precision",
	"number":           "numeric, and bigint for whole numbers",
	"string":           "text",
	"tinytext":         "text",
	"mediumtext":       "text",
	"longtext":         "text",
	"clob":             "text",
	"nvarchar":         "text, and varchar(n)",
	"nvarchar2":        "text, and varchar(n)",
	"varchar2":         "text, and varchar(n)",
	"blob":             "bytea",
	"longblob":         "bytea",
	"binary":           "bytea",
	"varbinary":        "bytea",
	"uniqueidentifier": "uuid",
	"guid":             "uuid",
	"enum":             "CREATE TYPE name AS ENUM ('a', 'b'), and then that name",
	"array":            "the element's type with [] behind it, as in text[]",
	"object":           "jsonb",
	"map":              "jsonb",
	"uint":             "bigint",
	"int64":            "bigint",
	"int32":            "integer",
	"float32":          "real",
	"float64":          "double precision",
	"year":             "smallint, and date",
}

// extensionTypes are the types of extensions that people forget to create.
var extensionTypes = map[string]string{
	"citext": "citext", "hstore": "hstore", "ltree": "ltree", "lquery": "ltree", "cube": "cube", "isbn": "isn", "ean13": "isn",
	"vector": "vector", "halfvec": "vector", "sparsevec": "vector",
	"geometry": "postgis", "geography": "postgis", "raster": "postgis_raster",
}

var (
	cannotMatch = regexp.MustCompile(`^(.+) types (.+) and (.+) cannot be matched$`)
	assignment  = regexp.MustCompile(`^column ".+" is of type (.+) but expression is of type (.+)$`)
	argumentOf  = regexp.MustCompile(`^argument of (.+) must be type (.+), not type (.+)$`)
)

// mismatch is the advice about an expression of the wrong type.
func (s *statement) mismatch() string {
	if m := cannotMatch.FindStringSubmatch(s.Message); m != nil {
		first, second := m[2], m[3]
		if text, _ := s.operandFrom(s.at); text != "" && s.single(s.at) {
			return fmt.Sprintf("%s is %s and what it is to go with is %s: cast one of them, as in %s::%s", text, second, first, text, first)
		}
		return fmt.Sprintf("this one is %s and what it is to go with is %s: cast one of them to the type of the other", second, first)
	}
	if m := assignment.FindStringSubmatch(s.Message); m != nil {
		if !casts(m[2], m[1]) {
			return fmt.Sprintf("write a value of type %s: %s has no cast to it", m[1], m[2])
		}
		if text, _ := s.operandFrom(s.at); text != "" && s.single(s.at) {
			return fmt.Sprintf("write a value of that type, or a cast: %s::%s", text, m[1])
		}
		return "write a value of that type, or cast the expression to " + m[1]
	}
	if m := argumentOf.FindStringSubmatch(s.Message); m != nil {
		text, _ := s.operandFrom(s.at)
		if text == "" || !s.single(s.at) {
			return ""
		}
		if m[2] == "boolean" {
			return fmt.Sprintf("compare it with something, as in %s = $1, or ask whether it is there: %s IS NOT NULL", text, text)
		}
		return fmt.Sprintf("cast it: %s::%s", text, m[2])
	}
	return ""
}

// moments are the types of points in time.
var moments = map[string]bool{"date": true, "timestamp without time zone": true, "timestamp with time zone": true}

// casts reports whether a cast between two types may work. It is right about
// the everyday types and lenient about all others.
func casts(from, to string) bool {
	switch {
	case isText(from) || isText(to):
		return true
	case moments[from] || moments[to] || from == "uuid" || to == "uuid":
		return moments[from] == moments[to] && (from == "uuid") == (to == "uuid")
	case from == "boolean" || to == "boolean":
		return from == to || from == "integer" || to == "integer"
	}
	return true
}

func isText(t string) bool { return t == "text" || t == "character varying" || t == "character" }

// single reports whether the operand at a token stands alone, so that a cast
// behind it is a cast of all of it.
func (s *statement) single(i int) bool {
	switch s.text(s.operandEnd(i)) {
	case "::", "(", "[", "+", "-", "*", "/", "||":
		return false
	}
	return true
}

var enumValue = regexp.MustCompile(`^invalid input value for enum (.+): "(.*)"$`)

// literal is the advice about a constant that is not of its type.
func (s *statement) literal() string {
	m := enumValue.FindStringSubmatch(s.Message)
	if m == nil || s.Catalog == nil {
		return ""
	}
	for _, t := range s.Catalog.Types {
		if t.Kind != catalog.Enum || t.Display != m[1] && t.Name != m[1] || len(t.Labels) == 0 {
			continue
		}
		if near := intended(m[2], t.Labels); near != "" {
			return fmt.Sprintf("did you mean '%s'?", near)
		}
		labels := t.Labels
		if len(labels) > tooMany {
			labels = append(slices.Clone(labels[:tooMany]), "…")
		}
		return "its values are " + strings.Join(labels, ", ")
	}
	return ""
}

// generated is the advice about a column that PostgreSQL fills itself.
func (s *statement) generated() string {
	name := quotedIn(s.Message)
	if strings.HasPrefix(s.Hint, "Use OVERRIDING") {
		return fmt.Sprintf("leave %s out: PostgreSQL numbers the rows itself; or write OVERRIDING SYSTEM VALUE before VALUES", sqltext.Identifier(name))
	}
	return fmt.Sprintf("leave %s out: PostgreSQL computes it", sqltext.Identifier(name))
}

var denied = regexp.MustCompile(`^permission denied for (schema|table|view|sequence|function|type|foreign server|language) (.+)$`)

// privilege is the advice about what the role may not do.
func (s *statement) privilege() string {
	m := denied.FindStringSubmatch(s.Message)
	if m == nil {
		return ""
	}
	right := "USAGE"
	switch m[1] {
	case "table", "view":
		right = "SELECT"
	case "function":
		right = "EXECUTE"
	}
	kind := strings.ToUpper(m[1]) + " "
	if m[1] == "table" || m[1] == "view" {
		kind = ""
	}
	role := s.Role
	if role == "" {
		return fmt.Sprintf("grant it to the role that pgwright connects as: GRANT %s ON %s%s TO …", right, kind, m[2])
	}
	return fmt.Sprintf("the role %s that pgwright connects as needs it: GRANT %s ON %s%s TO %s", role, right, kind, m[2], sqltext.Identifier(role))
}

// grouping is the advice about aggregates and what stands beside them.
func (s *statement) grouping() string {
	switch {
	case strings.Contains(s.Message, "must appear in the GROUP BY clause"):
		column := quotedIn(s.Message)
		if text, _ := s.operandFrom(s.at); text != "" {
			column = text
		}
		for i := range s.tokens {
			if s.word(i) == "group" && s.word(i+1) == "by" {
				return fmt.Sprintf("add %s to the GROUP BY, or take one value of each group, as in max(%s)", column, column)
			}
		}
		return fmt.Sprintf("there is an aggregate and no GROUP BY: add GROUP BY %s", column)
	case strings.HasPrefix(s.Message, "aggregate functions are not allowed in WHERE"):
		return "WHERE chooses rows before they are grouped: put the condition into HAVING, behind GROUP BY"
	case strings.HasPrefix(s.Message, "window functions are not allowed in"):
		return "they are computed last: select them in a subquery, and compare them outside of it"
	case strings.HasPrefix(s.Message, "aggregate function calls cannot be nested"):
		return "compute the inner one in a subquery"
	}
	return ""
}

package advice

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/internal/nearest"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// inQuotes is a name in one of PostgreSQL's messages. A quote within a name is
// not doubled there.
var inQuotes = regexp.MustCompile(`"([^"]+)"`)

func quotedIn(message string) string {
	if m := inQuotes.FindStringSubmatch(message); m != nil {
		return m[1]
	}
	return ""
}

// qualified cuts a name at its last dot.
func qualified(name string) (before, last string) {
	if i := strings.LastIndex(name, "."); i >= 0 {
		return name[:i], name[i+1:]
	}
	return "", name
}

// intended is the candidate that a mistyped name was meant to be, or "". Behind
// those that are a few letters off come those that only begin so, if there is
// just one: created_at for created.
func intended(name string, candidates []string) string {
	limit := 0
	switch n := len(name); {
	case n > 8:
		limit = 3
	case n > 3:
		limit = 2
	case n > 1:
		limit = 1
	}
	best := nearest.Within(name, candidates, limit)
	if best != "" && best != name && nearest.Distance(name, best) < len(best)-1 {
		return best
	}
	if len(name) < 4 {
		return ""
	}
	best = ""
	for _, c := range candidates {
		begin, _, more := strings.Cut(c, "_")
		if more && len(begin) > 3 && nearest.Distance(strings.ToLower(name), begin) <= 1 {
			if best != "" && best != c {
				return ""
			}
			best = c
		}
	}
	return best
}

// own reports whether something is the user's and not PostgreSQL's or an
// extension's.
func own(schema, extension string) bool {
	return extension == "" && schema != "information_schema" && !strings.HasPrefix(schema, "pg_")
}

// relations are the user's, by name, those that queries find without a schema
// before the others.
func (s *statement) relations() []*catalog.Relation {
	if s.Catalog == nil {
		return nil
	}
	var out []*catalog.Relation
	for _, r := range s.Catalog.Relations {
		if own(r.Schema, r.Extension) && r.Kind != catalog.CompositeType {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b *catalog.Relation) int {
		return cmp.Or(cmp.Compare(s.rank(a.Schema), s.rank(b.Schema)), cmp.Compare(a.Schema, b.Schema), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// rank is the place of a schema in the search path.
func (s *statement) rank(schema string) int {
	if i := slices.Index(s.Catalog.SearchPath, schema); i >= 0 {
		return i
	}
	return len(s.Catalog.SearchPath)
}

// relation is what a name in FROM stands for, or nil. The schema may be empty.
func (s *statement) relation(schema, name string) *catalog.Relation {
	for _, r := range s.relations() {
		if r.Name == name && (schema == r.Schema || schema == "" && slices.Contains(s.Catalog.SearchPath, r.Schema)) {
			return r
		}
	}
	return nil
}

// called writes a relation as a query can.
func (s *statement) called(r *catalog.Relation) string {
	if slices.Contains(s.Catalog.SearchPath, r.Schema) {
		return sqltext.Identifier(r.Name)
	}
	return sqltext.Identifier(r.Schema) + "." + sqltext.Identifier(r.Name)
}

// source is an entry of a FROM list, or the target of a change.
type source struct {
	// alias is what the rest of the query calls it.
	alias string
	// relation is nil for what is no relation of the catalog.
	relation *catalog.Relation
}

// readSources finds the relations that the statement names, wherever in it.
func (s *statement) readSources() {
	// from is true inside of a FROM list, and wanted where its next entry is
	// due. Parentheses have their own.
	type state struct{ from, wanted bool }
	var stack []state
	var now state
	for i := 0; i < len(s.tokens); i++ {
		switch s.word(i) {
		case "from", "using", "join", "update", "into":
			if s.word(i) == "from" && s.word(i-1) == "distinct" || s.word(i) == "update" && (s.word(i-1) == "do" || s.word(i-1) == "for" || s.word(i-1) == "key") {
				now = state{}
				continue
			}
			now = state{from: true, wanted: true}
			continue
		case "only", "lateral", "table":
			continue
		case "where", "set", "on", "group", "order", "select", "values", "returning", "having", "limit", "window", "union", "except", "intersect", "default":
			now = state{}
			continue
		case "with", "recursive":
			continue
		}
		switch s.text(i) {
		case "(":
			stack = append(stack, now)
			now = state{from: now.wanted, wanted: now.wanted}
			continue
		case ")":
			if n := len(stack); n > 0 {
				now, stack = stack[n-1], stack[:n-1]
			}
			if now.wanted {
				// A subquery: its alias follows.
				i = s.alias(i+1, &source{})
				now.wanted = false
			}
			continue
		case ",":
			now.wanted = now.from
			continue
		}
		if s.word(i+1) == "as" && (s.text(i+2) == "(" || s.word(i+2) == "materialized" || s.word(i+2) == "not") && !now.from {
			// WITH name AS (…)
			s.sources = append(s.sources, source{alias: s.name(i)})
			continue
		}
		if !now.wanted || s.name(i) == "" {
			continue
		}
		schema, name := "", s.name(i)
		if s.text(i+1) == "." && s.name(i+2) != "" {
			schema, name = name, s.name(i+2)
			i += 2
		}
		i = s.alias(i+1, &source{alias: name, relation: s.relation(schema, name)})
		now.wanted = false
	}
}

// alias reads an alias that may stand at a token, adds the source, and returns
// its last token.
func (s *statement) alias(i int, from *source) int {
	end := i - 1
	if s.word(i) == "as" {
		i++
	}
	if name := s.name(i); name != "" && (s.tokens[i].Kind == sqltext.QuotedIdent || !clause[name]) {
		from.alias, end = name, i
	}
	if from.alias != "" {
		s.sources = append(s.sources, *from)
	}
	return end
}

// clause are the words that can follow an entry of FROM and are no alias.
var clause = set(`where on using join left right full inner cross natural group order having limit offset fetch for
	union except intersect set values select default returning window when as tablesample overriding not`)

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}

// column is the advice about a column that is not there.
func (s *statement) column() string {
	name := s.missingColumn()
	if name == "" {
		return ""
	}
	_, last := qualified(name)
	qualifier := ""
	at := s.at
	if s.text(at+1) == "." {
		qualifier, at = s.name(at), at+2
	}
	from := s.sources
	if rel := ofRelation.FindStringSubmatch(s.Message); rel != nil {
		from = s.named(rel[1])
	} else if qualifier != "" {
		from = s.aliased(qualifier)
	}
	if near := s.nearestColumn(last, qualifier, from); near != "" {
		return "did you mean " + near + "?"
	}
	if at < len(s.tokens) && s.tokens[at].Kind == sqltext.QuotedIdent && qualifier == "" && !ofRelation.MatchString(s.Message) {
		return "double quotes are for names; text is written in single quotes: '" + strings.ReplaceAll(s.name(at), "'", "''") + "'"
	}
	if qualifier == "" && s.resultName(last) {
		return "it is the name of a column of the result, which only ORDER BY and GROUP BY can use: repeat the expression, or select from a subquery"
	}
	for i := range s.tokens {
		if s.word(i) == "user" && (s.word(i-1) == "from" || s.word(i-1) == "join") {
			return s.reserved("user")
		}
	}
	if m := perhaps.FindStringSubmatch(s.Hint); m != nil {
		return "did you mean " + m[1] + "?"
	}
	if s.Hint == "" {
		return s.columnsOf(from)
	}
	return ""
}

var (
	columnMissing = regexp.MustCompile(`^column (.+?)(?: of relation ".+")? does not exist$`)
	ofRelation    = regexp.MustCompile(`^column ".+" of relation "(.+)" `)
	perhaps       = regexp.MustCompile(`^Perhaps you meant to reference the (?:column|table alias) "([^"]+)"\.$`)
)

func (s *statement) missingColumn() string {
	m := columnMissing.FindStringSubmatch(s.Message)
	if m == nil {
		return ""
	}
	return strings.Trim(m[1], `"`)
}

// named are the sources of a relation, or that relation as one.
func (s *statement) named(relation string) []source {
	_, name := qualified(relation)
	for _, from := range s.sources {
		if from.relation != nil && from.relation.Name == name {
			return []source{from}
		}
	}
	if r := s.relation("", name); r != nil {
		return []source{{alias: name, relation: r}}
	}
	return nil
}

func (s *statement) aliased(alias string) []source {
	var out []source
	for _, from := range s.sources {
		if from.alias == alias {
			out = append(out, from)
		}
	}
	return out
}

// nearestColumn is the column that was meant, written as it can be in the
// place of the wrong one.
func (s *statement) nearestColumn(name, qualifier string, from []source) string {
	var names []string
	owner := map[string]source{}
	for _, f := range from {
		if f.relation == nil {
			continue
		}
		for _, c := range f.relation.Columns {
			if _, seen := owner[c.Name]; !seen {
				owner[c.Name] = f
				names = append(names, c.Name)
			}
		}
	}
	near := intended(name, names)
	switch {
	case near == "":
		return ""
	case qualifier != "" || !ofRelation.MatchString(s.Message) && len(from) > 1:
		return sqltext.Identifier(owner[near].alias) + "." + sqltext.Identifier(near)
	}
	return sqltext.Identifier(near)
}

// tooMany bounds the lists in hints: longer ones are looked up elsewhere.
const tooMany = 25

// columnsOf lists the columns of the only source, if that is a relation.
func (s *statement) columnsOf(from []source) string {
	if len(from) != 1 || from[0].relation == nil || len(from[0].relation.Columns) == 0 {
		return ""
	}
	r := from[0].relation
	var names []string
	for _, c := range r.Columns {
		if len(names) == tooMany {
			names = append(names, "…")
			break
		}
		names = append(names, sqltext.Identifier(c.Name))
	}
	return fmt.Sprintf("the columns of %s are %s", s.called(r), strings.Join(names, ", "))
}

// resultName reports whether the statement gives a column of its result a name.
func (s *statement) resultName(name string) bool {
	for i := range s.tokens {
		if s.word(i) == "as" && s.name(i+1) == name && s.text(i+2) != "(" {
			return true
		}
	}
	return false
}

// ambiguous names the columns that an ambiguous name could mean.
func (s *statement) ambiguous() string {
	name := quotedIn(s.Message)
	var could []string
	for _, from := range s.sources {
		if from.relation == nil {
			continue
		}
		for _, c := range from.relation.Columns {
			if c.Name == name {
				could = append(could, sqltext.Identifier(from.alias)+"."+sqltext.Identifier(name))
			}
		}
	}
	slices.Sort(could)
	could = slices.Compact(could)
	if len(could) < 2 {
		return "write the table or its alias before it"
	}
	return "write " + orList(could)
}

// orList joins words: a, b or c.
func orList(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// table is the advice about a relation that is not there.
func (s *statement) table() string {
	name := quotedIn(s.Message)
	if !strings.HasPrefix(s.Message, "relation") {
		return s.notInFrom(name)
	}
	schema, last := qualified(name)
	var names, here []string
	for _, r := range s.relations() {
		if r.Name == last && r.Schema != schema {
			hint := "did you mean " + s.called(r) + "?"
			if schema == "" {
				hint = fmt.Sprintf("it is in the schema %s: write %s", sqltext.Identifier(r.Schema), s.called(r))
			}
			return hint
		}
		if r.Name != last && strings.EqualFold(r.Name, last) {
			return fmt.Sprintf("did you mean %s? between double quotes, capital letters count", s.called(r))
		}
		names = append(names, s.called(r))
		if r.Schema == schema {
			here = append(here, s.called(r))
		}
	}
	for _, from := range s.sources {
		if from.relation == nil && from.alias != last {
			names = append(names, from.alias)
		}
	}
	names = append(names, s.Names...)
	if near := intended(name, here); near != "" {
		return "did you mean " + near + "?"
	}
	if near := intended(name, names); near != "" {
		return "did you mean " + near + "?"
	}
	if schema != "" && s.Catalog != nil {
		if near := intended(last, s.bare()); near != "" {
			return "did you mean " + near + "?"
		}
	}
	switch {
	case s.Catalog == nil:
		return ""
	case s.Live:
		return "the database does not have it"
	}
	return "no schema file creates it; look at schema: in the configuration"
}

// bare are the names of all relations, without schemas.
func (s *statement) bare() []string {
	var out []string
	for _, r := range s.relations() {
		out = append(out, r.Name)
	}
	return out
}

// notInFrom is the advice about a qualifier that FROM does not have.
func (s *statement) notInFrom(name string) string {
	if s.Hint != "" {
		if m := perhaps.FindStringSubmatch(s.Hint); m != nil {
			return "did you mean " + m[1] + "? the table has that alias, and goes by it alone"
		}
		return ""
	}
	var aliases []string
	for _, from := range s.sources {
		aliases = append(aliases, from.alias)
	}
	if near := intended(name, aliases); near != "" {
		return "did you mean " + sqltext.Identifier(near) + "?"
	}
	if r := s.relation("", name); r != nil {
		return fmt.Sprintf("FROM does not have %s: add it there, or JOIN it", s.called(r))
	}
	slices.Sort(aliases)
	if aliases = slices.Compact(aliases); len(aliases) > 0 && len(aliases) <= tooMany {
		for i := range aliases {
			aliases[i] = sqltext.Identifier(aliases[i])
		}
		return "FROM does not have it: it has " + strings.Join(aliases, ", ")
	}
	return "FROM does not have it; what has an alias there goes by that alone"
}

// schema is the advice about a schema that is not there.
func (s *statement) schema() string {
	name := quotedIn(s.Message)
	// A macro of ours whose first word is mistyped reads as a function.
	if s.text(s.at+1) == "." && s.text(s.at+3) == "(" && intended(name, []string{"sqlc"}) != "" && macro[s.name(s.at+2)] {
		return fmt.Sprintf("did you mean sqlc.%s?", s.name(s.at+2))
	}
	if name == "pggen" && s.name(s.at+2) == "arg" {
		return "write sqlc.arg(…), or @name"
	}
	var schemas []string
	for _, r := range s.relations() {
		schemas = append(schemas, r.Schema)
	}
	if near := intended(name, schemas); near != "" {
		return "did you mean " + sqltext.Identifier(near) + "?"
	}
	if s.Live || s.Catalog == nil {
		return ""
	}
	return "no schema file creates it"
}

var macro = set("arg narg slice embed")

package advice

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// The messages of the planner, which knows no places and repeats little of the
// statement.
var (
	noArbiter     = regexp.MustCompile(`^there is no unique or exclusion constraint matching the ON CONFLICT specification$`)
	noIndex       = regexp.MustCompile(`^constraint in ON CONFLICT clause has no associated index$`)
	noUpdate      = regexp.MustCompile(`^ON CONFLICT DO UPDATE not supported with exclusion constraints$`)
	fullJoin      = regexp.MustCompile(`^FULL JOIN is only supported with `)
	lockNullable  = regexp.MustCompile(`^(FOR (?:UPDATE|NO KEY UPDATE|SHARE|KEY SHARE)) cannot be applied to the nullable side`)
	lockGrouped   = regexp.MustCompile(`^(FOR (?:UPDATE|NO KEY UPDATE|SHARE|KEY SHARE)) is not allowed with (?:DISTINCT clause|GROUP BY clause|HAVING clause|UNION/INTERSECT/EXCEPT|aggregate functions|window functions)`)
	lockRelation  = regexp.MustCompile(`^cannot lock rows in (materialized view|sequence|view|foreign table) "`)
	unchangeable  = regexp.MustCompile(`^cannot change (materialized view|sequence) "(.*)"$`)
	unimplemented = regexp.MustCompile(`^could not implement (recursive UNION|UNION|INTERSECT|EXCEPT|DISTINCT|GROUP BY|window PARTITION BY|window ORDER BY)$`)
	noPlan        = regexp.MustCompile(`^could not devise a query plan for the given query$`)
)

// clausePlace is the token that an error of the planner is about, -1 if that
// is not known.
func (s *statement) clausePlace() int {
	phrase := ""
	switch {
	case noArbiter.MatchString(s.Message), noUpdate.MatchString(s.Message), noIndex.MatchString(s.Message):
		switch i := s.conflict(); {
		case i < 0:
			return -1
		case s.word(i+2) == "on":
			return i + 4 // ON CONSTRAINT name
		default:
			return i + 2
		}
	case fullJoin.MatchString(s.Message):
		phrase = "full"
	case noPlan.MatchString(s.Message):
		for i := range s.tokens {
			if w := s.word(i); w == "union" || w == "intersect" || w == "except" {
				return i
			}
		}
	default:
		for _, form := range []*regexp.Regexp{lockNullable, lockGrouped, unimplemented} {
			if m := form.FindStringSubmatch(s.Message); m != nil {
				phrase = strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(m[1]), "window "), "recursive ")
			}
		}
	}
	words := strings.Fields(phrase)
	for i := range s.tokens {
		if len(words) > 0 && s.phrase(i, words) {
			return i
		}
	}
	return -1
}

// phrase reports whether words stand at a token.
func (s *statement) phrase(at int, words []string) bool {
	for j, w := range words {
		if s.word(at+j) != w {
			return false
		}
	}
	return true
}

// conflict is the ON of the ON CONFLICT that an error is about: the first one
// that no index is seen to serve. It is -1 if there is none.
func (s *statement) conflict() int {
	first := -1
	for i := range s.tokens {
		if !s.phrase(i, []string{"on", "conflict"}) || s.word(i+2) == "do" {
			continue
		}
		if first < 0 {
			first = i
		}
		named := s.word(i+2) == "on"
		if noArbiter.MatchString(s.Message) == named {
			continue
		}
		r := s.insertsInto(i)
		if named || r == nil {
			return i
		}
		columns, plain := s.key(i + 2)
		if !plain || !slices.ContainsFunc(r.Indexes, func(x *catalog.Index) bool {
			return x.Unique && !x.Partial && x.Method != temporal && slices.Equal(columns, sorted(x.Columns))
		}) {
			return i
		}
	}
	return first
}

// insertsInto is the table of the INSERT that a token belongs to, or nil.
func (s *statement) insertsInto(at int) *catalog.Relation {
	for i := at; i > 0; i-- {
		if s.word(i) != "into" || s.word(i-1) != "insert" {
			continue
		}
		if s.text(i+2) == "." {
			return s.relation(s.name(i+1), s.name(i+3))
		}
		return s.relation("", s.name(i+1))
	}
	return nil
}

// key reads the columns of ON CONFLICT (…), sorted; plain is false if there is
// more than columns of the table.
func (s *statement) key(open int) (columns []int16, plain bool) {
	r := s.insertsInto(open)
	if s.text(open) != "(" || r == nil {
		return nil, false
	}
	for i := open + 1; i < len(s.tokens); i += 2 {
		number := int16(0)
		for _, c := range r.Columns {
			if s.name(i) != "" && c.Name == s.name(i) {
				number = c.Number
			}
		}
		if number == 0 {
			return nil, false
		}
		columns = append(columns, number)
		switch s.text(i + 1) {
		case ",":
		case ")":
			return sorted(columns), true
		default:
			return nil, false
		}
	}
	return nil, false
}

// sorted is a set of columns: ON CONFLICT does not look at their order.
func sorted(columns []int16) []int16 {
	return slices.Compact(slices.Sorted(slices.Values(columns)))
}

// temporal is the access method of unique keys WITHOUT OVERLAPS (PostgreSQL 18),
// which ON CONFLICT takes for exclusion constraints.
const temporal = "gist"

// arbiter is the advice about ON CONFLICT with a key that there is not.
func (s *statement) arbiter() string {
	at := s.conflict()
	r := s.insertsInto(at)
	if r == nil {
		return "ON CONFLICT takes the columns of a primary key, or of a unique constraint or index"
	}
	columns, plain := s.key(at + 2)
	if r.Kind == catalog.View {
		return fmt.Sprintf("the table behind %s needs a unique key of just these columns", s.called(r))
	}
	var keys []string
	for _, x := range r.Indexes {
		if !x.Unique || x.Deferrable {
			continue
		}
		if x.Method == temporal {
			if plain && slices.Equal(columns, sorted(x.Columns)) {
				return fmt.Sprintf("%s is WITHOUT OVERLAPS and can only be named: ON CONFLICT ON CONSTRAINT %s DO NOTHING", x.Name, sqltext.Identifier(x.Name))
			}
			continue
		}
		if slices.Contains(x.Columns, 0) {
			keys = append(keys, "the expressions of "+x.Name)
			continue
		}
		if x.Partial && plain && slices.Equal(columns, sorted(x.Columns)) {
			return fmt.Sprintf("%s is unique among some rows only: repeat its condition, as in ON CONFLICT %s WHERE …", x.Name, s.columnList(r, x.Columns))
		}
		list := s.columnList(r, x.Columns)
		if x.Partial {
			list += " WHERE …"
		}
		switch {
		case slices.Contains(keys, list):
		case x.Primary:
			keys = slices.Insert(keys, 0, list)
		default:
			keys = append(keys, list)
		}
	}
	if len(keys) == 0 {
		if r.Kind == catalog.PartitionedTable {
			return fmt.Sprintf("%s has no unique key; that of a partitioned table holds the columns that it is partitioned by", s.called(r))
		}
		if plain {
			return fmt.Sprintf("%s has no unique key: put CREATE UNIQUE INDEX ON %s %s; into the schema", s.called(r), s.called(r), s.columnList(r, columns))
		}
		return fmt.Sprintf("%s has no unique key", s.called(r))
	}
	if len(keys) == 1 {
		return fmt.Sprintf("the unique key of %s is %s", s.called(r), keys[0])
	}
	return fmt.Sprintf("the unique keys of %s are %s", s.called(r), strings.Join(keys, ", "))
}

// columnList writes columns as ON CONFLICT takes them.
func (s *statement) columnList(r *catalog.Relation, columns []int16) string {
	names := make([]string, len(columns))
	for i, n := range columns {
		if c := r.Column(n); c != nil {
			names[i] = sqltext.Identifier(c.Name)
		}
	}
	return "(" + strings.Join(names, ", ") + ")"
}

// planning is the advice about what PostgreSQL finds no plan for, or finds out
// only when it plans.
func (s *statement) planning() string {
	switch {
	case noArbiter.MatchString(s.Message):
		return s.arbiter()
	case noUpdate.MatchString(s.Message):
		return "an exclusion constraint can only leave a row out: write DO NOTHING"
	case noIndex.MatchString(s.Message):
		return "name a PRIMARY KEY, UNIQUE or EXCLUDE constraint, or its columns in parentheses"
	case fullJoin.MatchString(s.Message):
		where := "the condition"
		if s.clausePlace() < 0 {
			where = "it is in a view that the query reads, and its condition"
		}
		return where + " needs an equality between the two sides, as in a.id = b.id; more can be added with AND"
	case lockNullable.MatchString(s.Message):
		clause := lockNullable.FindStringSubmatch(s.Message)[1]
		if kept := s.kept(); kept != "" {
			return fmt.Sprintf("where the other side has no row there is nothing to lock: write %s OF %s", clause, sqltext.Identifier(kept))
		}
		return fmt.Sprintf("where the other side has no row there is nothing to lock: name the tables that always have one, as in %s OF …", clause)
	case lockGrouped.MatchString(s.Message):
		clause := lockGrouped.FindStringSubmatch(s.Message)[1]
		return fmt.Sprintf("a row of the result is no row of a table: lock the rows in a subquery, as in FROM (SELECT … %s) AS locked", clause)
	case lockRelation.MatchString(s.Message):
		return "only rows of tables can be locked: lock those that it is made of"
	case unchangeable.MatchString(s.Message):
		m := unchangeable.FindStringSubmatch(s.Message)
		if m[1] == "sequence" {
			return fmt.Sprintf("setval('%s', …) sets it", m[2])
		}
		return fmt.Sprintf("REFRESH MATERIALIZED VIEW %s computes it anew: change the tables that it reads", sqltext.Identifier(m[2]))
	case unimplemented.MatchString(s.Message), noPlan.MatchString(s.Message):
		return "cast the columns whose types cannot be sorted and hashed, such as xid, money or bit, to one that can, as in x::text"
	}
	return ""
}

// kept is what the one LEFT JOIN of a statement keeps all rows of, "" where
// that is not clear.
func (s *statement) kept() string {
	joins := 0
	for i := range s.tokens {
		switch s.word(i) {
		case "join":
			joins++
		case "right", "full", "with", "of":
			return ""
		}
	}
	if joins != 1 || len(s.sources) != 2 {
		return ""
	}
	return s.sources[0].alias
}

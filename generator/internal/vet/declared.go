package vet

import (
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// Declared finds where schema files declare a foreign key of a table: the first
// byte of its column, or of FOREIGN KEY.
func Declared(files []*sqltext.File, table string, columns []string) (*sqltext.File, *sqltext.Statement, int) {
	for _, f := range files {
		for _, st := range f.Statements {
			d := declaration{text: st.Text(), tokens: significant(st.Text())}
			if !d.about(table) {
				continue
			}
			if at := d.key(columns); at >= 0 {
				return f, st, st.Start + at
			}
		}
	}
	return nil, nil, 0
}

// declaration is a statement of a schema.
type declaration struct {
	text   string
	tokens []sqltext.Token
}

func (d *declaration) word(i int) string {
	if i < 0 || i >= len(d.tokens) {
		return ""
	}
	t := d.tokens[i]
	text := d.text[t.Start:t.End]
	if t.Kind == sqltext.QuotedIdent {
		return unquoted(text)
	}
	return strings.ToLower(text)
}

// about reports whether the statement creates or alters a table.
func (d *declaration) about(table string) bool {
	if w := d.word(0); w != "create" && w != "alter" {
		return false
	}
	i := 1
	for i < len(d.tokens) && d.word(i) != "table" {
		if i++; i > 4 {
			return false
		}
	}
	for i++; slices.Contains([]string{"if", "not", "exists", "only"}, d.word(i)); {
		i++
	}
	if d.word(i+1) == "." {
		i += 2
	}
	return d.word(i) == table
}

// key finds a foreign key of columns, or returns -1.
func (d *declaration) key(columns []string) int {
	for i := range d.tokens {
		if d.word(i) == "foreign" && d.word(i+1) == "key" && d.word(i+2) == "(" {
			var list []string
			for j := i + 3; j < len(d.tokens) && d.word(j) != ")"; j++ {
				if d.word(j) != "," {
					list = append(list, d.word(j))
				}
			}
			if slices.Equal(list, columns) {
				return d.tokens[i].Start
			}
		}
		if len(columns) == 1 && d.word(i) == columns[0] && slices.Contains([]string{"(", ",", "add", "column", "exists"}, d.word(i-1)) && d.refers(i) {
			return d.tokens[i].Start
		}
	}
	return -1
}

// refers reports whether the column that begins at a token refers to a table.
func (d *declaration) refers(i int) bool {
	depth := 0
	for i++; i < len(d.tokens) && depth >= 0; i++ {
		switch d.word(i) {
		case "(":
			depth++
		case ")":
			depth--
		case ",":
			if depth == 0 {
				return false
			}
		case "references":
			return true
		}
	}
	return false
}

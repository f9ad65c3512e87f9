package vet

import (
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// Declarations are the statements of schema files that create or alter tables,
// by the table's name, in the order of the files.
type Declarations map[string][]declaration

// declaration is one of them, and its tokens without comments.
type declaration struct {
	statement *sqltext.Statement
	tokens    []sqltext.Token
}

// Declare reads schema files.
func Declare(files []*sqltext.File) Declarations {
	out := Declarations{}
	for _, f := range files {
		for _, st := range f.Statements {
			d := declaration{st, st.Significant()}
			if table := d.table(); table != "" {
				out[table] = append(out[table], d)
			}
		}
	}
	return out
}

// ForeignKey finds where a foreign key of a table is declared: the first byte in
// the statement's file of its column, or of FOREIGN KEY. The statement is nil if
// it is nowhere.
func (all Declarations) ForeignKey(table string, columns []string) (*sqltext.Statement, int) {
	for _, d := range all[table] {
		if at := d.key(columns); at >= 0 {
			return d.statement, at
		}
	}
	return nil, 0
}

// word is a name without its quotes, and all else in lower case.
func (d *declaration) word(i int) string {
	if i < 0 || i >= len(d.tokens) {
		return ""
	}
	t := d.tokens[i]
	if t.Kind == sqltext.QuotedIdent {
		return sqltext.Name(d.statement.File.Text, t)
	}
	return strings.ToLower(d.statement.File.Text[t.Start:t.End])
}

// table is the table that the statement creates or alters, or empty.
func (d *declaration) table() string {
	if w := d.word(0); w != "create" && w != "alter" {
		return ""
	}
	i := 1
	for d.word(i) != "table" {
		if i++; i > 4 || i >= len(d.tokens) {
			return ""
		}
	}
	for i++; slices.Contains([]string{"if", "not", "exists", "only"}, d.word(i)); {
		i++
	}
	if d.word(i+1) == "." {
		i += 2
	}
	return d.word(i)
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

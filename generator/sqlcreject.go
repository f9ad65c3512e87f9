package generator

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/generator/internal/schema"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// SQLCRejection is a query that PostgreSQL takes and sqlc does not.
type SQLCRejection struct {
	// Query is its name, File and Line its place.
	Query string `json:"query"`
	File  string `json:"file"`
	Line  int    `json:"line"`
	// Said is what sqlc says, with the place that it says it of.
	Said string `json:"said"`
}

// sqlcQueries are the query files of a package, with what sqlc rejects taken out
// of them.
type sqlcQueries struct {
	files    []*sqltext.File
	rejected map[*sqltext.Statement][]string
}

// readSQLCQueries reads the query files.
func readSQLCQueries(cfg *config.Config, p *config.Package) (*sqlcQueries, error) {
	out := &sqlcQueries{rejected: map[*sqltext.Statement][]string{}}
	// The project has been read once: what is wrong with it has been said.
	sources, _ := schema.Find(cfg.Root, p.Queries)
	for _, s := range sources {
		text, err := os.ReadFile(s.Path)
		if err != nil {
			return nil, err
		}
		f, _ := sqltext.Split(s.Name, string(text))
		out.files = append(out.files, f)
	}
	return out, nil
}

// sqlcSaid is a line of sqlc's about a place.
var sqlcSaid = regexp.MustCompile(`^(.+\.sql):(\d+):(\d+): `)

// reject takes note of the queries that sqlc speaks of, and returns how many of
// them are new.
func (s *sqlcQueries) reject(said string) int {
	before := len(s.rejected)
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		m := sqlcSaid.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		for _, f := range s.files {
			if f.Name != filepath.ToSlash(m[1]) {
				continue
			}
			if st := statementAt(f, m[2], m[3]); st != nil && st.Header != nil && !slices.Contains(s.rejected[st], line) {
				s.rejected[st] = append(s.rejected[st], line)
			}
		}
	}
	return len(s.rejected) - before
}

// statementAt is the statement that sqlc means by a line and a column: where it
// has no better place, that is right behind the statement before. It is nil if
// there is none.
func statementAt(f *sqltext.File, line, column string) *sqltext.Statement {
	l, errLine := strconv.Atoi(line)
	c, errColumn := strconv.Atoi(column)
	if errLine != nil || errColumn != nil || len(f.Statements) == 0 {
		return nil
	}
	offset := 0
	for ; l > 1; l-- {
		n := strings.IndexByte(f.Text[offset:], '\n')
		if n < 0 {
			break
		}
		offset += n + 1
	}
	offset += max(0, c-1)
	for _, st := range f.Statements {
		if offset < statementEnd(st) {
			return st
		}
	}
	return f.Statements[len(f.Statements)-1]
}

// statementEnd is where a statement ends, its semicolon and rows included.
func statementEnd(st *sqltext.Statement) int {
	end := max(st.End, st.DataEnd)
	rest := st.File.Text[end:]
	if trimmed := strings.TrimLeft(rest, " \t\r\n"); strings.HasPrefix(trimmed, ";") {
		end += len(rest) - len(trimmed) + 1
	}
	return end
}

// without is a file with the rejected queries, and the comments that belong to
// them, as white space, so that everything else stays where it is.
func (s *sqlcQueries) without(f *sqltext.File) string {
	text, from := []byte(f.Text), 0
	for _, st := range f.Statements {
		to := statementEnd(st)
		if s.rejected[st] != nil {
			for i := from; i < to; i++ {
				if text[i] != '\n' && text[i] != '\r' {
					text[i] = ' '
				}
			}
		}
		from = to
	}
	return string(text)
}

// write writes the files into a folder and returns their paths in it. Each has
// its name, which decides on that of the generated file.
func (s *sqlcQueries) write(folder string) (paths []string, err error) {
	for i, f := range s.files {
		name := s.path(i)
		if err := os.MkdirAll(filepath.Join(folder, filepath.FromSlash(path.Dir(name))), 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(folder, filepath.FromSlash(name)), []byte(s.without(f)), 0o600); err != nil {
			return nil, err
		}
		paths = append(paths, name)
	}
	return paths, nil
}

func (s *sqlcQueries) path(i int) string {
	return fmt.Sprintf("queries/%d/%s", i, path.Base(s.files[i].Name))
}

// mine puts the names of the user's files in place of those that were written.
func (s *sqlcQueries) mine(said string) string {
	for i, f := range s.files {
		said = strings.ReplaceAll(said, s.path(i)+":", f.Name+":")
	}
	return said
}

// rejections lists the queries that are rejected, by their places.
func (s *sqlcQueries) rejections() []SQLCRejection {
	var out []SQLCRejection
	for st, said := range s.rejected {
		out = append(out, SQLCRejection{Query: st.Header.Name, File: st.File.Name, Line: st.Header.Line, Said: strings.Join(said, "\n")})
	}
	slices.SortFunc(out, func(a, b SQLCRejection) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line)
	})
	return out
}

// accepted is a package without the queries that are rejected.
func (s *sqlcQueries) accepted(m *model.Package) *model.Package {
	out := *m
	out.Queries = slices.DeleteFunc(slices.Clone(m.Queries), func(q *model.Query) bool {
		for st := range s.rejected {
			if st.Header.Name == q.Name {
				return true
			}
		}
		return false
	})
	return &out
}

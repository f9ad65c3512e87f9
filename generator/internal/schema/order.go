package schema

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/diag"
)

// tool is what runs the migrations of a folder, as messages name it. A folder
// of no tool is plain.
type tool string

const (
	plain         tool = ""
	golangMigrate tool = "golang-migrate"
	goose         tool = "goose"
	sqlMigrate    tool = "sql-migrate"
	dbmate        tool = "dbmate"
	tern          tool = "tern"
	atlas         tool = "atlas"
	flyway        tool = "Flyway"
)

// The names of migrations, as the tools' own patterns have them. golang-migrate
// wants an underscore behind the version; that it may miss does no harm.
var (
	golangMigrateName = regexp.MustCompile(`^(\d+)(?:_.*)?\.up\.sql$`)
	underscoreName    = regexp.MustCompile(`^(\d+)_.*\.sql$`)
	numberName        = regexp.MustCompile(`^(\d+).*\.sql$`)
	flywayName        = regexp.MustCompile(`^([VBU])(\d[\d._]*?)__.*\.sql$`)
	flywayRepeatable  = regexp.MustCompile(`^R__.*\.sql$`)
)

// ternSettings is the file that lies beside the migrations of tern.
const ternSettings = "tern.conf"

// recognise tells whose migrations a file holds, by its name or else by its
// text.
func recognise(name, text string) tool {
	base := filepath.Base(name)
	switch {
	case flywayName.MatchString(base), flywayRepeatable.MatchString(base):
		return flyway
	case golangMigrateName.MatchString(base):
		return golangMigrate
	}
	if !strings.Contains(text, "--") {
		return plain
	}
	found := plain
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		rest, isComment := strings.CutPrefix(line, "--")
		if !isComment {
			continue
		}
		w := strings.Fields(rest)
		switch {
		case strings.HasPrefix(line, ternSeparator):
			return tern
		case len(w) == 0:
		case w[0] == "migrate:up":
			return dbmate
		case w[0] == "+goose" && len(w) > 1 && strings.EqualFold(w[1], "up"):
			return goose
		case w[0] == "+migrate" && len(w) > 1 && strings.EqualFold(w[1], "up"):
			return sqlMigrate
		case strings.HasPrefix(w[0], "atlas:"):
			// Atlas reads the folders of other tools too.
			found = atlas
		}
	}
	return found
}

// arrange puts the files of a folder, which come by name, into the order in
// which its tool runs them on an empty database, and leaves out what the tool
// does not run.
func arrange(name, folder string, sources []Source) (ordered []Source, diags diag.List) {
	found := plain
	for i := range sources {
		s := &sources[i]
		// What cannot be read is reported when it is to be run.
		if content, err := os.ReadFile(s.Path); err == nil {
			s.text, s.read = string(content), true
		}
		t := recognise(s.Name, s.text)
		// Names say more than texts, and texts of a tool more than Atlas.
		if found == plain || found == atlas && t != plain || t == flyway || t == golangMigrate && found != flyway {
			found = t
		}
	}
	switch {
	case (found == plain || found == atlas) && exists(filepath.Join(folder, ternSettings)):
		found = tern
	case found == plain && exists(filepath.Join(folder, "atlas.sum")):
		found = atlas
	}
	for i := range sources {
		sources[i].tool = found
	}
	switch found {
	case plain:
		diags.Add(unpadded(name, sources))
		return sources, diags
	case atlas:
		return sinceCheckpoint(sources), diags
	case flyway:
		return flywayOrder(sources)
	case sqlMigrate:
		slices.SortStableFunc(sources, func(a, b Source) int {
			x, y := number(numberName, a), number(numberName, b)
			if (x == "") != (y == "") {
				return cmp.Compare(len(y), len(x)) // what has no number comes last
			}
			return cmp.Or(compareNumbers(x, y), strings.Compare(a.Name, b.Name))
		})
		return sources, diags
	}
	pattern := underscoreName
	switch found {
	case golangMigrate:
		pattern = golangMigrateName
	case dbmate:
		pattern = numberName
	}
	for _, s := range sources {
		if number(pattern, s) == "" {
			diags.Add(ignored(s, found))
			continue
		}
		ordered = append(ordered, s)
	}
	if found == dbmate {
		return ordered, diags // whose order is that of the names
	}
	slices.SortStableFunc(ordered, func(a, b Source) int { return compareNumbers(number(pattern, a), number(pattern, b)) })
	for i := range ordered[min(1, len(ordered)):] {
		if a, b := ordered[i], ordered[i+1]; compareNumbers(number(pattern, a), number(pattern, b)) == 0 {
			diags.Add(sameVersion(a, b, found))
		}
	}
	return ordered, diags
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// number is the version in a file's name, without leading zeros but for "0", or
// empty.
func number(pattern *regexp.Regexp, s Source) string {
	m := pattern.FindStringSubmatch(filepath.Base(s.Path))
	if m == nil {
		return ""
	}
	return cmp.Or(strings.TrimLeft(m[1], "0"), "0")
}

// compareNumbers compares numbers of any length without leading zeros.
func compareNumbers(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func ignored(s Source, t tool) *diag.Diagnostic {
	return &diag.Diagnostic{
		Severity: diag.Warning, File: s.Name, Message: fmt.Sprintf("the file is left out: %s does not run files with such a name", t),
		Hint: "name the file itself under schema if it belongs to it",
	}
}

func sameVersion(a, b Source, t tool) *diag.Diagnostic {
	return &diag.Diagnostic{
		Severity: diag.Warning, File: b.Name, Message: fmt.Sprintf("the version is that of %s too, which %s refuses", filepath.Base(a.Path), t),
		Hint: "give one of them another number",
	}
}

// unpadded warns of a plain folder whose numbers do not grow with its names.
func unpadded(name string, sources []Source) *diag.Diagnostic {
	for i := 1; i < len(sources); i++ {
		before, s := sources[i-1], sources[i]
		x, y := number(numberName, before), number(numberName, s)
		if x != "" && y != "" && compareNumbers(x, y) > 0 {
			return &diag.Diagnostic{
				Severity: diag.Warning, File: name, Message: fmt.Sprintf("%s comes before %s: the folder has no marks of a migration tool and is read by name", filepath.Base(before.Path), filepath.Base(s.Path)),
				Hint: "pad the numbers with zeros, or name the files under schema in their order",
			}
		}
	}
	return nil
}

// sinceCheckpoint leaves out what the last checkpoint of Atlas sums up.
func sinceCheckpoint(sources []Source) []Source {
	for i := len(sources) - 1; i >= 0; i-- {
		if _, ok := atlasDirective(sources[i].text, "checkpoint"); ok {
			return sources[i:]
		}
	}
	return sources
}

// flywayOrder is that of an empty database: the last baseline, the versions
// behind it, then what is repeatable by description. Undos are left out.
func flywayOrder(sources []Source) (ordered []Source, diags diag.List) {
	var versions, baselines, repeatable []Source
	for _, s := range sources {
		base := filepath.Base(s.Path)
		m := flywayName.FindStringSubmatch(base)
		switch {
		case m == nil && flywayRepeatable.MatchString(base):
			repeatable = append(repeatable, s)
		case m == nil:
			diags.Add(ignored(s, flyway))
		case m[1] == "V":
			versions = append(versions, s)
		case m[1] == "B":
			baselines = append(baselines, s)
		}
	}
	byVersion := func(a, b Source) int { return compareVersions(flywayVersion(a), flywayVersion(b)) }
	slices.SortStableFunc(versions, byVersion)
	slices.SortStableFunc(baselines, byVersion)
	if n := len(baselines); n > 0 {
		last := baselines[n-1]
		ordered = append(ordered, last)
		versions = slices.DeleteFunc(versions, func(s Source) bool { return byVersion(s, last) <= 0 })
	}
	for i, s := range versions {
		if i > 0 && byVersion(versions[i-1], s) == 0 {
			diags.Add(sameVersion(versions[i-1], s, flyway))
		}
	}
	return append(append(ordered, versions...), repeatable...), diags
}

// flywayVersion is a version in its parts.
func flywayVersion(s Source) []string {
	m := flywayName.FindStringSubmatch(filepath.Base(s.Path))
	return strings.FieldsFunc(m[2], func(r rune) bool { return r == '.' || r == '_' })
}

// compareVersions compares versions by their numbers; 1 is 1.0.
func compareVersions(a, b []string) int {
	for i := range max(len(a), len(b)) {
		var x, y string
		if i < len(a) {
			x = strings.TrimLeft(a[i], "0")
		}
		if i < len(b) {
			y = strings.TrimLeft(b[i], "0")
		}
		if c := compareNumbers(x, y); c != 0 {
			return c
		}
	}
	return 0
}

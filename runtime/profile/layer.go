package profile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/internal/nearest"
)

// An entry is the value of a key in one source.
type entry struct {
	given    any    // as canonical makes it, or variable; nil takes back what lower layers set
	spelling string // the key as the user writes it
	origin   string // for people
	file     string // path of the file, "" if it is none
}

// A layer is what one source says: canonical keys to values. The keys of server
// settings begin with "params.".
type layer struct {
	entries  map[string]entry
	problems []Problem
}

// A place is where a value stands.
type place struct{ origin, file string }

// add puts the value of a key into the layer, and the values of a table one by
// one. at gives the place of a path of keys as they are written.
func (l *layer) add(path []string, given any, at func(path []string) place) {
	spelling := strings.ToLower(strings.Join(path, "."))
	where := at(path)
	report := func(format string, args ...any) {
		l.problems = append(l.problems, Problem{Key: strings.Join(path, "."), Origin: where.origin, Message: fmt.Sprintf(format, args...)})
	}
	if settings, ok := given.(map[string]string); ok {
		table := make(map[string]any, len(settings))
		for name, setting := range settings {
			table[name] = setting
		}
		given = table
	}
	table, nested := given.(map[string]any)
	name, isParam := strings.CutPrefix(spelling, paramsTable+".")
	k := find(spelling)
	switch {
	case nested && (len(path) == 0 || isTable(spelling) || isParam):
		for _, name := range slices.Sorted(maps.Keys(table)) {
			l.add(append(slices.Clip(path), name), table[name], at)
		}
		return
	case isParam:
		if reserved := find(name); reserved != nil && (reserved.address || reserved.secret) && name != "application_name" {
			report("not a server setting: write %s outside of %s", reserved.name, paramsTable)
			return
		}
	case k != nil:
		spelling = k.name
	case isTable(spelling):
		if given != nil {
			report("is a table, found %s", describe(given))
			return
		}
		if spelling != paramsTable {
			for _, k := range keys {
				if strings.HasPrefix(k.name, spelling+".") {
					l.add(strings.Split(k.name, "."), nil, func([]string) place { return where })
				}
			}
			return
		}
	default:
		if near := nearest.Name(spelling, spellings()); near != "" {
			report("unknown key, did you mean %s?", near)
		} else {
			report("unknown key; the keys are %s", strings.Join(names(), ", "))
		}
		return
	}
	plain, ok := canonical(given)
	if !ok {
		want := "text, a number or a boolean"
		if k != nil {
			want = k.wants()
		}
		report("want %s, found %s", want, describe(given))
		return
	}
	if other, twice := l.entries[spelling]; twice {
		report("is set twice: %s at %s is the same setting", other.spelling, other.origin)
		return
	}
	l.entries[spelling] = entry{given: plain, spelling: strings.Join(path, "."), origin: where.origin, file: where.file}
}

// merge puts upper over l, key by key.
func (l *layer) merge(upper layer) {
	for _, name := range slices.Sorted(maps.Keys(upper.entries)) {
		e := upper.entries[name]
		if name == paramsTable {
			// Null takes back the whole table. It sorts before the table's keys.
			maps.DeleteFunc(l.entries, func(k string, _ entry) bool { return strings.HasPrefix(k, paramsTable+".") })
			continue
		}
		l.entries[name] = e
		if e.given == nil {
			delete(l.entries, name)
			if k := find(name); k != nil {
				l.initialize(k)
			}
		}
	}
	l.problems = append(l.problems, upper.problems...)
}

// initialize gives a key its default.
func (l *layer) initialize(k *key) {
	if k.initial != nil {
		l.entries[k.name] = entry{given: k.initial, spelling: k.name, origin: defaultOrigin}
	}
}

// defaultOrigin is where the defaults come from.
const defaultOrigin = "default"

func newLayer() layer { return layer{entries: map[string]entry{}} }

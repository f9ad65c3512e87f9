package config

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// ForSQLC is the part of the configuration that is for one package, as sqlc is
// to read it elsewhere: in JSON, with the paths of files after prefix, a path
// from there to [Config.Root], for pgx v5, with the code going to the folder
// out, and with nothing to run or to ask but sqlc itself. Queries, if there are
// any, are the paths of files to read instead of those of the configuration. It
// is nil for a package of the native style, of which sqlc knows nothing.
func (c *Config) ForSQLC(p *Package, prefix, out string, queries []string) ([]byte, error) {
	var tree map[string]any
	if p.Style != SQLC {
		return nil, nil
	}
	if err := yaml.Unmarshal([]byte(c.text), &tree); err != nil {
		return nil, err
	}
	for _, key := range []string{"plugins", "cloud", "servers", "rules"} {
		delete(tree, key)
	}
	s := &forSQLC{prefix: prefix, out: out, name: p.Name, skip: slices.Index(c.Packages, p)}
	entries := "sql"
	if c.Version == 1 {
		entries = "packages"
	}
	list, _ := tree[entries].([]any)
	tree[entries] = []any{}
	for _, item := range list {
		if entry, ok := item.(map[string]any); ok && s.entry(entry, c.Version) {
			if len(queries) > 0 {
				entry["queries"] = queries
			}
			tree[entries] = []any{entry}
			break
		}
	}
	return json.Marshal(tree)
}

// forSQLC looks for the entry of a package and changes it.
type forSQLC struct {
	prefix, out, name string
	// skip is the number of packages before the one that is wanted.
	skip int
}

// entry changes an entry of packages or sql in place, if it is the one that is
// wanted.
func (s *forSQLC) entry(entry map[string]any, version int) bool {
	for _, key := range []string{"schema", "queries"} {
		if _, ok := entry[key]; ok {
			entry[key] = s.moved(entry[key])
		}
	}
	delete(entry, "rules")
	delete(entry, "analyzer")
	if database, ok := entry["database"].(map[string]any); ok && database["uri"] == nil {
		// Without its servers, sqlc would only say that there are none.
		delete(entry, "database")
	}
	if version == 1 {
		together(entry)
		entry["path"], entry["name"], entry["sql_package"] = s.out, s.name, "pgx/v5"
		delete(entry, "sql_driver")
		return s.counts()
	}
	gen, _ := entry["gen"].(map[string]any)
	if block, ok := gen["go"].(map[string]any); ok {
		together(block)
		block["out"], block["package"], block["sql_package"] = s.out, s.name, "pgx/v5"
		delete(block, "sql_driver")
		if s.counts() {
			delete(entry, "codegen")
			return true
		}
	}
	plugins, _ := entry["codegen"].([]any)
	for _, item := range plugins {
		if plugin, ok := item.(map[string]any); ok && plugin["plugin"] == Plugin {
			s.counts()
		}
	}
	return false
}

// together takes from a block of sqlc's what spreads its files over folders: not
// every sqlc knows the keys, and what is exported is the same.
func together(block map[string]any) {
	for _, key := range []string{
		"output_models_path", "output_models_package", "output_models_import", "output_models_emit",
		"models_package_import_path", "output_query_files_directory",
	} {
		delete(block, key)
	}
	for key, value := range block {
		if name, ok := value.(string); ok && strings.HasPrefix(key, "output_") && strings.HasSuffix(key, "_file_name") {
			block[key] = path.Base(name)
		}
	}
}

// counts takes note of a package, and reports whether it is the one.
func (s *forSQLC) counts() bool {
	s.skip--
	return s.skip == -1
}

// moved is a path, or a list of them, from where sqlc reads it.
func (s *forSQLC) moved(v any) any {
	switch v := v.(type) {
	case string:
		return path.Join(s.prefix, v)
	case []any:
		for i := range v {
			v[i] = s.moved(v[i])
		}
	}
	return v
}

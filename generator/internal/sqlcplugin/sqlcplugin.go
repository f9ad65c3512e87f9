// Package sqlcplugin reads and writes what sqlc and its plugins say to each
// other.
//
// The format is that of protos/plugin/codegen.proto in sqlc's repository
// (https://github.com/sqlc-dev/sqlc, MIT), version 1.31: a GenerateRequest in,
// a GenerateResponse out. Both come in the binary format of protocol buffers or,
// with format: json, in their JSON with the names of the fields as the file has
// them. sqlc writes the same request in JSON with gen: json:.
// What pgwright has no use for is left out
// here; that is all that sqlc says of the queries.
package sqlcplugin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Method is the argument that sqlc calls the program of a plugin with.
const Method = "/plugin.CodegenService/Generate"

// Request is what sqlc wants code for: one codegen block of one entry of sql.
type Request struct {
	Settings Settings `json:"settings"`
	Catalog  Catalog  `json:"catalog"`
	// SQLCVersion is such as "v1.31.1".
	SQLCVersion string `json:"sqlc_version"`
	// Options are those of the codegen block, as JSON; empty if it has none.
	Options []byte `json:"plugin_options"`
	// GlobalOptions are those that the configuration has for the plugin beside
	// its entries.
	GlobalOptions []byte `json:"global_options"`

	// binary is true if the request came as a message of protocol buffers.
	binary bool
}

// Settings are what sqlc's configuration says of the block.
type Settings struct {
	// Version is that of the configuration, "1" or "2".
	Version string `json:"version"`
	Engine  string `json:"engine"`
	// Schema and Queries are paths as written.
	Schema  []string `json:"schema"`
	Queries []string `json:"queries"`
	Codegen Codegen  `json:"codegen"`
}

// Codegen is the block.
type Codegen struct {
	Out    string `json:"out"`
	Plugin string `json:"plugin"`
}

// Catalog is what sqlc has made of the schema files.
type Catalog struct {
	DefaultSchema string    `json:"default_schema"`
	Schemas       []*Schema `json:"schemas"`
}

// Schema is a schema of the catalog. Those of PostgreSQL's own are among them.
type Schema struct {
	Name       string           `json:"name"`
	Tables     []*Table         `json:"tables"`
	Enums      []*Enum          `json:"enums"`
	Composites []*CompositeType `json:"composite_types"`
}

// Table is a table or a view.
type Table struct {
	Rel     Identifier `json:"rel"`
	Columns []*Column  `json:"columns"`
	Comment string     `json:"comment"`
}

// Enum is an enum type with its values in their order.
type Enum struct {
	Name    string   `json:"name"`
	Values  []string `json:"vals"`
	Comment string   `json:"comment"`
}

// CompositeType is a composite type, of which sqlc keeps no fields.
type CompositeType struct {
	Name    string `json:"name"`
	Comment string `json:"comment"`
}

// Identifier is a name. The schema is empty where none is written.
type Identifier struct {
	Schema string `json:"schema"`
	Name   string `json:"name"`
}

// Column is a column of a table or a view.
type Column struct {
	Name    string `json:"name"`
	NotNull bool   `json:"not_null"`
	// Array is true for an array of Type.
	Array      bool       `json:"is_array"`
	Dimensions int        `json:"array_dims"`
	Comment    string     `json:"comment"`
	Type       Identifier `json:"type"`
}

// Read reads a request in either format. What is none is an error.
func Read(r io.Reader) (*Request, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read sqlc's request: %w", err)
	}
	return Parse(text)
}

// Parse is [Read] for a text, which the request keeps parts of.
func Parse(text []byte) (*Request, error) {
	out := &Request{}
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return nil, errors.New("there is no request on the standard input: sqlc starts this command, as the process of a plugin")
	case json.Valid(text):
		if err := json.Unmarshal(text, out); err != nil {
			return nil, fmt.Errorf("the request is not one of sqlc's: %w", err)
		}
	default:
		out.binary = true
		if err := fields(text, out.field); err != nil {
			return nil, err
		}
	}
	if out.SQLCVersion == "" || out.Catalog.DefaultSchema == "" {
		return nil, errors.New("the request is not one of sqlc's: it has no version or no catalog")
	}
	// JSON may have null where a message is wanted.
	for _, s := range out.Catalog.Schemas {
		if s == nil || slices.Contains(s.Tables, nil) || slices.Contains(s.Enums, nil) || slices.Contains(s.Composites, nil) ||
			slices.ContainsFunc(s.Tables, func(t *Table) bool { return slices.Contains(t.Columns, nil) }) {
			return nil, errors.New("the request is not one of sqlc's: there is nothing where there should be a schema, a table, a column or a type")
		}
	}
	return out, nil
}

// File is a file of the response. Name is relative to the block's folder.
type File struct {
	Name     string `json:"name"`
	Contents []byte `json:"contents"`
}

// Answer writes the response, in the format of the request.
func (r *Request) Answer(w io.Writer, files []File) error {
	answer := encoded(files)
	if !r.binary {
		var err error
		if answer, err = json.Marshal(map[string][]File{"files": files}); err != nil {
			return fmt.Errorf("answer sqlc: %w", err)
		}
	}
	if _, err := w.Write(answer); err != nil {
		return fmt.Errorf("answer sqlc: %w", err)
	}
	return nil
}

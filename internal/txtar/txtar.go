// Package txtar reads and writes archives of text files that are text themselves, as cases of tests are kept in: a comment,
// and then each file behind a line with its name.
//
//	a comment
//	-- path/of/a/file --
//	its lines
//
// It is the format of the same name that Go's own tests use (https://pkg.go.dev/golang.org/x/tools/txtar). A file that is
// not empty ends with a newline, and no line of it can look like that of a name.
package txtar

import (
	"bytes"
	"os"
)

// Archive is a comment and files.
type Archive struct {
	Comment []byte
	Files   []File
}

// File is one file of an archive.
type File struct {
	Name string
	Data []byte
}

// ParseFile reads an archive.
func ParseFile(path string) (*Archive, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(data), nil
}

// Parse reads an archive, whose memory it shares.
func Parse(data []byte) *Archive {
	a := &Archive{}
	into, start, at := &a.Comment, 0, 0
	for at < len(data) {
		end := len(data)
		if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		if name, ok := marker(data[at:end]); ok {
			*into = ended(data[start:at])
			a.Files = append(a.Files, File{Name: name})
			into, start = &a.Files[len(a.Files)-1].Data, end
		}
		at = end
	}
	*into = ended(data[start:])
	return a
}

// marker returns the name in a line that begins a file.
func marker(line []byte) (name string, ok bool) {
	line, begins := bytes.CutPrefix(bytes.TrimRight(line, "\r\n"), []byte("-- "))
	line, ends := bytes.CutSuffix(line, []byte(" --"))
	name = string(bytes.TrimSpace(line))
	return name, begins && ends && name != ""
}

// ended returns text with a newline at its end.
func ended(text []byte) []byte {
	if len(text) == 0 || text[len(text)-1] == '\n' {
		return text
	}
	return append(bytes.Clone(text), '\n')
}

// Format writes an archive.
func Format(a *Archive) []byte {
	out := bytes.Clone(ended(a.Comment))
	for _, f := range a.Files {
		out = append(out, "-- "+f.Name+" --\n"...)
		out = append(out, ended(f.Data)...)
	}
	return out
}

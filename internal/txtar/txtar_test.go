package txtar_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/txtar"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, comment string
		files               []txtar.File
		// again is the text as it is written, if that is another.
		again string
	}{
		{name: "empty"},
		{name: "comment", text: "one\ntwo\n", comment: "one\ntwo\n"},
		{name: "comment without an end", text: "one", comment: "one\n", again: "one\n"},
		{name: "files", text: "c\n-- a.txt --\n1\n2\n-- b/c d.sql --\n3\n", comment: "c\n", files: []txtar.File{
			{Name: "a.txt", Data: []byte("1\n2\n")}, {Name: "b/c d.sql", Data: []byte("3\n")},
		}},
		{name: "empty files", text: "-- a --\n-- b --\n", files: []txtar.File{{Name: "a"}, {Name: "b"}}},
		{
			name: "file without an end", text: "-- a --\n1", files: []txtar.File{{Name: "a", Data: []byte("1\n")}},
			again: "-- a --\n1\n",
		},
		{name: "name without an end", text: "-- a --", files: []txtar.File{{Name: "a"}}, again: "-- a --\n"},
		{
			name: "Windows", text: "-- a --\r\n1\r\n", files: []txtar.File{{Name: "a", Data: []byte("1\r\n")}},
			again: "-- a --\n1\r\n",
		},
		{
			name: "not names", text: "-- --\n --  --\n-- a\n--a--\n-- a --.\n x-- a --\n",
			comment: "-- --\n --  --\n-- a\n--a--\n-- a --.\n x-- a --\n",
		},
		{name: "spaces", text: "--  a  --\n", files: []txtar.File{{Name: "a"}}, again: "-- a --\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "archive.txtar")
			require.NoError(t, os.WriteFile(path, []byte(test.text), 0o644))
			a, err := txtar.ParseFile(path)
			require.NoError(t, err)
			require.Equal(t, test.comment, string(a.Comment))
			require.Len(t, a.Files, len(test.files))
			for i, f := range a.Files {
				require.Equal(t, test.files[i].Name, f.Name)
				require.Equal(t, string(test.files[i].Data), string(f.Data))
			}
			again := test.text
			if test.again != "" {
				again = test.again
			}
			require.Equal(t, again, string(txtar.Format(a)))
		})
	}
	_, err := txtar.ParseFile(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

package sqltext_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

func TestName(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		`users`: "users", `Users`: "users", `ÄRGER_X`: "Ärger_x", `"Users"`: "Users", `"say ""hi"""`: `say "hi"`,
		`""`: "", `"open`: "", `U&"d\0061t"`: "", `'text'`: "", `$1`: "", `(`: "",
	} {
		tokens := sqltext.Significant(written)
		require.Len(t, tokens, 1, written)
		require.Equal(t, want, sqltext.Name(written, tokens[0]), written)
	}
}

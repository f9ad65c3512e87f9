package catalog

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRow(t *testing.T) {
	t.Parallel()
	r := row{values: [][]byte{
		{0, 0, 1, 0},
		{0xff, 0xff},
		{0xff, 0xff, 0xff, 0xfe},
		{1},
		{0},
		{'x'},
		[]byte("text"), nil,
		// {a, NULL, bc}
		{0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 25, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1, 'a', 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 2, 'b', 'c'},
		// {}
		{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25},
		// {7}
		{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 26, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 7},
	}}
	require.Equal(t, uint32(256), r.oid(0))
	require.Equal(t, -1, r.integer(1))
	require.Equal(t, -2, r.integer(2))
	require.True(t, r.boolean(3))
	require.False(t, r.boolean(4))
	require.Equal(t, byte('x'), r.char(5))
	require.Equal(t, "text", r.text(6))
	require.Zero(t, r.oid(7))
	require.Zero(t, r.integer(7))
	require.Empty(t, r.text(7))
	require.Nil(t, r.texts(7))
	require.Equal(t, []string{"a", "", "bc"}, r.texts(8))
	require.Empty(t, r.texts(9))
	require.Equal(t, []uint32{7}, r.oids(10))
	require.NoError(t, r.err)
}

func TestRowOfAnotherShape(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]func(*row){
		"oid":          func(r *row) { r.oid(0) },
		"integer":      func(r *row) { r.integer(0) },
		"boolean":      func(r *row) { r.boolean(0) },
		"char":         func(r *row) { r.char(0) },
		"array":        func(r *row) { r.texts(0) },
		"missing":      func(r *row) { r.text(5) },
		"missing oid":  func(r *row) { r.oid(5) },
		"missing list": func(r *row) { r.chars(5) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := row{values: [][]byte{{1, 2, 3}}}
			read(&r)
			require.ErrorIs(t, r.err, errShape)
		})
	}
}

// Whatever the server sends, nothing is read beyond it.
func FuzzArray(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 26, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 7})
	f.Add([]byte{0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 25, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := row{values: [][]byte{b}}
		for _, s := range r.texts(0) {
			require.LessOrEqual(t, len(s), len(b))
		}
		require.LessOrEqual(t, 4*len(r.oids(0)), len(b))
		require.LessOrEqual(t, len(r.chars(0)), len(b))
	})
}

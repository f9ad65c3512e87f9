package report

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func table() *Table {
	t := &Table{Head: []string{"", "client", "CPU"}}
	t.Add("many", "pgwright", "12 ns")
	t.Add("", "pgx by hand", Nanos(1234))
	return t
}

func TestTableText(t *testing.T) {
	t.Parallel()
	require.Equal(t, ""+
		"      client            CPU\n"+
		"many  pgwright        12 ns\n"+
		"      pgx by hand  1,234 ns\n", table().Text())
}

func TestTableMarkdown(t *testing.T) {
	t.Parallel()
	require.Equal(t, ""+
		"|  | client | CPU |\n"+
		"|---|---|---:|\n"+
		"| many | pgwright | 12 ns |\n"+
		"|  | pgx by hand | 1,234 ns |\n", table().Markdown())
}

func TestFigures(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"0 ns": Nanos(0), "9,999 ns": Nanos(9999), "10.0 µs": Nanos(10_000), "1500.0 µs": Nanos(1_500_000), "15 ms": Nanos(15e6), "2.50 s": Nanos(2.5e9),
		"7": Count(7), "1,234,567": Count(1234567), "-12": Count(-12), "-123": Count(-123), "-1,234": Count(-1234),
		"0.0500": Allocs(0.05), "8.10": Allocs(8.1), "0.050": Ratio(0.05), "0.35": Ratio(0.351),
		"≤ 0.35": AtMost(0.35), "≤ 10": AtMost(10),
		"ok": Verdict(1, 1), "MISSED": Verdict(1.01, 1),
	} {
		require.Equal(t, want, got)
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "doc.md")
	require.NoError(t, os.WriteFile(path, []byte("a\n<!-- x -->\nold\n<!-- end of x -->\nb\n"), 0o644))
	for range 2 {
		require.NoError(t, Fill(path, "x", "new\n"))
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, "a\n<!-- x -->\n\nnew\n\n<!-- end of x -->\nb\n", string(got))
	}
	require.ErrorContains(t, Fill(path, "y", "new\n"), `no section "y"`)
}

func TestPlot(t *testing.T) {
	t.Parallel()
	plot := Plot("a < b", "by hand", "ours", []Bar{{Label: "many & wide", Ratio: 0.5, Floor: 0.25}, {Label: "worse", Ratio: 9}})
	decoder := xml.NewDecoder(strings.NewReader(plot))
	var widths, floors []string
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		attr := make(map[string]string)
		for _, a := range e.Attr {
			attr[a.Name.Local] = a.Value
		}
		switch {
		case e.Name.Local == "rect" && attr["class"] == "subject":
			widths = append(widths, attr["width"])
		case e.Name.Local == "line":
			floors = append(floors, attr["x1"]+","+attr["y1"]+" "+attr["x2"]+","+attr["y2"])
		}
	}
	require.Equal(t, []string{"11", "240", "520"}, widths, "the key and the bars, of which none leaves the plot")
	require.Len(t, floors, 2)
	require.Equal(t, "310,56 310,88", floors[1], "across both bars")
}

// Package report prints tables and a plot.
package report

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Table is a table with a line of heads.
type Table struct {
	Head []string
	rows [][]string
}

// Add adds a row, with as many cells as the head has.
func (t *Table) Add(cells ...string) { t.rows = append(t.rows, cells) }

// Text returns the table for a terminal.
func (t *Table) Text() string {
	widths := make([]int, len(t.Head))
	for _, row := range t.all() {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range t.all() {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if figure(cell) || t.figures(i) {
				line.WriteString(pad + cell + "  ")
			} else {
				line.WriteString(cell + pad + "  ")
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// Markdown returns the table for a document.
func (t *Table) Markdown() string {
	var b strings.Builder
	line := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line(t.Head)
	for i := range t.Head {
		b.WriteString("|---")
		if t.figures(i) {
			b.WriteString(":")
		}
	}
	b.WriteString("|\n")
	for _, row := range t.rows {
		line(row)
	}
	return b.String()
}

func (t *Table) all() [][]string { return append([][]string{t.Head}, t.rows...) }

// figures is true if a column has figures only.
func (t *Table) figures(column int) bool {
	some := false
	for _, row := range t.rows {
		if row[column] != "" && !figure(row[column]) {
			return false
		}
		some = some || row[column] != ""
	}
	return some
}

func figure(cell string) bool {
	cell = strings.TrimPrefix(cell, "≤ ")
	return cell != "" && (cell[0] >= '0' && cell[0] <= '9' || cell[0] == '-' && len(cell) > 1)
}

// Nanos formats a time given in nanoseconds.
func Nanos(n float64) string {
	switch {
	case n < 10_000:
		return Count(n) + " ns"
	case n < 10_000_000:
		return fmt.Sprintf("%.1f µs", n/1e3)
	case n < 1e9:
		return fmt.Sprintf("%.0f ms", n/1e6)
	}
	return fmt.Sprintf("%.2f s", n/1e9)
}

// Count formats a number with commas.
func Count(n float64) string {
	digits, negative := strings.CutPrefix(strconv.FormatFloat(n, 'f', 0, 64), "-")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if negative {
		return "-" + digits
	}
	return digits
}

// Allocs formats a number of allocations.
func Allocs(n float64) string {
	if n < 0.1 {
		return fmt.Sprintf("%.4f", n)
	}
	return fmt.Sprintf("%.2f", n)
}

// Ratio formats a ratio.
func Ratio(r float64) string {
	if r < 0.1 {
		return fmt.Sprintf("%.3f", r)
	}
	return fmt.Sprintf("%.2f", r)
}

// AtMost formats a target.
func AtMost(n float64) string { return "≤ " + strconv.FormatFloat(n, 'f', -1, 64) }

// Verdict says whether a figure reaches its target.
func Verdict(n, most float64) string {
	if n <= most {
		return "ok"
	}
	return "MISSED"
}

// Fill replaces what stands in a document between the marks of a section.
func Fill(path, section, text string) error {
	doc, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	begin, end := "<!-- "+section+" -->\n", "<!-- end of "+section+" -->"
	before, rest, found := strings.Cut(string(doc), begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return fmt.Errorf("%s has no section %q", path, section)
	}
	return WriteFile(path, before+begin+"\n"+text+"\n"+end+after)
}

// WriteFile writes a document.
func WriteFile(path, text string) error { return os.WriteFile(path, []byte(text), 0o644) }

package schema

import "strings"

// ternSeparator parts the halves of a tern migration.
const ternSeparator = "---- create above / drop below ----"

// up blanks out the down parts of a migration. Every byte keeps its place, and
// line ends stay, so that positions are those of the file. The markers are
// those of goose, sql-migrate, dbmate and tern.
func up(text string) string {
	if !strings.Contains(text, "+goose") && !strings.Contains(text, "+migrate") &&
		!strings.Contains(text, "migrate:") && !strings.Contains(text, ternSeparator) {
		return text
	}
	var out []byte
	down := false
	for start := 0; start < len(text); {
		end := len(text)
		if i := strings.IndexAny(text[start:], "\r\n"); i >= 0 {
			end = start + i + 1
		}
		line := text[start:end]
		switch direction(line) {
		case goesDown:
			down = true
		case goesUp:
			down = false
		}
		if down {
			if out == nil {
				out = []byte(text)
			}
			for i := start; i < end; i++ {
				if text[i] != '\r' && text[i] != '\n' {
					out[i] = ' '
				}
			}
		}
		start = end
	}
	if out == nil {
		return text
	}
	return string(out)
}

type way int

const (
	goesOn way = iota
	goesUp
	goesDown
)

// direction reads a line as a marker.
func direction(line string) way {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "--") {
		return goesOn
	}
	if strings.HasPrefix(line, ternSeparator) {
		return goesDown
	}
	w := strings.Fields(line[2:])
	switch {
	case len(w) == 0:
		return goesOn
	case w[0] == "migrate:up":
		return goesUp
	case w[0] == "migrate:down":
		return goesDown
	case len(w) == 1 || w[0] != "+goose" && w[0] != "+migrate":
		return goesOn
	case strings.EqualFold(w[1], "up"):
		return goesUp
	case strings.EqualFold(w[1], "down"):
		return goesDown
	}
	return goesOn
}

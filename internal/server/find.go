package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MinMajor is the oldest supported major version of PostgreSQL.
const MinMajor = 13

// Binaries are the programs of one PostgreSQL installation.
type Binaries struct {
	Dir     string // folder of postgres and initdb, absolute, links followed
	Version string // "15.18", "19beta1"
	Major   int    // 15
	Source  string // where it was found: "PATH", "--postgres-bin", "Debian folder", …
}

// Candidate is a place where PostgreSQL was looked for.
type Candidate struct {
	Source  string
	Dir     string // "" if the source names no folder
	Version string // "" if unknown
	Used    bool   // Find returns this one
	Reason  string // why it cannot be used; "" if it can
}

// NotFoundError says that no usable PostgreSQL was found, where it was looked for, and how to get one.
type NotFoundError struct {
	Version    string // as asked for; "" for any
	Candidates []Candidate
}

func (e *NotFoundError) Error() string {
	var b strings.Builder
	wanted := fmt.Sprintf("%d or newer", MinMajor)
	if e.Version != "" {
		wanted = e.Version
	}
	fmt.Fprintf(&b, "no PostgreSQL %s found", wanted)
	for _, c := range e.Candidates {
		if c.Reason == "" {
			continue
		}
		b.WriteString("\n  " + c.Source)
		if c.Dir != "" {
			b.WriteString(" (" + c.Dir + ")")
		}
		b.WriteString(": " + c.Reason)
	}
	version := ""
	if e.Version != "" {
		version = " " + e.Version
	}
	b.WriteString("\nget one in any of these ways:")
	b.WriteString("\n  - install the server with the system's package manager (" + packageHint() + ")")
	b.WriteString("\n  - name the folder of postgres and initdb with --postgres-bin or PGWRIGHT_POSTGRES_BIN")
	b.WriteString("\n  - run: pgwright postgres install" + version)
	return b.String()
}

func packageHint() string {
	switch runtime.GOOS {
	case "darwin":
		return "brew install postgresql"
	case "windows":
		return "winget install PostgreSQL.PostgreSQL.17"
	default:
		return "apt-get install postgresql, dnf install postgresql-server, apk add postgresql"
	}
}

// Find returns the first PostgreSQL that can be used: the folder named by Options or PGWRIGHT_POSTGRES_BIN (and then no
// other), PATH, pg_config, the standard install folders with the newest version first, and what Install fetched. The
// error is a *[NotFoundError], or the context's.
func Find(ctx context.Context, opts Options) (*Binaries, error) {
	bin, candidates, err := search(ctx, opts, false)
	if err != nil {
		return nil, err
	}
	if bin == nil {
		return nil, &NotFoundError{Version: opts.Version, Candidates: candidates}
	}
	return bin, nil
}

// Candidates returns every place where Find looks, in its order, with what is wrong with those it does not use.
func Candidates(ctx context.Context, opts Options) []Candidate {
	_, candidates, err := search(ctx, opts, true)
	if err != nil {
		return []Candidate{{Source: "search", Reason: err.Error()}}
	}
	return candidates
}

func search(ctx context.Context, opts Options, all bool) (*Binaries, []Candidate, error) {
	account, err := serverAccount()
	if err != nil {
		return nil, nil, err
	}
	var used *Binaries
	var candidates []Candidate
	seen := map[string]string{}
	// consider returns false when the search is over.
	consider := func(source, dir, reason string) bool {
		c := Candidate{Source: source, Dir: dir, Reason: reason}
		if reason == "" {
			bin, err := inspect(ctx, dir, opts.Version, account)
			if bin != nil {
				c.Dir, c.Version = bin.Dir, bin.Version
				bin.Source = source
			}
			switch {
			case err != nil:
				c.Reason = err.Error()
			case used == nil:
				c.Used, used = true, bin
			case seen[bin.Dir] != "":
				c.Reason = "the same as " + seen[bin.Dir]
			default:
				c.Reason = "an earlier one is used"
			}
			if c.Version != "" && seen[c.Dir] == "" {
				seen[c.Dir] = source
			}
		}
		candidates = append(candidates, c)
		return all || used == nil
	}
	for _, place := range opts.places(ctx, account) {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		source, dirs := place()
		if len(dirs) == 0 && !consider(source, "", "nothing there") {
			return used, candidates, nil
		}
		for _, dir := range dirs {
			if !consider(source, dir, "") {
				return used, candidates, ctx.Err()
			}
		}
	}
	return used, candidates, ctx.Err()
}

// places are the sources in order. Each is asked only when it is its turn, because some start a program.
func (o Options) places(ctx context.Context, account account) []func() (source string, dirs []string) {
	fixed := func(source string, dirs ...string) func() (string, []string) {
		return func() (string, []string) { return source, dirs }
	}
	if o.BinDir != "" {
		return []func() (string, []string){fixed("--postgres-bin", o.BinDir)}
	}
	if dir := o.env("PGWRIGHT_POSTGRES_BIN"); dir != "" {
		return []func() (string, []string){fixed("PGWRIGHT_POSTGRES_BIN", dir)}
	}
	places := []func() (string, []string){
		fixed("PATH", o.onPath("postgres")...),
		func() (string, []string) { return "pg_config --bindir", o.fromPGConfig(ctx) },
	}
	for _, s := range o.standardFolders() {
		places = append(places, func() (string, []string) { return s.name, newestFirst(s.pattern) })
	}
	roots, err := o.cacheRoots(account)
	if err != nil {
		return places
	}
	for _, root := range roots {
		places = append(places, func() (string, []string) {
			return "pgwright postgres install", newestFirst(filepath.Join(root, "postgres", "*", "bin"))
		})
	}
	return places
}

// onPath returns the folders of PATH that have the program.
func (o Options) onPath(program string) []string {
	var dirs []string
	for _, dir := range filepath.SplitList(o.env("PATH")) {
		if !filepath.IsAbs(dir) {
			continue // a relative folder would run whatever lies in the project
		}
		if isProgram(filepath.Join(dir, exeName(program))) && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

func (o Options) fromPGConfig(ctx context.Context) []string {
	var dirs []string
	for _, dir := range o.onPath("pg_config") {
		out, err := runProgram(ctx, filepath.Join(dir, exeName("pg_config")), "--bindir")
		if err == nil && out != "" && !slices.Contains(dirs, out) {
			dirs = append(dirs, out)
		}
	}
	return dirs
}

type standardFolder struct{ name, pattern string }

func (o Options) standardFolders() []standardFolder {
	if o.standard != nil {
		var folders []standardFolder
		for _, pattern := range o.standard {
			folders = append(folders, standardFolder{"standard folder", pattern})
		}
		return folders
	}
	switch runtime.GOOS {
	case "darwin":
		return []standardFolder{
			{"Homebrew folder", "/opt/homebrew/opt/postgresql*/bin"},
			{"Homebrew folder", "/usr/local/opt/postgresql*/bin"},
			{"Postgres.app", "/Applications/Postgres.app/Contents/Versions/*/bin"},
			{"installer folder", "/Library/PostgreSQL/*/bin"},
		}
	case "windows":
		return []standardFolder{{"installer folder", filepath.Join(o.env("ProgramFiles"), "PostgreSQL", "*", "bin")}}
	default:
		return []standardFolder{
			{"Debian folder", "/usr/lib/postgresql/*/bin"},
			{"Red Hat folder", "/usr/pgsql-*/bin"},
			{"Alpine folder", "/usr/libexec/postgresql*"},
			{"Homebrew folder", "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin"},
			{"source install folder", "/usr/local/pgsql/bin"},
		}
	}
}

// newestFirst returns the folders that match, sorted by the numbers in their paths.
func newestFirst(pattern string) []string {
	dirs, err := filepath.Glob(pattern)
	if err != nil {
		return nil
	}
	slices.SortFunc(dirs, func(a, b string) int {
		if d := slices.Compare(numbers(b), numbers(a)); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return dirs
}

func numbers(path string) []int {
	var list []int
	for _, digits := range regexp.MustCompile(`[0-9]+`).FindAllString(path, -1) {
		n, err := strconv.Atoi(digits)
		if err == nil {
			list = append(list, n)
		}
	}
	return list
}

// inspect says what PostgreSQL is in a folder. With an error the result may still name the version.
func inspect(ctx context.Context, dir, wanted string, account account) (*Binaries, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, errors.New("no such folder")
	}
	// The root of an installation is a near miss of its bin folder.
	if !isProgram(filepath.Join(dir, exeName("postgres"))) && isProgram(filepath.Join(dir, "bin", exeName("postgres"))) {
		dir = filepath.Join(dir, "bin")
	}
	if !isProgram(filepath.Join(dir, exeName("postgres"))) {
		if isProgram(filepath.Join(dir, exeName("psql"))) {
			return nil, errors.New("has the client programs only, no postgres")
		}
		return nil, errors.New("has no postgres program")
	}
	// A link to the program is no help for finding the files that belong to it.
	real, err := filepath.EvalSymlinks(filepath.Join(dir, exeName("postgres")))
	if err != nil {
		return nil, err
	}
	bin := &Binaries{Dir: filepath.Dir(real)}
	if !isProgram(bin.program("initdb")) {
		return nil, fmt.Errorf("%s has postgres but no initdb", bin.Dir)
	}
	if err := account.canEnter(bin.Dir); err != nil {
		return nil, err
	}
	line, err := runProgram(ctx, real, "--version")
	if err != nil {
		return nil, fmt.Errorf("postgres --version: %w", err)
	}
	if bin.Version, bin.Major, err = parseVersion(line); err != nil {
		return nil, err
	}
	if bin.Major < MinMajor {
		return bin, fmt.Errorf("version %s is too old: %d is the oldest supported", bin.Version, MinMajor)
	}
	if wanted != "" && wanted != bin.Version && wanted != strconv.Itoa(bin.Major) {
		return bin, fmt.Errorf("version %s, not %s", bin.Version, wanted)
	}
	return bin, nil
}

// parseVersion reads the line that postgres --version prints.
func parseVersion(line string) (version string, major int, err error) {
	match := regexp.MustCompile(`\(PostgreSQL\) (([0-9]+)(\.[0-9]+|[a-z]+[0-9]*)*)`).FindStringSubmatch(line)
	if match == nil {
		return "", 0, fmt.Errorf("postgres --version says %q", line)
	}
	major, err = strconv.Atoi(match[2])
	if err != nil {
		return "", 0, fmt.Errorf("postgres --version says %q", line)
	}
	return match[1], major, nil
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode().Perm()&0o111 != 0)
}

// runProgram returns the first line that a program prints.
func runProgram(ctx context.Context, path string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = childEnv(os.Environ())
	cmd.WaitDelay = time.Second
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		if text := strings.TrimSpace(stderr.String()); text != "" {
			return "", fmt.Errorf("%w: %s", err, text)
		}
		return "", err
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(line), nil
}

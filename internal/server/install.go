package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DefaultInstallURL is where Install fetches from: the releases of github.com/theseus-rs/postgresql-binaries. A release is
// a folder named by its full version, as 17.10.0, with postgresql-<version>-<target triple>.tar.gz and a file with
// ".sha256" added to that name for each platform.
const DefaultInstallURL = "https://github.com/theseus-rs/postgresql-binaries/releases/download"

const (
	maxArchiveBytes = 1 << 30
	maxSumBytes     = 4 << 10
	stallTimeout    = time.Minute
)

// release is a published version. Its third number counts the builds of one PostgreSQL version.
type release struct {
	major int
	full  string
}

// releases has one known version per major, newest first. To add one, look at the releases page of the project named at
// [DefaultInstallURL] and enter the full version of a release that has archives for all of targets. Versions that are not
// listed can be installed by their full number.
func releases() []release {
	return []release{
		{18, "18.4.0"},
		{17, "17.10.0"},
		{16, "16.14.0"},
		{15, "15.18.0"},
		{14, "14.23.0"},
		{13, "13.23.0"},
	}
}

// InstallVersions returns the full version that each major stands for, newest first.
func InstallVersions() []string {
	var versions []string
	for _, r := range releases() {
		versions = append(versions, r.full)
	}
	return versions
}

// InstallOptions say what to fetch and where to put it. The zero value fetches the newest known version for this machine.
type InstallOptions struct {
	Version  string              // "17" (a known release), "17.2", "17.2.0"; "" is the newest known
	BaseURL  string              // default: PGWRIGHT_POSTGRES_URL, else [DefaultInstallURL]
	CacheDir string              // as in [Options]
	Platform string              // Rust's target triple; default: that of this machine
	Env      func(string) string // default [os.Getenv]
	Client   *http.Client        // default: one with the proxy of the environment

	// Progress is called from Install's goroutine for each piece of the archive that came, in bytes. The total is -1 if
	// the server does not tell it.
	Progress func(done, total int64)
}

// Install fetches a prebuilt PostgreSQL into the cache directory, where [Find] finds it. A version that is there already
// is not fetched again. The archive is checked against its SHA-256 sum before it is unpacked, and appears in the cache
// whole or not at all.
func Install(ctx context.Context, opts InstallOptions) (*Binaries, error) {
	bin, err := install(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("install PostgreSQL: %w", err)
	}
	return bin, nil
}

func install(ctx context.Context, opts InstallOptions) (*Binaries, error) {
	base := Options{CacheDir: opts.CacheDir, Env: opts.Env}
	version, err := fullVersion(opts.Version)
	if err != nil {
		return nil, err
	}
	if opts.Platform == "" {
		if opts.Platform, err = platform(); err != nil {
			return nil, err
		}
	}
	if opts.BaseURL == "" {
		opts.BaseURL = base.env("PGWRIGHT_POSTGRES_URL")
	}
	if opts.BaseURL == "" {
		opts.BaseURL = DefaultInstallURL
	}
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	cache, err := openCache(base, account, newLogger(nil))
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(cache.root, "postgres")
	if err := publicDir(folder); err != nil {
		return nil, err
	}
	lock, err := waitLock(ctx, filepath.Join(folder, version+".lock"), false)
	if err != nil {
		return nil, err
	}
	bin, err := installLocked(ctx, opts, version, folder, account)
	return bin, errors.Join(err, lock.unlock())
}

func installLocked(ctx context.Context, opts InstallOptions, version, folder string, account account) (*Binaries, error) {
	target := filepath.Join(folder, version)
	if bin, err := inspect(ctx, filepath.Join(target, "bin"), "", account); err == nil {
		bin.Source = "pgwright postgres install"
		return bin, nil
	}
	// Its name begins with a dot, so that Find does not take it for an installation.
	temporary := filepath.Join(folder, "."+version)
	if err := os.RemoveAll(temporary); err != nil {
		return nil, err
	}
	bin, err := installInto(ctx, opts, version, temporary, account)
	if err == nil {
		err = os.RemoveAll(target)
	}
	if err == nil {
		err = os.Rename(filepath.Join(temporary, "tree"), target)
	}
	if err := errors.Join(err, os.RemoveAll(temporary)); err != nil {
		return nil, err
	}
	return &Binaries{
		Dir: filepath.Join(target, "bin"), Version: bin.Version, Major: bin.Major, Source: "pgwright postgres install",
	}, nil
}

// installInto fetches and unpacks into temporary/tree, and tries the result.
func installInto(ctx context.Context, opts InstallOptions, version, temporary string, account account) (*Binaries, error) {
	if err := publicDir(temporary); err != nil {
		return nil, err
	}
	tree := filepath.Join(temporary, "tree")
	if err := publicDir(tree); err != nil {
		return nil, err
	}
	name := "postgresql-" + version + "-" + opts.Platform
	archive, err := os.Create(filepath.Join(temporary, "archive"))
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	f := fetcher{client: opts.client(), version: version, platform: opts.Platform}
	url := strings.TrimRight(opts.BaseURL, "/") + "/" + version + "/" + name + ".tar.gz"
	if err := f.archive(ctx, url, archive, opts.Progress); err != nil {
		return nil, err
	}
	if _, err := archive.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	if err := Unpack(ctx, archive, tree, name); err != nil {
		return nil, err
	}
	bin, err := inspect(ctx, filepath.Join(tree, "bin"), "", account)
	if err != nil {
		return nil, fmt.Errorf("what %s has does not work here: %w", url, err)
	}
	return bin, nil
}

// publicDir makes a directory that every user can read: binaries are no secret, and the server may run as another user.
func publicDir(path string) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	return os.Chmod(path, 0o755)
}

// fullVersion completes what the user asked for to the version of a release.
func fullVersion(asked string) (string, error) {
	known := releases()
	if asked == "" {
		return known[0].full, nil
	}
	match := regexp.MustCompile(`^([0-9]{1,4})(\.[0-9]{1,4})?(\.[0-9]{1,4})?$`).FindStringSubmatch(asked)
	if match == nil {
		return "", fmt.Errorf("version %q is not of the form 17, 17.2 or 17.2.0", asked)
	}
	major, err := strconv.Atoi(match[1])
	if err != nil {
		return "", fmt.Errorf("version %q: %w", asked, err)
	}
	if major < MinMajor {
		return "", fmt.Errorf("version %s is too old: %d is the oldest supported", asked, MinMajor)
	}
	switch {
	case match[3] != "":
		return asked, nil
	case match[2] != "":
		return asked + ".0", nil
	}
	i := slices.IndexFunc(known, func(r release) bool { return r.major == major })
	if i < 0 {
		return "", fmt.Errorf("no release of PostgreSQL %d is known: give a full version, or one of %s", major, strings.Join(InstallVersions(), ", "))
	}
	return known[i].full, nil
}

// platform is the target triple of this machine.
func platform() (string, error) {
	processors := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}
	systems := map[string]string{"linux": "unknown-linux-gnu", "darwin": "apple-darwin", "windows": "pc-windows-msvc"}
	processor, system := processors[runtime.GOARCH], systems[runtime.GOOS]
	if processor == "" || system == "" || runtime.GOOS == "windows" && processor != "x86_64" {
		return "", fmt.Errorf("there is no prebuilt PostgreSQL for %s on %s: install one with the system's package manager", runtime.GOOS, runtime.GOARCH)
	}
	if runtime.GOOS == "linux" && usesMusl("/") {
		system = "unknown-linux-musl"
	}
	return processor + "-" + system, nil
}

// usesMusl tells Alpine and its like from systems that have musl beside the GNU C library.
func usesMusl(root string) bool {
	if _, err := os.Stat(filepath.Join(root, "etc/alpine-release")); err == nil {
		return true
	}
	has := func(pattern string) bool {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		return err == nil && len(found) > 0
	}
	return has("lib/ld-musl-*.so.1") && !has("lib*/ld-linux*.so.*")
}

func (o InstallOptions) client() *http.Client {
	client := http.Client{}
	if o.Client != nil {
		client = *o.Client
	}
	follow := client.CheckRedirect
	client.CheckRedirect = func(request *http.Request, via []*http.Request) error {
		if via[0].URL.Scheme == "https" && request.URL.Scheme != "https" {
			return fmt.Errorf("refused to be sent from https to %s", request.URL.Redacted())
		}
		if follow != nil {
			return follow(request, via)
		}
		if len(via) >= 10 {
			return errors.New("stopped after 10 redirects")
		}
		return nil
	}
	return &client
}

type fetcher struct {
	client            *http.Client
	version, platform string
}

// archive writes the archive to a file and compares it with its published sum.
func (f fetcher) archive(ctx context.Context, url string, to io.Writer, progress func(done, total int64)) error {
	want, err := f.sum(ctx, url+".sha256")
	if err != nil {
		return err
	}
	hash := sha256.New()
	err = f.get(ctx, url, func(body io.Reader, total int64) error {
		if total > maxArchiveBytes {
			return fmt.Errorf("archive of %d bytes is too large", total)
		}
		var done int64
		body = io.TeeReader(body, writerFunc(func(p []byte) {
			done += int64(len(p))
			if progress != nil {
				progress(done, total)
			}
		}))
		n, err := io.Copy(io.MultiWriter(to, hash), io.LimitReader(body, maxArchiveBytes+1))
		if err == nil && n > maxArchiveBytes {
			return fmt.Errorf("archive of more than %d bytes is too large", int64(maxArchiveBytes))
		}
		return err
	})
	if err != nil {
		return err
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != want {
		return fmt.Errorf("%s has the SHA-256 sum %s, but %s is published: the download is damaged or was tampered with", url, got, want)
	}
	return nil
}

func (f fetcher) sum(ctx context.Context, url string) (string, error) {
	var sum string
	err := f.get(ctx, url, func(body io.Reader, _ int64) error {
		text, err := io.ReadAll(io.LimitReader(body, maxSumBytes))
		if err != nil {
			return err
		}
		sum, err = parseSum(string(text))
		return err
	})
	return sum, err
}

// parseSum finds the one SHA-256 sum in the output of sha256sum ("<sum>  <file>") or of Windows' certutil, which prints
// it on a line of its own between two sentences; older certutils put blanks between the bytes.
func parseSum(text string) (string, error) {
	isSum := regexp.MustCompile(`^[0-9a-f]{64}$`)
	var found []string
	for line := range strings.Lines(strings.ToLower(text)) {
		words := strings.Fields(line)
		if len(words) == sha256.Size {
			words = []string{strings.Join(words, "")}
		}
		for _, word := range words {
			if isSum.MatchString(word) && !slices.Contains(found, word) {
				found = append(found, word)
			}
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("checksum file has %d SHA-256 sums instead of one", len(found))
	}
	return found[0], nil
}

// get hands the body of a successful response to use. A transfer that stalls is given up.
func (f fetcher) get(ctx context.Context, url string, use func(body io.Reader, length int64) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := fmt.Errorf("nothing came for %s", stallTimeout)
	timer := time.AfterFunc(stallTimeout, func() { cancel(stalled) })
	defer timer.Stop()
	explain := func(err error) error {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return fmt.Errorf("fetch %s: %w", url, err)
	}

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	// The transport would undo a compression that it asked for itself, and the sum is of the archive as it is.
	request.Header.Set("Accept-Encoding", "identity")
	response, err := f.client.Do(request)
	if err != nil {
		return explain(err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNotFound {
		return fmt.Errorf("fetch %s: PostgreSQL %s is not published for %s; known versions are %s",
			url, f.version, f.platform, strings.Join(InstallVersions(), ", "))
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("fetch %s: the server answered %s", url, response.Status)
	}
	body := io.TeeReader(response.Body, writerFunc(func([]byte) { timer.Reset(stallTimeout) }))
	if err := use(body, response.ContentLength); err != nil {
		return explain(err)
	}
	return nil
}

// writerFunc sees what passes by.
type writerFunc func(p []byte)

func (f writerFunc) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}

package profile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// ErrNoSecret is what a [Provider] returns, possibly wrapped, when it does not
// have a secret. A [Chain] then asks the next provider.
var ErrNoSecret = errors.New("no such secret")

// A Provider resolves the secrets that settings refer to as secret://KEY. Its
// errors name the key and never the secret. It may be called from several
// goroutines at once.
type Provider interface {
	Secret(ctx context.Context, key string) (string, error)
}

// Env returns a provider that reads the variables of environ, each "KEY=value";
// nil stands for the process's environment at the time of the call. It looks
// for the key itself, then for the key in upper case with every character but
// letters and digits replaced by "_": dev/db_password is DEV_DB_PASSWORD.
func Env(environ []string) Provider { return envProvider{environ: environ} }

type envProvider struct{ environ []string }

func (p envProvider) Secret(_ context.Context, key string) (string, error) {
	environ := p.environ
	if environ == nil {
		environ = os.Environ()
	}
	name := envName(key)
	for _, n := range []string{key, name} {
		if value, ok := lookup(environ, n); ok {
			return value, nil
		}
	}
	return "", fmt.Errorf("%w: the environment has no variable %s", ErrNoSecret, name)
}

// Format hides the environment.
func (p envProvider) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "profile.Env("+hidden+")") }

// maxSecretFile is far above any key or certificate, and far below what hurts.
const maxSecretFile = 1 << 20

// Files returns a provider that reads the files of a folder, as container
// runtimes mount secrets: the key is a path below the folder, with slashes. One
// trailing line break is not part of the secret. No key and no symbolic link
// leads out of the folder, and only regular files of at most 1 MiB are read.
func Files(folder string) Provider { return filesProvider(folder) }

type filesProvider string

func (p filesProvider) Secret(_ context.Context, key string) (secret string, err error) {
	// A key is a plain path, so that "a/../b" and "./b" are no second names of b.
	if !fs.ValidPath(key) || key == "." || strings.ContainsAny(key, "\\\x00") {
		return "", errors.New("not a path below the folder of secrets")
	}
	root, err := os.OpenRoot(string(p))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	// Stat before Open: opening a named pipe would wait for its writer.
	info, err := root.Stat(key)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: there is no file %s", ErrNoSecret, path.Join(string(p), key))
	}
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a regular file", path.Join(string(p), key))
	}
	if info.Size() > maxSecretFile {
		return "", fmt.Errorf("%s is larger than %d bytes", path.Join(string(p), key), maxSecretFile)
	}
	content, err := root.ReadFile(key)
	if err != nil {
		return "", err
	}
	text := strings.TrimSuffix(string(content), "\n")
	return strings.TrimSuffix(text, "\r"), nil
}

// Map is a provider with fixed secrets, for tests.
type Map map[string]string

// Secret returns the value of key.
func (m Map) Secret(_ context.Context, key string) (string, error) {
	if value, ok := m[key]; ok {
		return value, nil
	}
	return "", fmt.Errorf("%w in the map", ErrNoSecret)
}

// Format hides the values.
func (m Map) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "profile.Map("+hidden+")") }

// MarshalJSON hides the values.
func (m Map) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// Prefixed returns a provider that asks p for prefix+key.
func Prefixed(prefix string, p Provider) Provider { return prefixed{prefix: prefix, next: p} }

type prefixed struct {
	prefix string
	next   Provider
}

func (p prefixed) Secret(ctx context.Context, key string) (string, error) {
	return p.next.Secret(ctx, p.prefix+key)
}

// Format hides what the provider behind it may show.
func (p prefixed) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "profile.Prefixed("+p.prefix+")")
}

// Chain returns a provider that asks each of the providers in turn, until one
// has the secret. An error other than [ErrNoSecret] ends the search: a store
// that cannot be reached must not fall back to a stale copy elsewhere.
func Chain(providers ...Provider) Provider { return chain(providers) }

type chain []Provider

func (c chain) Secret(ctx context.Context, key string) (string, error) {
	var missing []error
	for _, p := range c {
		secret, err := p.Secret(ctx, key)
		if err == nil {
			return secret, nil
		}
		if !errors.Is(err, ErrNoSecret) {
			return "", err
		}
		missing = append(missing, err)
	}
	if len(missing) == 0 {
		return "", fmt.Errorf("%w: the chain has no provider", ErrNoSecret)
	}
	return "", joined(missing)
}

// Format hides what the providers may show.
func (c chain) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "profile.Chain(%d)", len(c)) }

// joined is errors.Join on one line.
type joined []error

func (j joined) Error() string {
	texts := make([]string, len(j))
	for i, err := range j {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

func (j joined) Unwrap() []error { return j }

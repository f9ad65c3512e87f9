package generator

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/golang"
	"github.com/pgwright/pgwright/internal/server"
)

// formatted remembers, in the user's cache, which source without format became
// which generated file, both by their digests. Formatting is the dearest part
// of generating; a file that still has the text that this program once made
// of the same source need not be made again.
//
// It is only about how Go is laid out, and so counts for fresh analyses too.
type formatted struct {
	path string
	root string
	// files are those of the last run, by path.
	files map[string]formattedFile
}

type formattedFile struct {
	Source string `json:"source"`
	Text   string `json:"text"`
}

// openFormatted returns nil if nothing can be remembered.
func openFormatted(opt Options, cfg *config.Config) *formatted {
	program, err := programDigest()
	if err != nil {
		return nil
	}
	root, err := filepath.Abs(cfg.Root)
	if err != nil {
		return nil
	}
	dir, err := server.CacheDir(server.Options{Env: opt.Env})
	if err != nil {
		return nil
	}
	h := sha256.New()
	part(h, program)
	part(h, []byte(root))
	part(h, []byte(cfg.File))
	f := &formatted{path: filepath.Join(dir, "formatted", hex.EncodeToString(h.Sum(nil))+".json"), root: cfg.Root}
	if text, err := os.ReadFile(f.path); err == nil && json.Unmarshal(text, &f.files) != nil {
		f.files = nil // what is damaged is written anew
	}
	return f
}

// recall recalls files by their paths relative to the root. It is safe for
// concurrent use.
func (f *formatted) recall() golang.Recall {
	if f == nil {
		return nil
	}
	return func(name, source string) []byte {
		known, ok := f.files[name]
		if !ok || known.Source != source {
			return nil
		}
		content, err := os.ReadFile(filepath.Join(f.root, filepath.FromSlash(name)))
		if err != nil || contentDigest(content) != known.Text {
			return nil
		}
		return content
	}
}

// remember records files that are in place, and the digests of their sources.
func (f *formatted) remember(files []File, sources map[string]string) error {
	if f == nil {
		return nil
	}
	now := map[string]formattedFile{}
	for _, file := range files {
		now[file.Path] = formattedFile{Source: sources[file.Path], Text: contentDigest(file.Content)}
	}
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(f.path); err == nil && bytes.Equal(old, text) {
		return os.Chtimes(f.path, time.Time{}, time.Now())
	}
	if err := replace(f.path, text); err != nil {
		return err
	}
	return sweepStamps(filepath.Dir(f.path))
}

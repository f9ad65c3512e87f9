package generator

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/lock"
	"github.com/pgwright/pgwright/generator/internal/schema"
	"github.com/pgwright/pgwright/internal/server"
)

// A stamp remembers, in the user's cache, what a project generated: the
// digests of all files that went in, under which it is kept, and of those that
// came out. With nothing changed, reading the files is all that is left to do.
//
// It counts only for what the lock holds for: no database that could say
// something else today.
type stamp struct {
	Files   []stampedFile      `json:"files"`
	Folders []string           `json:"folders"`
	Diags   []*diag.Diagnostic `json:"diags"`
}

type stampedFile struct {
	Path   string `json:"path"`
	Digest string `json:"digest"`
}

// stampsKept is for how long a stamp that is of no use any more stays.
const stampsKept = 14 * 24 * time.Hour

// stampKey names the stamp of a project, of the digest of its inputs and of the
// lock that it has or will have.
func stampKey(inputs string, lockText []byte) string {
	h := sha256.New()
	part(h, []byte(inputs))
	part(h, lockText)
	return hex.EncodeToString(h.Sum(nil))
}

// inputsDigest is the digest of all that a project reads but the lock, as the
// files are now. It is empty if there can be no stamp.
func inputsDigest(opt Options) (*config.Config, string) {
	if opt.Database != "" || opt.Profile != "" {
		return nil, ""
	}
	path, err := configPath(opt)
	if err != nil {
		return nil, ""
	}
	cfg, _ := config.Load(path)
	if cfg == nil {
		return nil, ""
	}
	return cfg, filesDigest(opt, cfg)
}

func filesDigest(opt Options, cfg *config.Config) string {
	program, err := programDigest()
	if err != nil {
		return ""
	}
	h := sha256.New()
	part(h, program)
	root, err := filepath.Abs(cfg.Root)
	if err != nil {
		return ""
	}
	part(h, []byte(root))
	part(h, []byte(cfg.File))
	part(h, fmt.Append(nil, opt.NoQueryTree))
	part(h, []byte(opt.Engine))
	paths := []string{filepath.Join(cfg.Root, filepath.Base(cfg.File))}
	for _, p := range cfg.Packages {
		if p.Database != nil && p.Database.URI != "" {
			return ""
		}
		for _, list := range [][]string{p.Queries, p.Schema, p.Stubs, p.Templates()} {
			sources, diags := schema.Inputs(cfg.Root, list)
			if diags.HasErrors() {
				return ""
			}
			for _, s := range sources {
				paths = append(paths, s.Path)
			}
		}
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return ""
		}
		part(h, []byte(path))
		part(h, content)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// part adds something of any length to a hash.
func part(h hash.Hash, content []byte) {
	// Writing to a hash cannot fail.
	_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(content))))
	_, _ = h.Write(content)
}

// programDigest tells this program apart from others that may generate other
// code: by its version or, if it has none, by its bytes.
var programDigest = sync.OnceValues(func() ([]byte, error) {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Sum != "" {
		return []byte(info.Main.Path + " " + info.Main.Version + " " + info.Main.Sum), nil
	}
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	return sum[:], nil
})

// stampPath is where the stamp of a key is kept.
func stampPath(opt Options, key string) (string, error) {
	dir, err := server.CacheDir(server.Options{Env: opt.Env})
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "stamps", key+".json"), nil
}

// unchanged is the result of a project of which nothing has changed since it
// was written, or nil. inputs is the digest of its configuration and files.
func unchanged(opt Options, cfg *config.Config, inputs string) *Result {
	if opt.Fresh || inputs == "" {
		return nil
	}
	lockText, err := os.ReadFile(filepath.Join(cfg.Root, lock.Name))
	if err != nil {
		return nil
	}
	key := stampKey(inputs, lockText)
	s := readStamp(opt, key)
	if s == nil {
		return nil
	}
	res := &Result{Root: cfg.Root, lock: lockText, folders: s.Folders, stamp: key, opt: opt}
	res.diags.Add(s.Diags...)
	wanted := map[string]bool{}
	for _, f := range s.Files {
		file := File{Path: f.Path}
		if file.Content, err = os.ReadFile(res.path(file)); err != nil || contentDigest(file.Content) != f.Digest {
			return nil
		}
		wanted[f.Path] = true
		res.Files = append(res.Files, file)
	}
	for _, dir := range s.Folders {
		if left, err := leftOver(res.Root, dir, wanted); err != nil || len(left) > 0 {
			return nil
		}
	}
	opt.logf("nothing has changed since the last run")
	return res
}

// readStamp returns nil if there is no stamp that can be used.
func readStamp(opt Options, key string) *stamp {
	path, err := stampPath(opt, key)
	if err != nil {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var s stamp
	if json.Unmarshal(text, &s) != nil {
		return nil
	}
	return &s
}

func contentDigest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// writeStamp remembers a result whose files are in place. The cache is a
// convenience: without one, the next run only takes longer.
func (r *Result) writeStamp() error {
	if r.stamp == "" {
		return nil
	}
	path, err := stampPath(r.opt, r.stamp)
	if err != nil {
		return err
	}
	s := stamp{Folders: r.folders, Diags: r.diags.Sorted()}
	for _, f := range r.Files {
		s.Files = append(s.Files, stampedFile{Path: f.Path, Digest: contentDigest(f.Content)})
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return os.Chtimes(path, time.Time{}, time.Now())
	}
	if err := replace(path, text); err != nil {
		return err
	}
	return sweepStamps(filepath.Dir(path))
}

// sweepStamps removes what has not been used for long.
func sweepStamps(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // another run was faster
		}
		if err != nil {
			return err
		}
		if strings.HasSuffix(e.Name(), ".json") && time.Since(info.ModTime()) > stampsKept {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// stampFor decides on the stamp of a new result. It looks at the files once
// more, so that a stamp never stands for files that were edited meanwhile.
func (r *Result) stampFor() {
	if r.lock == nil || r.inputs == "" {
		return
	}
	if _, after := inputsDigest(r.opt); after == r.inputs {
		r.stamp = stampKey(after, r.lock)
	}
}

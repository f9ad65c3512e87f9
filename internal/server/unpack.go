package server

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// unpackLimits bound what an archive may grow to.
type unpackLimits struct {
	bytes   int64 // sum of the file sizes
	entries int
}

// defaultUnpackLimits leave room: a PostgreSQL with documentation has some 5,000 entries and 300 MB.
func defaultUnpackLimits() unpackLimits { return unpackLimits{bytes: 2 << 30, entries: 100_000} }

// Unpack unpacks a gzip-compressed tar archive, see pax(5), into an existing folder. Only the entries below prefix are
// unpacked, without it; "" takes all. Files are readable by all users, and executable if the archive says so for anybody.
//
// Nothing is written outside of the folder, whatever the archive says: names and links that leave the folder, entries that
// are no file, folder or link, and more than 2 GB or 100,000 entries are errors. What was unpacked before an error stays:
// unpack into a temporary folder and remove that.
func Unpack(ctx context.Context, archive io.Reader, folder, prefix string) error {
	return unpack(ctx, archive, folder, prefix, defaultUnpackLimits())
}

func unpack(ctx context.Context, archive io.Reader, folder, prefix string, limits unpackLimits) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	defer root.Close()
	zip, err := gzip.NewReader(contextReader{ctx, archive})
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	u := unpacker{root: root, prefix: prefix, limits: limits}
	tape := tar.NewReader(zip)
	for {
		header, err := tape.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("unpack: %w", err)
		}
		if err := u.entry(header, tape); err != nil {
			return fmt.Errorf("unpack %q: %w", header.Name, err)
		}
	}
	// Reads the rest of the stream, so that its checksum is verified.
	if _, err := io.Copy(io.Discard, zip); err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	return u.checkLinks()
}

type unpacker struct {
	root   *os.Root
	prefix string
	limits unpackLimits

	entries int
	bytes   int64
	links   []string
}

func (u *unpacker) entry(header *tar.Header, content io.Reader) error {
	if u.entries++; u.entries > u.limits.entries {
		return fmt.Errorf("more than %d entries", u.limits.entries)
	}
	name, err := localName(header.Name)
	if err != nil {
		return err
	}
	if u.prefix != "" {
		inner, found := strings.CutPrefix(name, strings.TrimSuffix(u.prefix, "/")+"/")
		if !found {
			return nil
		}
		name = inner
	}
	switch header.Typeflag {
	case tar.TypeDir:
		return u.root.MkdirAll(name, 0o755)
	case tar.TypeReg:
		return u.file(name, header.FileInfo().Mode(), content)
	case tar.TypeSymlink:
		return u.symlink(header.Linkname, name)
	case tar.TypeLink:
		return u.hardLink(header.Linkname, name)
	case tar.TypeXGlobalHeader:
		return nil
	default:
		return fmt.Errorf("entry of type %q is not allowed", header.Typeflag)
	}
}

// localName cleans the name of an entry and refuses one that leaves the folder.
func localName(name string) (string, error) {
	if path.IsAbs(name) || strings.Contains(name, `\`) {
		return "", errors.New("name leaves the folder")
	}
	clean := path.Clean(name)
	if local, err := filepath.Localize(clean); err != nil || !filepath.IsLocal(local) {
		return "", errors.New("name leaves the folder")
	}
	// Clean hides a ".." that leaves the folder and comes back.
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return "", errors.New("name leaves the folder")
		}
	}
	return clean, nil
}

func (u *unpacker) file(name string, mode fs.FileMode, content io.Reader) error {
	if err := u.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	perm := fs.FileMode(0o644)
	if mode.Perm()&0o111 != 0 {
		perm = 0o755
	}
	f, err := u.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, perm)
	if err != nil {
		return err
	}
	left := u.limits.bytes - u.bytes
	n, err := io.Copy(f, io.LimitReader(content, left+1))
	u.bytes += n
	if err == nil && n > left {
		err = fmt.Errorf("more than %d bytes", u.limits.bytes)
	}
	return errors.Join(err, f.Close())
}

// symlink makes a link in the folder to a target relative to the link.
func (u *unpacker) symlink(target, name string) error {
	if path.Clean(target) == "." || path.IsAbs(target) || filepath.IsAbs(target) || strings.ContainsAny(target, `\:`) ||
		!filepath.IsLocal(path.Join(path.Dir(name), target)) {
		return fmt.Errorf("link to %q leaves the folder", target)
	}
	if err := u.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	u.links = append(u.links, name)
	return u.root.Symlink(target, name)
}

// hardLink links to an entry that came earlier; tar names it from the archive's top.
func (u *unpacker) hardLink(target, name string) error {
	target, err := localName(target)
	if err != nil {
		return fmt.Errorf("link to %q leaves the folder", target)
	}
	if u.prefix != "" {
		target = strings.TrimPrefix(target, strings.TrimSuffix(u.prefix, "/")+"/")
	}
	info, err := u.root.Lstat(target)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("link to %q, which is no file", target)
	}
	if err := u.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	return u.root.Link(target, name)
}

// checkLinks follows each link, because links that stay inside by their text can lead out when combined.
func (u *unpacker) checkLinks() error {
	for _, name := range u.links {
		if _, err := u.root.Stat(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("unpack %q: link leaves the folder: %w", name, err)
		}
	}
	return nil
}

// contextReader ends reading when the context does.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

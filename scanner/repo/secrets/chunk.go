package secrets

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/sources"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const (
	// chunkSize is how much of a file is looked at in one piece, before it is prolonged to an empty line.
	chunkSize = 100_000
	// headSize is how much of a file tells whether it is text; it is what git looks at.
	headSize = 8_000
)

// A Buffer is room for one reader of files. It may be used again once Chunks has returned, by one goroutine at a time.
type Buffer []byte

// NewBuffer returns a buffer for Chunks.
func NewBuffer() Buffer { return make(Buffer, chunkSize) }

// Chunks cuts a file into fragments exactly as gitleaks does: 100,000 bytes, prolonged by up to 25,000 until two line
// breaks follow each other. Chunks do not overlap, so a credential that lies across a cut is missed if no empty line is near, here
// as there. Baselines that gitleaks wrote hold columns, which hang on the cuts.
//
// gitleaks passes over a file whose name is that of an archive, or whose first bytes are those of an application format. Anybody can
// write such bytes before a credential, so here they count only where a zero byte, which is what git takes for the sign of a binary
// file, is among the first 8,000. A file in UTF-16 is looked at as it is and, in later fragments, decoded.
//
// An error of reading or of yield ends the file and is returned; text that was read just before an error of reading may not be yielded.
func Chunks(ctx context.Context, name string, r io.Reader, buffer Buffer, yield func(Fragment) error) error {
	head := make([]byte, headSize)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	head = head[:n]
	f := cutter{ctx, name, buffer, yield}
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		var raw bytes.Buffer // it has to be read twice
		if _, err := raw.ReadFrom(io.MultiReader(bytes.NewReader(head), r)); err != nil {
			return err
		}
		if err := f.cut(bytes.NewReader(raw.Bytes()), name); err != nil {
			return err
		}
		return f.cut(transform.NewReader(&raw, unicode.BOMOverride(transform.Nop)), "")
	case bytes.IndexByte(head, 0) >= 0:
		return f.cut(io.MultiReader(bytes.NewReader(head), r), name)
	}
	return f.text(head, r)
}

// A cutter has gitleaks cut one file.
type cutter struct {
	ctx    context.Context
	name   string
	buffer Buffer
	yield  func(Fragment) error
}

// cut has gitleaks judge by the name and the first bytes whether the file is looked at.
func (c *cutter) cut(r io.Reader, name string) error {
	file := sources.File{Content: filling{r}, Path: name, Buffer: c.buffer}
	return file.Fragments(c.ctx, func(f sources.Fragment, err error) error {
		if err != nil {
			return err
		}
		return c.yield(Fragment{Path: c.name, Text: f.Raw, StartLine: f.StartLine})
	})
}

// text has all of a file looked at. Where gitleaks would pass over it for its first bytes, a line break is put before them.
func (c *cutter) text(head []byte, rest io.Reader) error {
	all := io.MultiReader(bytes.NewReader(head), rest)
	probe := cutter{c.ctx, c.name, c.buffer, func(Fragment) error { return errLooked }}
	if err := probe.cut(bytes.NewReader(head), ""); err != nil || len(head) == 0 {
		return c.cut(all, "")
	}
	moved := cutter{c.ctx, c.name, c.buffer, func(f Fragment) error {
		if f.StartLine == 1 {
			f.Text = strings.TrimPrefix(f.Text, "\n")
		} else {
			f.StartLine--
		}
		return c.yield(f)
	}}
	return moved.cut(io.MultiReader(strings.NewReader("\n"), all), "")
}

var errLooked = errors.New("looked at")

// filling is a reader that fills what it is given, as that of a file does: the cuts hang on it.
type filling struct{ io.Reader }

func (f filling) Read(p []byte) (int, error) {
	n, err := io.ReadFull(f.Reader, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

// Skips reports whether the rules exclude a file, or a folder above it, by its path. This is how gitleaks walks a folder; of
// a diff it excludes files by their own path only, and leaves that to Detect.
func (s *Scanner) Skips(name string) bool {
	return name == rulesFile || name == s.accepted.skip || s.excludes(name) || s.skipsFolder(path.Dir(name))
}

func (s *Scanner) skipsFolder(name string) bool {
	if name == "." || name == "/" {
		return false
	}
	if skip, ok := s.folders.Load(name); ok {
		return skip.(bool)
	}
	skip := s.excludes(name) || s.skipsFolder(path.Dir(name))
	s.folders.Store(name, skip)
	return skip
}

func (s *Scanner) excludes(name string) bool {
	return slices.ContainsFunc(s.rules.Allowlists, func(a *config.Allowlist) bool { return a.PathAllowed(name) })
}

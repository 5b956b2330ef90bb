package secrets

import (
	"context"
	"io"
	"path"
	"slices"

	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/sources"
)

// chunkSize is how much of a file is looked at in one piece, before it is prolonged to an empty line.
const chunkSize = 100_000

// A Buffer is room for one reader of files. It may be used again once Chunks has returned, by one goroutine at a time.
type Buffer []byte

// NewBuffer returns a buffer for Chunks.
func NewBuffer() Buffer { return make(Buffer, chunkSize) }

// Chunks cuts a file into fragments exactly as gitleaks does: 100,000 bytes, prolonged by up to 25,000 until two line
// breaks follow each other. Chunks do not overlap, so a credential that spans lines without an empty line for 25,000
// bytes around a cut is missed, here as there. An archive or compressed file, by its name, and a file whose first bytes
// are those of an application format yield nothing: they are binary.
//
// The reader's Read must fill its buffer where it can, as that of a regular file does. An error of reading or of yield
// ends the file and is returned; text that was read just before an error of reading may not be yielded.
func Chunks(ctx context.Context, name string, r io.Reader, buffer Buffer, yield func(Fragment) error) error {
	file := sources.File{Content: r, Path: name, Buffer: buffer}
	return file.Fragments(ctx, func(f sources.Fragment, err error) error {
		if err != nil {
			return err
		}
		return yield(Fragment{Path: name, Text: f.Raw, StartLine: f.StartLine})
	})
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

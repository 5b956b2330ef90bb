package repo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/secrets"
)

// files is the part of a file system that is read.
type files interface {
	Lstat(name string) (fs.FileInfo, error)
	Open(name string) (io.ReadCloser, error)
	Readlink(name string) (string, error)
}

type osFiles struct{}

func (osFiles) Lstat(name string) (fs.FileInfo, error)  { return os.Lstat(name) }
func (osFiles) Readlink(name string) (string, error)    { return os.Readlink(name) }
func (osFiles) Open(name string) (io.ReadCloser, error) { return os.Open(name) }

// run is one reading of a repository. One goroutine reads; fragments are looked at on all cores. As many fragments are
// held as there are cores, and one more, whatever the size of the files.
type run struct {
	*Source
	ctx      context.Context
	group    *errgroup.Group
	buffer   secrets.Buffer
	links    map[string]bool   // folder: whether a symbolic link stands in its place or above it
	symlinks map[string]string // path: where it leads to
	code     []declare.File    // what dialects want
	kept     int               // bytes of it
	gaps     []*inventory.Gap
	ignored  *usage // of the patterns of the ignore file
	opened   int    // files that were looked at
	calls    map[string]int
	left     map[string]int // passed over, by why
}

// Why files and folders are passed over.
const (
	byIgnore    = "named by .keyreeveignore or configuration"
	byDetectors = "that the detectors' rules pass over, such as lock files, images and node_modules"
	isBinary    = "that are binary or archives"
	isNested    = "that are repositories of their own"
)

func newRun(ctx context.Context, s *Source) *run {
	r := &run{Source: s, ctx: ctx, buffer: secrets.NewBuffer(), links: map[string]bool{}, symlinks: map[string]string{}, ignored: newUsage(s.ignore), calls: map[string]int{}, left: map[string]int{}}
	r.group = newGroup()
	return r
}

func newGroup() *errgroup.Group {
	g := &errgroup.Group{}
	g.SetLimit(runtime.GOMAXPROCS(0))
	return g
}

// wait waits for all fragments to be looked at. The error is that of a context that ended.
func (r *run) wait() error {
	_ = r.group.Wait() // what went wrong with a fragment is in its part
	r.group = newGroup()
	return r.ctx.Err()
}

// reading collects what one file holds: a part for each fragment, in order.
type reading struct {
	path  string
	parts []*part
	count atomic.Int64 // matches so far
}

type part struct {
	matches  []secrets.Match
	comments []inventory.Comment
	err      error
}

// look has a fragment looked at, and waits while all cores are busy.
func (r *run) look(into *reading, f secrets.Fragment) {
	p := &part{}
	into.parts = append(into.parts, p)
	r.group.Go(func() error {
		p.matches, p.err = r.detector.Detect(r.ctx, f)
		p.comments = comments(f.Path, f.Text, f.StartLine)
		into.count.Add(int64(len(p.matches)))
		return nil
	})
}

// matches returns what was found in a file, once the group has been waited for. What could not be looked at becomes a gap.
func (r *run) matches(from *reading) []secrets.Match {
	var out []secrets.Match
	for _, p := range from.parts {
		if p.err != nil {
			r.gap(credentials, file(from.path), inventory.Unreadable, p.err.Error(), "")
		}
		out = append(out, p.matches...)
	}
	if len(out) >= maxMatches {
		out = out[:maxMatches]
		r.gap(credentials, fmt.Sprintf("what follows the first %d matches in %s", maxMatches, file(from.path)), inventory.OutOfScope, "", "leave the file out, or accept the gap")
	}
	return out
}

var errEnough = errors.New("enough")

// chunks has a file's content looked at. An error of reading it is a gap, and what was read before it counts. The error
// returned is that of a context that ended.
func (r *run) chunks(into *reading, content io.Reader) error {
	in := &upToError{r: content}
	err := secrets.Chunks(r.ctx, into.path, in, r.buffer, func(f secrets.Fragment) error {
		r.look(into, f)
		if into.count.Load() >= maxMatches {
			return errEnough
		}
		return r.ctx.Err()
	})
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	if err == nil || errors.Is(err, errEnough) {
		err = in.err
	}
	if err == nil && len(into.parts) == 0 {
		r.left[isBinary]++
	}
	if err != nil {
		r.gap(credentials, file(into.path), inventory.Unreadable, cause(err), "")
	}
	return nil
}

// upToError ends where reading fails, so that the text before it is looked at, and keeps the error.
type upToError struct {
	r   io.Reader
	err error
}

func (u *upToError) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	if err != nil && err != io.EOF {
		u.err, err = err, io.EOF
	}
	return n, err
}

// text reports whether a file would yield anything to look at: an archive or a binary file would not.
func (r *run) text(path string, content io.Reader) bool {
	var any bool
	_ = secrets.Chunks(r.ctx, path, content, r.buffer, func(secrets.Fragment) error { any = true; return errEnough })
	return any
}

// leftOut reports whether nobody wants to see a path: configuration excludes it, or the rules do and no dialect reads it.
func (r *run) leftOut(path string) bool {
	r.ignored.see(path)
	switch {
	case r.ignore.match(path):
		r.left[byIgnore]++
	case r.skips(path) && len(r.wants(path)) == 0:
		r.left[byDetectors]++
	default:
		return false
	}
	return true
}

// fileTypes are the types of resources that a file may hold.
func (r *run) fileTypes(path string) []string {
	types := typesOf(r.wants(path))
	if !r.skips(path) {
		types = append(types, credentialType)
	}
	return types
}

func (r *run) gap(types []string, what string, why inventory.Reason, err, hint string) {
	g := &inventory.Gap{Scope: r.scope, Types: types, What: what, Why: why, Err: err, Hint: hint}
	same := func(o *inventory.Gap) bool {
		return o.What == g.What && o.Err == g.Err && slices.Equal(o.Types, g.Types)
	}
	if !slices.ContainsFunc(r.gaps, same) {
		r.gaps = append(r.gaps, g)
	}
}

func (r *run) tooLarge(path string) {
	r.gap(credentials, file(path), inventory.OutOfScope, fmt.Sprintf("it is larger than the limit of %d bytes", r.maxBytes), "leave the file out, or accept the gap")
}

func (r *run) absolute(path string) string {
	return filepath.Join(r.place.root, filepath.FromSlash(path))
}

// file names a file in a gap.
func file(path string) string { return fmt.Sprintf("file %q", path) }

// cause is the operating system's word on a file, without the file's absolute path.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return strings.TrimPrefix(p.Op+": "+p.Err.Error(), "lstat: ")
	}
	return err.Error()
}

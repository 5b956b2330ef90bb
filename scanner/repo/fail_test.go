package repo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/secrets"
	"github.com/keyreeve/keyreeve/testdata/repositories"
)

// What git complains about, and a git that fails, is never an empty answer.
func TestGitFails(t *testing.T) {
	dir := repository(t, map[string]string{"a": "key " + aws + "\n"}, true)
	s := open(t, Options{Root: dir})
	must(t, os.WriteFile(filepath.Join(dir, ".git/index"), []byte("garbage"), 0o644))
	for _, mode := range []Mode{ModeTree, ModeStaged} {
		s.mode = mode
		var errs []error
		for r, err := range s.Resources(t.Context()) {
			if err == nil {
				t.Errorf("%s: yields %s", mode, r.ID)
			}
			errs = append(errs, err)
		}
		if len(errs) != 1 || !strings.Contains(errs[0].Error(), "index") {
			t.Errorf("%s: %v", mode, errs)
		}
	}
	r := newRun(t.Context(), s)
	r.listen([]string{"warning: could not open directory 'x/': Permission denied", "warning: exhaustive rename detection was skipped due to too many files."})
	if len(r.gaps) != 1 || !strings.Contains(r.gaps[0].Err, "could not open directory") {
		t.Errorf("gaps: %v", r.gaps)
	}
}

// broken is a file system some of whose files cannot be read.
type broken struct {
	osFiles
	lstat, open, read map[string]error // by base name
}

func (b broken) Lstat(name string) (fs.FileInfo, error) {
	if err := b.lstat[filepath.Base(name)]; err != nil {
		return nil, &fs.PathError{Op: "lstat", Path: name, Err: err}
	}
	return b.osFiles.Lstat(name)
}

func (b broken) Open(name string) (io.ReadCloser, error) {
	if err := b.open[filepath.Base(name)]; err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	f, err := b.osFiles.Open(name)
	if readErr := b.read[filepath.Base(name)]; readErr != nil {
		return struct {
			io.Reader
			io.Closer
		}{io.MultiReader(io.LimitReader(f, 100_000), failing{&fs.PathError{Op: "read", Path: name, Err: readErr}}), f}, nil
	}
	return f, err
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestUnreadableFiles(t *testing.T) {
	long := "key " + aws + "\n" + strings.Repeat("words, words\n", 20_000)
	dir := repository(t, map[string]string{"a": "key " + aws + "\n", "b": "key " + aws + "\n", "c": long, "d": "key " + aws + "\n", "e": "key " + aws + "\n"}, true)
	s := open(t, Options{Root: dir})
	s.files = broken{lstat: map[string]error{"a": syscall.EIO, "e": syscall.ENOENT}, open: map[string]error{"b": syscall.EACCES}, read: map[string]error{"c": syscall.EIO}}
	resources, gaps := read(t, s)
	equal(t, brief(resources), []string{"aws-access-token c:1", "aws-access-token d:1"})
	var got []string
	for _, g := range gaps {
		got = append(got, g.What+": "+g.Err)
		if g.Scope != s.Scope() || g.Why != inventory.Unreadable || !g.Covers("repo.credential") || strings.Contains(g.Error(), dir) {
			t.Errorf("gap %+v", g)
		}
	}
	equal(t, got, []string{`file "a": input/output error`, `file "b": open: permission denied`, `file "c": read: input/output error`})
}

// stub is a detector that a test drives.
type stub func(context.Context, secrets.Fragment) ([]secrets.Match, error)

func (s stub) Detect(ctx context.Context, f secrets.Fragment) ([]secrets.Match, error) {
	return s(ctx, f)
}

func TestDetectorFails(t *testing.T) {
	s := open(t, Options{Root: repository(t, map[string]string{"a": "a", "b": "b"}, true)})
	s.detector = stub(func(_ context.Context, f secrets.Fragment) ([]secrets.Match, error) {
		if f.Path == "a" {
			return nil, errors.New("gave up")
		}
		return []secrets.Match{{Detector: "x", StartLine: 1, EndLine: 1}}, nil
	})
	resources, gaps := read(t, s)
	if len(resources) != 1 || len(gaps) != 1 || gaps[0].Err != "gave up" || gaps[0].What != `file "a"` {
		t.Errorf("%v %v", resources, gaps)
	}
}

// A reading that is cancelled in the middle yields its context's error and no resource, and leaves nothing running.
func TestCancel(t *testing.T) {
	files := map[string]string{}
	for i := range 200 {
		files[fmt.Sprintf("f%03d", i)] = "key " + aws + "\n"
	}
	dir := repository(t, files, false)
	gitIn(t, dir, "add", "-A")
	for _, mode := range []Mode{ModeTree, ModeStaged} {
		for _, at := range []int64{0, 1, 50} {
			s := open(t, Options{Root: dir, Mode: mode})
			real := s.detector
			ctx, cancel := context.WithCancel(t.Context())
			var calls atomic.Int64
			if at == 0 {
				cancel()
			}
			s.detector = stub(func(ctx context.Context, f secrets.Fragment) ([]secrets.Match, error) {
				if calls.Add(1) == at {
					cancel()
				}
				return real.Detect(ctx, f)
			})
			var errs []error
			for r, err := range s.Resources(ctx) {
				if err == nil {
					t.Errorf("%s: yields %s", mode, r.ID)
				}
				errs = append(errs, err)
			}
			cancel()
			if len(errs) != 1 || !errors.Is(errs[0], context.Canceled) {
				t.Errorf("%s, cancelled at %d: %v", mode, at, errs)
			}
			if n := calls.Load(); n > at+int64(runtime.GOMAXPROCS(0))+1 {
				t.Errorf("%s: %d fragments were looked at after it was cancelled at %d", mode, n, at)
			}
		}
	}
}

// The memory that a file takes does not depend on its size.
func TestHugeFileInLittleMemory(t *testing.T) {
	const size = 100 << 20
	s := open(t, Options{Root: t.TempDir(), MaxFileBytes: 2 * size})
	var peak atomic.Uint64
	var fragments atomic.Int64
	s.detector = stub(func(_ context.Context, f secrets.Fragment) ([]secrets.Match, error) {
		if fragments.Add(1)%100 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), m.HeapAlloc))
		}
		return nil, nil
	})
	runtime.GC()
	r := newRun(t.Context(), s)
	in := &reading{path: "dump.sql"}
	must(t, r.chunks(in, io.LimitReader(endless{}, size)))
	must(t, r.wait())
	if n := fragments.Load(); n < 700 {
		t.Fatalf("only %d fragments of %d bytes", n, size)
	}
	if got := peak.Load(); got > 64<<20 {
		t.Errorf("%d MB are held for a file of %d MB", got>>20, size>>20)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	return copy(p, bytes.Repeat([]byte("words, "), len(p)/7+1)), nil
}

func TestDeterministic(t *testing.T) {
	c, err := repositories.Load("service")
	must(t, err)
	dir := repository(t, c.Files, true)
	first := fmt.Sprintf("%+v", dump(t, dir))
	for range 5 {
		if again := fmt.Sprintf("%+v", dump(t, dir)); again != first {
			t.Fatalf("two readings differ:\n%s\n%s", first, again)
		}
	}
}

func dump(t *testing.T, dir string) []string {
	resources, _ := read(t, open(t, Options{Root: dir, Logger: slog.New(slog.DiscardHandler)}))
	var out []string
	for _, r := range resources {
		out = append(out, fmt.Sprintf("%s %v %v", r.ID, *r.Location, r.Credential.SameValue != nil))
	}
	return out
}

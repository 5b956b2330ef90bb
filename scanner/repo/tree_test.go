package repo

import (
	"bytes"
	"context"
	"encoding/binary"
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
	"unicode/utf16"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/secrets"
	"github.com/keyreeve/keyreeve/testdata/repositories"
)

var aws = repositories.MustPlant("aws", 1)

func TestTree(t *testing.T) {
	line := "key " + aws + "\n"
	for _, c := range []struct {
		name  string
		files map[string]string // committed
		after func(t *testing.T, dir string)
		o     Options
		want  []string
	}{
		{name: "no files", after: func(t *testing.T, dir string) {}},
		{name: "an empty repository", files: map[string]string{"a": ""}},
		{
			name: "ignored files, at the top and below, and a negation",
			after: func(t *testing.T, dir string) {
				write(t, dir, map[string]string{
					".gitignore": "*.log\n", "a.log": line, "sub/a.log": line, "sub/.gitignore": "*.env\n!keep.env\n",
					"sub/b.env": line, "sub/keep.env": line, "b.env": line,
				})
			},
			want: []string{"aws-access-token b.env:1", "aws-access-token sub/keep.env:1"},
		},
		{
			name:  "a tracked file that is ignored by now",
			files: map[string]string{"a.log": line},
			after: func(t *testing.T, dir string) { write(t, dir, map[string]string{".gitignore": "*.log\n"}) },
			want:  []string{"aws-access-token a.log:1"},
		},
		{
			name:  "the work tree counts, not the commit",
			files: map[string]string{"gone": line, "deleted": line, "folder/file": line},
			after: func(t *testing.T, dir string) {
				write(t, dir, map[string]string{"gone": "clean\n", "new": "\n" + line})
				must(t, os.Remove(filepath.Join(dir, "deleted")))
				must(t, os.RemoveAll(filepath.Join(dir, "folder")))
				must(t, os.WriteFile(filepath.Join(dir, "folder"), []byte(line), 0o644))
			},
			want: []string{"aws-access-token new:2", "aws-access-token folder:1"},
		},
		{
			name: "symbolic links are not followed",
			after: func(t *testing.T, dir string) {
				out := t.TempDir()
				write(t, out, map[string]string{"secret": line, "d/secret": line})
				must(t, os.Symlink(filepath.Join(out, "secret"), filepath.Join(dir, "link")))
				must(t, os.Symlink(filepath.Join(out, "d"), filepath.Join(dir, "folder")))
				must(t, os.Symlink("nowhere", filepath.Join(dir, "dangling")))
			},
		},
		{
			name:  "a folder replaced by a link",
			files: map[string]string{"d/secret": line, "d/e/secret": line},
			after: func(t *testing.T, dir string) {
				out := t.TempDir()
				write(t, out, map[string]string{"secret": line, "e/secret": line})
				must(t, os.RemoveAll(filepath.Join(dir, "d")))
				must(t, os.Symlink(out, filepath.Join(dir, "d")))
			},
		},
		{
			name: "a pipe does not hold it up",
			after: func(t *testing.T, dir string) {
				if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o644); err != nil {
					t.Skip(err)
				}
			},
		},
		{
			name: "names of all kinds",
			files: map[string]string{
				"with space.txt": line, "naïve-日本.txt": line, "tab\there": line, "new\nline": line, `quote".txt`: line, `back\slash`: line,
				"a:b:c": line, "-rf": line, "bad\xff.txt": line, " lead": line, "100%": line,
			},
			want: []string{
				"aws-access-token with space.txt:1", "aws-access-token naïve-日本.txt:1", "aws-access-token tab%09here:1", "aws-access-token new%0Aline:1",
				`aws-access-token quote".txt:1`, `aws-access-token back\slash:1`, "aws-access-token a:b:c:1", "aws-access-token -rf:1", "aws-access-token bad%FF.txt:1",
				"aws-access-token  lead:1", "aws-access-token 100%:1",
			},
		},
		{
			name: "contents of all kinds",
			files: map[string]string{
				"crlf.txt":       "a\r\nb\r\nkey " + aws + "\r\n",
				"old-mac.txt":    "a\rkey " + aws + "\rb",
				"no-newline.txt": "a\nkey " + aws,
				"bom.txt":        "\ufeffkey " + aws + "\n",
				"zero.txt":       "a\x00b\nkey " + aws + "\n",
				"utf16.txt":      wide(line), // gitleaks does not read UTF-16 either
				"long-line.txt":  strings.Repeat("x ", 400_000) + aws + "\n",
				"program":        "\x7fELF\x02\x01\x01\x00" + strings.Repeat("\x00", 60) + line, // binary, by its first bytes
				"archive.zip":    line,                                                          // an archive, by its name
				"picture.png":    line,                                                          // allowed by gitleaks' rules
				"empty":          "",
			},
			want: []string{
				"aws-access-token crlf.txt:3", "aws-access-token old-mac.txt:1", "aws-access-token no-newline.txt:2", "aws-access-token bom.txt:1",
				"aws-access-token zero.txt:2", "aws-access-token long-line.txt:1",
			},
		},
		{
			name:  "left out by configuration",
			files: map[string]string{"docs/a": line, "x/docs/b": line, "c": line},
			o:     Options{Ignore: []string{"docs"}},
			want:  []string{"aws-access-token c:1"},
		},
		{
			name:  "too large, but only where it is text",
			files: map[string]string{"big.txt": strings.Repeat("words\n", 20) + line, "small.txt": line, "big.zip": strings.Repeat("z", 200), "big.exe2": "MZ" + strings.Repeat("\x00", 200)},
			o:     Options{MaxFileBytes: 100},
			want:  []string{"aws-access-token small.txt:1", `gap: file "big.txt": out_of_scope it is larger than the limit of 100 bytes`},
		},
		{
			name:  "a file of many matches",
			files: map[string]string{"many.txt": strings.Repeat(line+"\n", maxMatches+5)},
			want:  append(numbered(maxMatches, "aws-access-token many.txt:%d"), `gap: what follows the first 10000 matches in file "many.txt": out_of_scope`),
		},
		{
			name: "a nested repository and a submodule are repositories of their own",
			after: func(t *testing.T, dir string) {
				other := repository(t, map[string]string{"secret": line}, true)
				gitIn(t, dir, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other, "module")
				must(t, os.Mkdir(filepath.Join(dir, "nested"), 0o755))
				gitIn(t, filepath.Join(dir, "nested"), "init", "-q")
				write(t, dir, map[string]string{"nested/secret": line, "mine": line})
			},
			want: []string{"aws-access-token mine:1"},
		},
		{
			name:  "outside of a sparse checkout",
			files: map[string]string{"in/a": line, "out/b": line, "out/c": line},
			after: func(t *testing.T, dir string) { gitIn(t, dir, "sparse-checkout", "set", "in") },
			want:  []string{"aws-access-token in/a:1", "gap: 2 tracked files outside of the sparse checkout: out_of_scope"},
		},
		{
			name:  "a conflict",
			files: map[string]string{"a": "first\n"},
			after: func(t *testing.T, dir string) { conflict(t, dir, line) },
			want:  []string{"aws-access-token a:2"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := repository(t, c.files, len(c.files) > 0)
			if c.after != nil {
				c.after(t, dir)
			}
			c.o.Root = dir
			equal(t, finds(t, c.o), c.want)
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func numbered(n int, format string) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(format, 2*i+1))
	}
	return out
}

func wide(s string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

// conflict leaves file a of dir, which holds "first", in the middle of a merge.
func conflict(t *testing.T, dir, line string) {
	gitIn(t, dir, "checkout", "-q", "-b", "other")
	write(t, dir, map[string]string{"a": line})
	gitIn(t, dir, "commit", "-q", "-a", "-m", "theirs")
	gitIn(t, dir, "checkout", "-q", "main")
	write(t, dir, map[string]string{"a": "ours\n"})
	gitIn(t, dir, "commit", "-q", "-a", "-m", "ours")
	if err := runGit(dir, "merge", "-q", "other"); err == nil {
		t.Fatal("no conflict")
	}
	write(t, dir, map[string]string{"a": "ours\n" + line})
}

func runGit(dir string, args ...string) error {
	_, err := newGit(dir, false).output(context.Background(), args...)
	return err
}

// Where git runs is found from any place in the tree, also in a worktree and in a submodule.
func TestPlaces(t *testing.T) {
	dir := repository(t, map[string]string{"a/b/c": "key " + aws + "\n"}, true)
	worktree := filepath.Join(t.TempDir(), "branch")
	gitIn(t, dir, "worktree", "add", "-q", worktree)
	super := repository(t, map[string]string{"x": "x"}, true)
	gitIn(t, super, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", dir, "module")
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(dir, link))
	for _, root := range []string{dir, filepath.Join(dir, "a"), filepath.Join(dir, "a/b/c"), filepath.Join(worktree, "a/b"), filepath.Join(super, "module/a"), link} {
		equal(t, finds(t, Options{Root: root}), []string{"aws-access-token a/b/c:1"})
	}
	plain, alias := t.TempDir(), filepath.Join(t.TempDir(), "alias")
	write(t, plain, map[string]string{"a/b/c": "key " + aws + "\n"})
	must(t, os.Symlink(plain, alias))
	equal(t, finds(t, Options{Root: alias}), []string{"aws-access-token a/b/c:1"})
	t.Chdir(filepath.Join(dir, "a"))
	equal(t, finds(t, Options{}), []string{"aws-access-token a/b/c:1"})
}

// What a user, or somebody else's repository, has configured changes nothing and runs nothing.
func TestConfigurationOfGit(t *testing.T) {
	dir := repository(t, map[string]string{"with space/a.txt": "one\n", "é.txt": "one\n"}, true)
	marker := filepath.Join(t.TempDir(), "ran")
	for _, kv := range [][2]string{
		{"color.ui", "always"},
		{"color.diff", "always"},
		{"diff.noprefix", "true"},
		{"diff.mnemonicPrefix", "true"},
		{"core.quotepath", "false"},
		{"diff.external", "touch " + marker},
		{"diff.x.textconv", "touch " + marker + ";cat"},
		{"core.fsmonitor", "touch " + marker},
		{"diff.interHunkContext", "5"},
		{"diff.algorithm", "patience"},
		{"diff.context", "7"},
		{"diff.submodule", "log"},
		{"diff.renames", "copies"},
		{"core.pager", "touch " + marker},
		{"diff.relative", "true"},
		{"diff.colorMoved", "zebra"},
		{"diff.wordRegex", "."},
		{"diff.suppressBlankEmpty", "true"},
	} {
		gitIn(t, dir, "config", kv[0], kv[1])
	}
	write(t, dir, map[string]string{"with space/a.txt": "one\nkey " + aws + "\n", "é.txt": "one\n\nkey " + aws + "\n", "\"\xff.txt": "key " + aws + "\n", ".gitattributes": "*.txt diff=x\n"})
	os.Remove(marker)
	want := []string{"aws-access-token with space/a.txt:2", "aws-access-token é.txt:3", "aws-access-token \"%FF.txt:1"}
	equal(t, finds(t, Options{Root: dir}), want)
	gitIn(t, dir, "-c", "core.fsmonitor=false", "add", "-A")
	os.Remove(marker)
	t.Setenv("GIT_EXTERNAL_DIFF", "touch "+marker)
	t.Setenv("GIT_DIFF_OPTS", "--unified=9")
	t.Setenv("GIT_TRACE", "1")
	t.Setenv("GIT_PAGER", "touch "+marker)
	equal(t, finds(t, Options{Root: dir, Mode: ModeStaged}), want)
	if _, err := os.Stat(marker); err == nil {
		t.Error("a command of the configuration was run")
	}
}

// In a hook of one repository, git's variables do not lead into it when another one is read.
func TestVariablesOfAHook(t *testing.T) {
	hook := repository(t, map[string]string{"a": "key " + aws + "\n"}, false)
	gitIn(t, hook, "add", "a")
	other := repository(t, map[string]string{"b": "key " + aws + "\n"}, false)
	gitIn(t, other, "add", "b")
	t.Setenv("GIT_DIR", filepath.Join(hook, ".git"))
	t.Setenv("GIT_INDEX_FILE", filepath.Join(hook, ".git/index"))
	for _, mode := range []Mode{ModeTree, ModeStaged} {
		equal(t, finds(t, Options{Root: other, Mode: mode}), []string{"aws-access-token b:1"})
	}
	// A partial commit gives its hooks an index of its own, which is the one that counts.
	index := filepath.Join(hook, ".git/next-index")
	t.Setenv("GIT_INDEX_FILE", index)
	write(t, hook, map[string]string{"c": "key " + aws + "\n"})
	gitIn(t, hook, "add", "c")
	t.Chdir(hook)
	t.Setenv("GIT_DIR", ".git")
	equal(t, finds(t, Options{Mode: ModeStaged}), []string{"aws-access-token c:1"})
}

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

package repo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// keyLines is a dialect for tests: each line "key NAME VALUE" of a *.keys file is a resource, with $name read from a line
// "let NAME VALUE" of a *.vars file, and "panic" brings it down.
var keyLines = &declare.Dialect{
	Name: "lines", Types: []string{"aws.kms.key"},
	Wants: func(p string) bool { return strings.HasSuffix(p, ".keys") || strings.HasSuffix(p, ".vars") },
}

func init() {
	keyLines.Read = func(_ context.Context, t *declare.Tree) (out declare.Declared) {
		vars := map[string]string{}
		for _, f := range t.Files {
			for i, line := range strings.Split(string(f.Data), "\n") {
				switch w := strings.Fields(line); {
				case len(w) == 3 && w[0] == "let":
					vars["$"+w[1]] = w[2]
				case len(w) == 3 && w[0] == "key":
					r := t.New(t.ID("lines", f.Path, w[1]), "aws.kms.key", w[1], inventory.Location{Path: f.Path, StartLine: i + 1})
					r.Tags = map[string]string{"value": w[2]}
					out.Resources = append(out.Resources, r)
				case len(w) == 1 && w[0] == "panic":
					panic(line)
				case len(w) == 1 && w[0] == "index":
					_ = w[len(vars)+1]
				case len(w) == 1 && w[0] == "odd":
					out.Gaps = append(out.Gaps, t.NotUnderstood(keyLines.Types, f.Path, i+1, w[0]))
				}
			}
		}
		for i := range out.Resources {
			if v, ok := vars[out.Resources[i].Tags["value"]]; ok {
				out.Resources[i].Tags["value"] = v
			}
		}
		slices.Reverse(out.Resources) // any order
		return out
	}
}

// declares reads a repository with the test's dialect and tells what it yields, "*" before what is to be judged.
func declares(t *testing.T, o Options) []string {
	t.Helper()
	s := open(t, o)
	s.dialects = []*declare.Dialect{keyLines}
	resources, gaps := read(t, s)
	var out []string
	for _, r := range resources {
		mark := ""
		if s.Touched(&r) {
			mark = "*"
		}
		if r.Type == credentialType {
			out = append(out, fmt.Sprintf("%s%s %s:%d", mark, r.Credential.Detector, r.Location.Path, r.Location.StartLine))
			continue
		}
		out = append(out, fmt.Sprintf("%s%s %s", mark, r.ID, r.Tags["value"]))
	}
	for _, g := range gaps {
		out = append(out, strings.TrimSpace(fmt.Sprintf("gap %v: %s: %s %s", g.Types, g.What, g.Why, g.Err)))
	}
	return out
}

func equalLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Dialects and the detector see the same files, and what is yielded is in order.
func TestDeclared(t *testing.T) {
	dir := repository(t, map[string]string{
		"b.keys": "key two 2\nkey one $x\n# " + aws + "\n", "a/b.keys": "key three 3\n", "x.vars": "let x 1\n", "other.txt": "key four 4\n",
		"vendor/github.com/x/y.keys": "key five 5\n# " + aws + "\n", // gitleaks' rules exclude this path
		"empty.keys":                 "",
	}, true)
	want := []string{
		"*aws-access-token b.keys:3", "*lines:payments/a/b.keys#three 3", "*lines:payments/b.keys#one 1", "*lines:payments/b.keys#two 2",
		"*lines:payments/vendor/github.com/x/y.keys#five 5",
	}
	equalLines(t, declares(t, Options{Root: dir}), want...)
	equalLines(t, declares(t, Options{Root: dir, Mode: ModeIndex}), want...)
	must(t, os.RemoveAll(filepath.Join(dir, ".git")))
	equalLines(t, declares(t, Options{Root: dir}), want...)
}

// A dialect that brings itself down is a gap that names it and no text of a file, and all else is read.
func TestDialectGivesUp(t *testing.T) {
	for text, why := range map[string]string{"panic": "internal error", "index": "runtime error: index out of range [1] with length 1"} {
		dir := repository(t, map[string]string{"a.keys": "key one 1\n" + text + "\n", "b.txt": "key " + aws + "\n"}, true)
		equalLines(t, declares(t, Options{Root: dir}), "*aws-access-token b.txt:1",
			`gap [aws.kms.key]: all that is written in the dialect "lines": unreadable its reader gave up: `+why)
	}
}

// The detector leaves node_modules out, which keeps this test quick.
func TestLargeCode(t *testing.T) {
	limit := strings.Repeat("\n", declare.MaxFileBytes-len("key one 1\n"))
	dir := repository(t, map[string]string{"node_modules/a.keys": "key one 1\n" + limit, "node_modules/b.keys": "key two 2\n" + limit + "\n", "c.keys": "key three 3\n"}, true)
	for _, mode := range []Mode{ModeTree, ModeIndex} {
		equalLines(t, declares(t, Options{Root: dir, Mode: mode}), "*lines:payments/c.keys#three 3", "*lines:payments/node_modules/a.keys#one 1",
			`gap [aws.kms.key]: file "node_modules/b.keys": out_of_scope infrastructure code is read up to 10000000 bytes a file`)
	}
}

func TestIgnoreFile(t *testing.T) {
	files := map[string]string{
		ignoreFile: "# generated\n\n/gen/\n*.old.*\n!keep.old.keys\n", "a.keys": "key one 1\n", "gen/b.keys": "key two 2\n# " + aws + "\n", "sub/gen/c.keys": "key three 3\n",
		"x.old.keys": "key four 4\n", "sub/keep.old.keys": "key five 5\n",
	}
	dir := repository(t, files, true)
	want := []string{"*lines:payments/a.keys#one 1", "*lines:payments/sub/gen/c.keys#three 3", "*lines:payments/sub/keep.old.keys#five 5"}
	equalLines(t, declares(t, Options{Root: dir}), want...)
	equalLines(t, declares(t, Options{Root: dir, Mode: ModeIndex}), want...)
	must(t, os.RemoveAll(filepath.Join(dir, ".git")))
	equalLines(t, declares(t, Options{Root: dir}), want...)

	write(t, dir, map[string]string{ignoreFile: "ok\n\n[a\n"})
	_, err := Open(Options{Root: dir})
	wantError(t, err, ignoreFile, "line 3", `"[a"`)
	must(t, os.Remove(filepath.Join(dir, ignoreFile)))
	must(t, os.Symlink("a.keys", filepath.Join(dir, ignoreFile)))
	_, err = Open(Options{Root: dir})
	wantError(t, err, ignoreFile, "links are not followed")
}

func TestLinksAreNotFollowed(t *testing.T) {
	out := t.TempDir()
	write(t, out, map[string]string{"x.keys": "key out 1\n", "d/y.keys": "key out 2\n"})
	dir := repository(t, map[string]string{"a.keys": "key one 1\n", "b/c.keys": "key three 3\n", "b/words": "words", "lfs.keys": lfsPointer}, false)
	for link, target := range map[string]string{"y.keys": "b/c.keys", "e/f": "../b", "words": "b/words", "z.keys": "y.keys", "nowhere.keys": "missing.keys", "round.keys": "round.keys"} {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, link)), 0o755))
		must(t, os.Symlink(target, filepath.Join(dir, link)))
	}
	must(t, os.Symlink(filepath.Join(out, "x.keys"), filepath.Join(dir, "x.keys")))
	must(t, os.Symlink(filepath.Join(out, "d"), filepath.Join(dir, "d")))
	must(t, os.Symlink(".", filepath.Join(dir, "loop")))
	gitIn(t, dir, "add", "-A")
	want := []string{
		"*lines:payments/a.keys#one 1", "*lines:payments/b/c.keys#three 3",
		`gap [aws.kms.key repo.credential]: file "lfs.keys": not_stated it is a pointer of Git LFS, and its content is not here`,
		`gap [aws.kms.key repo.credential]: symbolic link "d": not_stated it leads out of the repository`,
		`gap [aws.kms.key]: symbolic link "e/f": not_stated it leads to the folder "b", which is read in its own place only`,
		`gap [aws.kms.key]: symbolic link "loop": not_stated it leads to the folder ".", which is read in its own place only`,
		`gap [aws.kms.key]: symbolic link "x.keys": not_stated it leads out of the repository`,
		`gap [aws.kms.key]: symbolic link "y.keys": not_stated it leads to the file "b/c.keys", which is read in its own place only`,
		`gap [aws.kms.key]: symbolic link "z.keys": not_stated it leads to the file "b/c.keys", which is read in its own place only`,
	}
	for _, mode := range []Mode{ModeTree, ModeIndex, ModeStaged} {
		equalLines(t, declares(t, Options{Root: dir, Mode: mode}), want...)
	}
	must(t, os.RemoveAll(filepath.Join(dir, ".git")))
	equalLines(t, declares(t, Options{Root: dir}), want...)
}

// What is staged is judged where the change touches it: by its file, or because it has become another by a change elsewhere.
func TestStagedCode(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(t *testing.T, dir string)
		want   []string
	}{
		{"nothing", func(t *testing.T, dir string) {}, nil},
		{"no code", func(t *testing.T, dir string) { write(t, dir, map[string]string{"x.txt": "words"}) }, nil},
		{
			"a file", func(t *testing.T, dir string) { write(t, dir, map[string]string{"a.keys": "key one 9\nkey two $x\n"}) },
			[]string{"*lines:payments/a.keys#one 9", "*lines:payments/a.keys#two 1", "lines:payments/b.keys#three 3", "lines:payments/b.keys#four 1"},
		},
		{
			"a variable in another file", func(t *testing.T, dir string) { write(t, dir, map[string]string{"x.vars": "let x 7\n"}) },
			[]string{"lines:payments/a.keys#one 1", "*lines:payments/a.keys#two 7", "lines:payments/b.keys#three 3", "*lines:payments/b.keys#four 7"},
		},
		{
			"a file that goes", func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "x.vars"))) },
			[]string{"lines:payments/a.keys#one 1", "*lines:payments/a.keys#two $x", "lines:payments/b.keys#three 3", "*lines:payments/b.keys#four $x"},
		},
		{
			"a file that becomes no code", func(t *testing.T, dir string) {
				must(t, os.Rename(filepath.Join(dir, "x.vars"), filepath.Join(dir, "x.txt")))
			},
			[]string{"lines:payments/a.keys#one 1", "*lines:payments/a.keys#two $x", "lines:payments/b.keys#three 3", "*lines:payments/b.keys#four $x"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := repository(t, map[string]string{"a.keys": "key one 1\nkey two $x\n", "b.keys": "key three 3\nkey four $x\n", "x.vars": "let x 1\n"}, true)
			c.change(t, dir)
			gitIn(t, dir, "add", "-A")
			write(t, dir, map[string]string{"a.keys": "not what is staged\n"})
			slices.Sort(c.want)
			got := declares(t, Options{Root: dir, Mode: ModeStaged})
			slices.Sort(got)
			equalLines(t, got, c.want...)
		})
	}
	t.Run("the first commit", func(t *testing.T) {
		dir := repository(t, map[string]string{"a.keys": "key one 1\n"}, false)
		gitIn(t, dir, "add", "-A")
		equalLines(t, declares(t, Options{Root: dir, Mode: ModeStaged}), "*lines:payments/a.keys#one 1")
	})
	t.Run("a conflict", func(t *testing.T) {
		dir := repository(t, map[string]string{"a": "first\n", "b.keys": "key one 1\n"}, true)
		gitIn(t, dir, "mv", "a", "a.keys")
		gitIn(t, dir, "commit", "-q", "-m", "second")
		gitIn(t, dir, "checkout", "-q", "-b", "other")
		write(t, dir, map[string]string{"a.keys": "key two 2\n"})
		gitIn(t, dir, "commit", "-q", "-a", "-m", "theirs")
		gitIn(t, dir, "checkout", "-q", "main")
		write(t, dir, map[string]string{"a.keys": "key three 3\n"})
		gitIn(t, dir, "commit", "-q", "-a", "-m", "ours")
		if runGit(dir, "merge", "-q", "other") == nil {
			t.Fatal("no conflict")
		}
		equalLines(t, declares(t, Options{Root: dir, Mode: ModeStaged}), "lines:payments/b.keys#one 1",
			`gap [aws.kms.key repo.credential]: file "a.keys": unreadable it has a conflict, so nothing is staged for it`)
	})
}

// An object that a partial clone lacks is a gap, and the rest is read.
func TestMissingObject(t *testing.T) {
	dir := repository(t, map[string]string{"a.keys": "key one 1\n", "b.keys": "key two 2\n"}, true)
	object := gitIn(t, dir, "rev-parse", "HEAD:a.keys")
	must(t, os.Remove(filepath.Join(dir, ".git/objects", object[:2], object[2:])))
	equalLines(t, declares(t, Options{Root: dir, Mode: ModeIndex}), "*lines:payments/b.keys#two 2",
		`gap [aws.kms.key repo.credential]: file "a.keys": unreadable its content is not in this clone`)
}

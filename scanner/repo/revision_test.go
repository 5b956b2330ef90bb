package repo

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/testdata/repositories"
)

// A commit yields what its work tree yields, with the same IDs, and what is on disk by then does not matter.
func TestRevision(t *testing.T) {
	all, err := repositories.All()
	must(t, err)
	for _, c := range all {
		c.Files["a.keys"] = "key one 1\n"
		dir := repository(t, c.Files, true)
		s := open(t, Options{Root: dir})
		s.dialects = []*declare.Dialect{keyLines}
		want, _ := read(t, s)
		for name := range c.Files {
			must(t, os.Remove(filepath.Join(dir, filepath.FromSlash(name))))
		}
		rev, err := Resolve(t.Context(), dir, "main", nil)
		must(t, err)
		got, gaps := read(t, s.At(rev))
		if diff := gocmp.Diff(want, got); diff != "" || len(gaps) > 0 {
			t.Errorf("%s: %v, -tree +revision:\n%s", c.Name, gaps, diff)
		}
	}
}

func TestExport(t *testing.T) {
	dir := repository(t, map[string]string{"c/keyreeve.yaml": "old", "rules/a/b.rego": "1", "rules/c.rego": "2", "rules2/d.rego": "3", "*.yaml": "star", "-x": "dash"}, false)
	must(t, os.Symlink("c/keyreeve.yaml", filepath.Join(dir, "link")))
	gitIn(t, dir, "add", "-A")
	gitIn(t, dir, "commit", "-q", "-m", "first")
	write(t, dir, map[string]string{"c/keyreeve.yaml": "new", "rules/e.rego": "4"})
	rev, err := Resolve(t.Context(), filepath.Join(dir, "c"), "HEAD", nil)
	must(t, err)
	for path, want := range map[string][]string{
		"c/keyreeve.yaml": {"c/keyreeve.yaml"}, "rules": {"rules/a/b.rego", "rules/c.rego"}, "rules/a": {"rules/a/b.rego"}, "nothing": nil, "link": nil, "rul": nil,
		"*.yaml": {"*.yaml"}, "-x": {"-x"}, "c/../c": {"c/keyreeve.yaml"},
		".": {"*.yaml", "-x", "c/keyreeve.yaml", "rules/a/b.rego", "rules/c.rego", "rules2/d.rego"},
	} {
		out := t.TempDir()
		found, err := rev.Export(t.Context(), path, out)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		var got []string
		must(t, fs.WalkDir(os.DirFS(out), ".", func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				got = append(got, name)
			}
			return err
		}))
		equal(t, got, want)
		if found != (len(want) > 0) {
			t.Errorf("%s: found: %t", path, found)
		}
		if data, err := os.ReadFile(filepath.Join(out, "c/keyreeve.yaml")); err == nil && string(data) != "old" {
			t.Errorf("%s: the file is that of the work tree", path)
		}
	}
}

func TestWithin(t *testing.T) {
	dir := repository(t, map[string]string{"a/b": "x"}, true)
	out := t.TempDir()
	must(t, os.Symlink(out, filepath.Join(dir, "leads-out")))
	must(t, os.Symlink(dir, filepath.Join(out, "leads-in")))
	rev, err := Resolve(t.Context(), dir, "HEAD", nil)
	must(t, err)
	for path, want := range map[string]string{
		dir: ".", filepath.Join(dir, "a"): "a", filepath.Join(dir, "a/b"): "a/b", filepath.Join(dir, "nothing/there"): "nothing/there",
		filepath.Join(dir, "leads-out/x"): "leads-out/x", filepath.Join(out, "leads-in/a/b"): "a/b", out: "", filepath.Join(out, "x"): "", dir + "2": "",
	} {
		got, ok := rev.Within(path)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%s: %q, %t; want %q", path, got, ok, want)
		}
	}
	t.Chdir(filepath.Join(dir, "a"))
	if got, ok := rev.Within("../a/b"); !ok || got != "a/b" {
		t.Errorf("a relative path: %q, %t", got, ok)
	}
}

func TestResolveErrors(t *testing.T) {
	dir := repository(t, map[string]string{"a": "x"}, true)
	shallow := filepath.Join(t.TempDir(), "shallow")
	gitIn(t, dir, "commit", "-q", "--allow-empty", "-m", "second")
	gitIn(t, dir, "clone", "-q", "--depth", "1", "file://"+dir, shallow)
	for _, c := range []struct{ dir, rev, want string }{
		{dir, "nowhere", "hint: git fetch the branch"},
		{dir, "", "there is no such commit"},
		{dir, "--all", "there is no such commit"},
		{dir, "HEAD:a", "there is no such commit"},
		{dir, "HEAD~1..HEAD", "git merge-base"},
		{shallow, "HEAD~1", "fetch-depth: 0"},
		{t.TempDir(), "HEAD", "in no git repository"},
	} {
		_, err := Resolve(t.Context(), c.dir, c.rev, nil)
		wantError(t, err, "find revision", c.want)
	}
}

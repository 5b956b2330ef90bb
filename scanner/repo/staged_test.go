package repo

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/testdata/repositories"
)

func TestStaged(t *testing.T) {
	line := "key " + aws + "\n"
	other := "key " + repositories.MustPlant("aws", 2) + "\n"
	for _, c := range []struct {
		name   string
		files  map[string]string // committed
		after  func(t *testing.T, dir string)
		staged map[string]string // written and added after that
		o      Options
		want   []string
		ids    []string
	}{
		{name: "nothing staged", files: map[string]string{"a": line}},
		{name: "a repository without anything"},
		{
			name:   "added lines only, with the ordinals of the whole file",
			files:  map[string]string{"a": line + "\n" + line + "\nx\n"},
			staged: map[string]string{"a": line + "\n" + line + "\nx\n" + other},
			want:   []string{"aws-access-token a:6"},
			ids:    []string{"repo:payments#aws-access-token:a:3"},
		},
		{
			name:   "of equal values the one that was added",
			files:  map[string]string{"a": line + "\n" + line},
			staged: map[string]string{"a": line + line + "\n" + line},
			want:   []string{"aws-access-token a:2"},
			ids:    []string{"repo:payments#aws-access-token:a:2"},
		},
		{
			name:   "the staged content, not the work tree",
			staged: map[string]string{"a": line, "b": "clean\n"},
			after:  nil,
			want:   []string{"aws-access-token a:1"},
		},
		{
			name:   "removed lines",
			files:  map[string]string{"a": "x\n" + line + "y\n"},
			staged: map[string]string{"a": "x\ny\n"},
		},
		{
			name:  "a deleted file",
			files: map[string]string{"a": line},
			after: func(t *testing.T, dir string) { gitIn(t, dir, "rm", "-q", "a") },
		},
		{
			name:  "a renamed file holds nothing new, and a line changed with it does",
			files: map[string]string{"old name": strings.Repeat("words\n", 50) + line, "same": strings.Repeat("more\n", 50) + line},
			after: func(t *testing.T, dir string) {
				gitIn(t, dir, "mv", "same", "moved")
				gitIn(t, dir, "mv", "old name", "new name")
			},
			staged: map[string]string{"new name": strings.Repeat("words\n", 50) + line + "\n" + other},
			want:   []string{"aws-access-token new name:53"},
			ids:    []string{"repo:payments#aws-access-token:new name:2"},
		},
		{
			name:   "a mode and a type that changed",
			files:  map[string]string{"script": line, "link": "x\n"},
			staged: map[string]string{},
			after: func(t *testing.T, dir string) {
				must(t, os.Chmod(filepath.Join(dir, "script"), 0o755))
				must(t, os.Remove(filepath.Join(dir, "link")))
				must(t, os.Symlink(aws, filepath.Join(dir, "link")))
				gitIn(t, dir, "add", "-A")
			},
			want: []string{"aws-access-token link:1"}, // git keeps where a link leads, as gitleaks reads it
		},
		{
			name: "names of all kinds",
			staged: map[string]string{
				"with space.txt": line, "naïve-日本.txt": line, "tab\there": line, "new\nline": line, `quote".txt`: line, `back\slash`: line,
				"a:b:c": line, "-rf": line, "bad\xff.txt": line, " lead": line, "trail ": line, "a b/x b/a b/x": line, "b/x": line, "x b/b/x": line,
			},
			want: []string{
				"aws-access-token with space.txt:1", "aws-access-token naïve-日本.txt:1", "aws-access-token tab%09here:1", "aws-access-token new%0Aline:1",
				`aws-access-token quote".txt:1`, `aws-access-token back\slash:1`, "aws-access-token a:b:c:1", "aws-access-token -rf:1", "aws-access-token bad%FF.txt:1",
				"aws-access-token  lead:1", "aws-access-token trail :1", "aws-access-token a b/x b/a b/x:1", "aws-access-token b/x:1", "aws-access-token x b/b/x:1",
			},
		},
		{
			name: "contents of all kinds",
			staged: map[string]string{
				"crlf.txt": "a\r\nkey " + aws + "\r\n", "no-newline.txt": "a\nkey " + aws, "plus.txt": "+++ b/x\n@@ -1 +1 @@\ndiff --git a/x b/x\n" + line + "--- a/x\n",
				"zero.txt": "a\x00\n" + line, "program": "\x7fELF\x02\x01\x01\x00" + strings.Repeat("\x00", 60) + line, "picture.png": "\x00" + line, "empty": "",
			},
			want: []string{
				"aws-access-token crlf.txt:2", "aws-access-token no-newline.txt:2", "aws-access-token plus.txt:4",
				"aws-access-token zero.txt:2", // git prints no lines of it
			},
		},
		{
			name:   "an attribute does not hide a file",
			staged: map[string]string{".gitattributes": "*.env -diff\n", "a.env": line},
			want:   []string{"aws-access-token a.env:1"},
		},
		{
			name:   "a last line that gets its line break",
			files:  map[string]string{"a": "x"},
			staged: map[string]string{"a": "x\n" + strings.TrimSuffix(line, "\n")},
			want:   []string{"aws-access-token a:2"},
		},
		{
			name:   "a large addition among old lines",
			files:  map[string]string{"dump.sql": line + "\nend\n" + other},
			staged: map[string]string{"dump.sql": line + "\n" + strings.Repeat(strings.Repeat("word ", 200)+"\n\n", 1200) + line + "\nend\n" + other},
			want:   []string{"aws-access-token dump.sql:2403"},
			ids:    []string{"repo:payments#aws-access-token:dump.sql:2"},
		},
		{
			name:   "too large",
			staged: map[string]string{"dump.sql": line + strings.Repeat(strings.Repeat("word ", 200)+"\n\n", 1200) + line},
			o:      Options{MaxFileBytes: 300_000},
			want:   []string{"aws-access-token dump.sql:1", `gap: file "dump.sql": out_of_scope it is larger than the limit of 300000 bytes`},
		},
		{
			name:   "left out by configuration",
			staged: map[string]string{"docs/a": line, "b": line},
			o:      Options{Ignore: []string{"docs"}},
			want:   []string{"aws-access-token b:1"},
		},
		{
			name: "a submodule",
			after: func(t *testing.T, dir string) {
				module := repository(t, map[string]string{"secret": line}, true)
				gitIn(t, dir, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", module, "module")
				gitIn(t, dir, "config", "diff.submodule", "log")
			},
			staged: map[string]string{"a": line},
			want:   []string{"aws-access-token a:1"},
		},
		{
			name:  "a conflict",
			files: map[string]string{"a": "first\n"},
			after: func(t *testing.T, dir string) { conflict(t, dir, line) },
			want:  []string{`gap: file "a": unreadable it has a conflict, so nothing is staged for it`},
		},
		{
			name:   "a block that is completed by what was there",
			files:  map[string]string{"a": "-----END RSA PRIVATE " + "KEY-----\n"},
			staged: map[string]string{"a": repositories.MustPlant("pem-key", 1)[:300] + "\n-----END RSA PRIVATE " + "KEY-----\n"},
			want:   nil, // gitleaks sees the added lines only, and so do we
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := repository(t, c.files, len(c.files) > 0)
			if c.after != nil {
				c.after(t, dir)
			}
			write(t, dir, c.staged)
			if len(c.staged) > 0 {
				gitIn(t, dir, "add", "-A")
			}
			if c.name == "the staged content, not the work tree" {
				write(t, dir, map[string]string{"a": "clean\n", "b": line})
			}
			c.o.Root, c.o.Mode = dir, ModeStaged
			equal(t, finds(t, c.o), c.want)
			if c.ids != nil {
				resources, _ := read(t, open(t, c.o))
				var ids []string
				for _, r := range resources {
					ids = append(ids, string(r.ID))
				}
				equal(t, ids, c.ids)
			}
		})
	}
}

// Two renames whose patches begin with the same line cannot be told apart; both files are read, so nothing is missed.
func TestStagedAmbiguousNames(t *testing.T) {
	body := func(s string) string { return strings.Repeat(s+"\n", 50) }
	dir := repository(t, map[string]string{"x": body("one"), "x b/y": body("two")}, true)
	for from, to := range map[string]string{"x": "y b/z", "x b/y": "z"} {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, to)), 0o755))
		gitIn(t, dir, "mv", from, to)
	}
	write(t, dir, map[string]string{"y b/z": body("one") + "key " + aws + "\n", "z": body("two") + "\nkey " + aws + "\n"})
	gitIn(t, dir, "add", "-A")
	if out := gitIn(t, dir, "diff", "--staged"); strings.Count(out, "diff --git a/x b/y b/z\n") != 2 {
		t.Fatalf("the names are not ambiguous:\n%s", out)
	}
	equal(t, finds(t, Options{Root: dir, Mode: ModeStaged}), []string{"aws-access-token y b/z:51", "aws-access-token z:52"})
}

// A large file is cut into fragments alike when it is read from git and from the tree, so both find the same.
func TestStagedLargeFileIsCutAsInTheTree(t *testing.T) {
	var text strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&text, "%s\n%s\n", strings.Repeat("word ", 150), "key "+repositories.MustPlant("aws", i))
	}
	dir := repository(t, map[string]string{"dump.sql": text.String()}, false)
	gitIn(t, dir, "add", "-A")
	tree, staged := finds(t, Options{Root: dir}), finds(t, Options{Root: dir, Mode: ModeStaged})
	if len(tree) < 2900 {
		t.Errorf("only %d found", len(tree))
	}
	equal(t, staged, tree)
}

func BenchmarkStaged(b *testing.B) {
	files := map[string]string{}
	for i := range 100 {
		files[fmt.Sprintf("pkg/f%d.go", i)] = strings.Repeat("func f(a, b int) int { return a + b }\n", 100)
	}
	dir := repository(b, files, true)
	write(b, dir, map[string]string{"pkg/f1.go": files["pkg/f1.go"] + "// changed\n", "pkg/new.go": "package pkg\n\nconst id = \"" + aws + "\"\n"})
	gitIn(b, dir, "add", "-A")
	for b.Loop() {
		if resources, _ := read(b, open(b, Options{Root: dir, Mode: ModeStaged})); len(resources) != 1 {
			b.Fatal(resources)
		}
	}
}

func BenchmarkTree(b *testing.B) {
	files := map[string]string{}
	size := 0
	for i := range 200 {
		text := fmt.Sprintf("package p%d\n\n", i) + strings.Repeat("// token is what the client sends\nfunc f(a, b int) (key string, err error) { return lookup(a, b, \"payments/config\") }\n\n", 150)
		files[fmt.Sprintf("pkg%d/f.go", i)] = text
		size += len(text)
	}
	dir := repository(b, files, true)
	source := open(b, Options{Root: dir})
	b.SetBytes(int64(size))
	for b.Loop() {
		read(b, source)
	}
}

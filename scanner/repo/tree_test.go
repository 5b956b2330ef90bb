package repo

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

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
			want: []string{`gap: symbolic link "folder": not_stated it leads out of the repository`, `gap: symbolic link "link": not_stated it leads out of the repository`},
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
			want: []string{`gap: symbolic link "d": not_stated it leads out of the repository`},
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
				"utf16.txt":      wide(line), // decoded, as it begins with a byte order mark
				"long-line.txt":  strings.Repeat("x ", 400_000) + aws + "\n",
				"program":        "\x7fELF\x02\x01\x01\x00" + strings.Repeat("\x00", 60) + line, // binary, by its first bytes
				"archive.zip":    line,                                                          // text, whatever its name says
				"picture.png":    line,                                                          // allowed by gitleaks' rules
				"empty":          "",
			},
			want: []string{
				"aws-access-token crlf.txt:3", "aws-access-token old-mac.txt:1", "aws-access-token no-newline.txt:2", "aws-access-token bom.txt:1",
				"aws-access-token zero.txt:2", "aws-access-token long-line.txt:1", "aws-access-token utf16.txt:1", "aws-access-token archive.zip:1",
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
			files: map[string]string{"big.txt": strings.Repeat("words\n", 20) + line, "small.txt": line, "big.zip": "PK" + strings.Repeat("\x00", 200), "big.exe2": "MZ" + strings.Repeat("\x00", 200)},
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
			want: []string{"aws-access-token mine:1", `gap: submodule "module": not_stated it is a repository of its own, which is not read here`},
		},
		{
			name:  "a pointer of Git LFS, and what only looks like one",
			files: map[string]string{"dump.sql": lfsPointer, "picture.png": lfsPointer, "about.md": pointerBegin + line},
			want:  []string{"aws-access-token about.md:2", `gap: file "dump.sql": not_stated it is a pointer of Git LFS, and its content is not here`},
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

const lfsPointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"

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

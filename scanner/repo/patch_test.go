package repo

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

type hunk struct {
	path  string
	first int
	text  string
}

func parse(patch string) (changes []*change, hunks []hunk, err error) {
	changes, err = readPatch(strings.NewReader(patch), func(c *change, first int, text string) error {
		hunks = append(hunks, hunk{c.path, first, text})
		return nil
	})
	return changes, hunks, err
}

const (
	sha   = "0123456789012345678901234567890123456789"
	entry = ":100644 100644 " + sha + " " + sha + " M\ta.txt\n\ndiff --git a/a.txt b/a.txt\nindex " + sha + ".." + sha + " 100644\n--- a/a.txt\n+++ b/a.txt\n"
)

func TestPatch(t *testing.T) {
	changes, hunks, err := parse(entry + "@@ -1,0 +2,2 @@ func x() {\n+one\n+two\n@@ -5 +8 @@\n-old\n\\ No newline at end of file\n+new\n\\ No newline at end of file\n")
	if err != nil {
		t.Fatal(err)
	}
	if want := []hunk{{"a.txt", 2, "one\ntwo\n"}, {"a.txt", 8, "new"}}; !slices.Equal(hunks, want) {
		t.Errorf("%+v", hunks)
	}
	if len(changes) != 1 || !slices.Equal(changes[0].added, []lines{{2, 3}, {8, 8}}) || changes[0].blob != sha {
		t.Errorf("%+v", changes[0])
	}
}

// A diff that is cut off, or that says something else than expected, is an error and never a shorter diff.
func TestPatchErrors(t *testing.T) {
	for _, c := range []struct{ name, patch, want string }{
		{"no part about a change", strings.SplitAfter(entry, "\n\n")[0], "says nothing about"},
		{"cut off in the changes", ":100644 100644 " + sha, "cut off"},
		{"cut off in a hunk", entry + "@@ -0,0 +1,2 @@\n+one\n", "cut off"},
		{"cut off in a line", entry + "@@ -0,0 +1 @@\n+on", "cut off"},
		{"more lines than announced", entry + "@@ -0,0 +1 @@\n+one\n+two\n", "neither the header nor a hunk"},
		{"context", entry + "@@ -1,2 +1,3 @@\n one\n+two\n", `begins with ' '`},
		{"hunks out of order", entry + "@@ -0,0 +5 @@\n+one\n@@ -0,0 +5 @@\n+two\n", "does not come after"},
		{"colours", "\x1b[1mdiff --git a/a.txt b/a.txt\x1b[m\n", "colon"},
		{"no prefixes", strings.ReplaceAll(strings.ReplaceAll(entry, "a/a.txt", "a.txt"), "b/a.txt", "a.txt"), "not among the changes"},
		{"another file", strings.Replace(entry, "diff --git a/a.txt b/a.txt", "diff --git a/b.txt b/b.txt", 1), "not among the changes"},
		{"a header without numbers", entry + "@@ -x +1 @@\n+one\n", "header"},
		{"a count that is too large", entry + "@@ -0,0 +1,99999999999 @@\n+one\n", "header"},
		{"quoting", ":100644 100644 " + sha + " " + sha + " M\t\"a\n\n", "not quoted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := parse(c.patch)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// FuzzPatchLinesAreConsistent: whatever the input, the parser does not panic, and what it accepts are hunks that follow each
// other, with as many lines as they announce.
func FuzzPatchLinesAreConsistent(f *testing.F) {
	f.Add(entry + "@@ -1,0 +2,2 @@ func x() {\n+one\n+two\n@@ -5 +8 @@\n-old\n+new\n\\ No newline at end of file\n")
	f.Add(entry + "Binary files a/a.txt and b/a.txt differ\n")
	f.Add(":000000 100644 " + sha + " " + sha + " A\t\"t\\tx\"\n\ndiff --git \"a/t\\tx\" \"b/t\\tx\"\nnew file mode 100644\n")
	f.Add(":000000 000000 " + sha + " " + sha + " U\tx\n\n* Unmerged path x\n")
	f.Fuzz(func(t *testing.T, patch string) {
		changes, err := readPatch(strings.NewReader(patch), func(c *change, first int, text string) error {
			n := strings.Count(text, "\n")
			if text != "" && !strings.HasSuffix(text, "\n") {
				n++
			}
			if n > 0 && (first < 1 || len(c.added) == 0 || c.added[len(c.added)-1].first != first || c.added[len(c.added)-1].last != first+n-1 && text != "") {
				t.Fatalf("hunk at %d with %d lines; the change says %v", first, n, c.added)
			}
			return nil
		})
		if err != nil {
			return
		}
		for _, c := range changes {
			for _, l := range c.added {
				if l.first < 1 || l.last < l.first {
					t.Fatalf("lines %v", l)
				}
			}
			if c.status != 'U' && !c.seen {
				t.Fatalf("accepted without a word about %q", c.path)
			}
		}
	})
}

// Of any change, the hunks are exactly the lines that the new file has at their place; and the lines outside of them are
// those of the old file that are left.
func TestPatchAgreesWithGit(t *testing.T) {
	dir := repository(t, map[string]string{"x": "x"}, true)
	g := newGit(dir, false)
	content := rapid.Custom(func(r *rapid.T) string {
		piece := rapid.SampledFrom([]string{"a\n", "b\n", "\n", "+c\n", "-d\r\n", "@@ -1 +1 @@\n", "\\ No newline\n", "diff --git a/f b/f\n", "é\n", "\xff\n", "e"})
		return strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(r, "pieces"), "")
	})
	rapid.Check(t, func(r *rapid.T) {
		old, text := content.Draw(r, "old"), content.Draw(r, "new")
		must(t, os.WriteFile(filepath.Join(dir, "f"), []byte(old), 0o644))
		if err := runGit(dir, "add", "-f", "f"); err != nil {
			r.Fatal(err)
		}
		tree, err := g.output(t.Context(), "write-tree")
		if err != nil {
			r.Fatal(err)
		}
		must(t, os.WriteFile(filepath.Join(dir, "f"), []byte(text), 0o644))
		if err := runGit(dir, "add", "-f", "f"); err != nil {
			r.Fatal(err)
		}
		var hunks []hunk
		var changes []*change
		if _, err := g.stream(t.Context(), func(out io.Reader) (err error) {
			changes, err = readPatch(bufio.NewReader(out), func(c *change, first int, text string) error {
				hunks = append(hunks, hunk{c.path, first, text})
				return nil
			})
			return err
		}, append(slices.Clone(diffArgs), tree)...); err != nil {
			r.Fatal(err)
		}
		if len(changes) == 0 {
			if old != text {
				r.Fatalf("no change from %q to %q", old, text)
			}
			return
		}
		newLines := strings.SplitAfter(text, "\n")
		added := map[int]bool{}
		for _, h := range hunks {
			for i, line := range strings.SplitAfter(h.text, "\n") {
				if line == "" {
					continue
				}
				if at := h.first - 1 + i; at >= len(newLines) || newLines[at] != line {
					r.Fatalf("line %d is %q, not %q", at+1, newLines, line)
				}
				added[h.first-1+i] = true
			}
		}
		rest := strings.SplitAfter(old, "\n")
		for i, line := range newLines {
			if line == "" || added[i] {
				continue
			}
			at := slices.Index(rest, line)
			if at < 0 {
				r.Fatalf("line %d, %q, is not new and not from the old file", i+1, line)
			}
			rest = rest[at+1:]
		}
	})
}

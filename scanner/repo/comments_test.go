package repo

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

func TestComments(t *testing.T) {
	for _, c := range []struct{ line, text string }{ // TEXT, or "" where the line holds no waiver
		{"# keyreeve:ignore a/b", "a/b"},
		{"  #keyreeve:ignore a/b until=x  ", "a/b until=x"},
		{"## keyreeve:ignore a/b", "a/b"},
		{"// keyreeve:ignore a/b", "a/b"},
		{"-- keyreeve:ignore a/b", "a/b"},
		{"; keyreeve:ignore a/b", "a/b"},
		{"/* keyreeve:ignore a/b */", "a/b"},
		{"<!-- keyreeve:ignore a/b -->", "a/b"},
		{"x = 1 # keyreeve:ignore a/b", "a/b"},
		{"x = 1 # keyreeve:ignore a/b\r", "a/b"},
		{"x = 1 # one # keyreeve:ignore a/b", "a/b"},
		{`x = "# keyreeve:ignore a/b"`, ""},
		{"the comment `# keyreeve:ignore a/b`", ""},
		{"keyreeve:ignore a/b", ""},
		{"# keyreeve:ignored a/b", ""},
		{"# see keyreeve:ignore a/b", ""},
		{"x# keyreeve:ignore a/b", ""},
	} {
		got := comments("f", "first\n"+c.line+"\nnext", 10)
		if c.text == "" {
			if len(got) > 0 {
				t.Errorf("%q: %+v", c.line, got)
			}
			continue
		}
		about := 12
		if strings.HasPrefix(c.line, "x") || strings.HasPrefix(c.line, " ") || strings.HasPrefix(c.line, "\t") { // an indented one does not speak for what is not
			about = 11
		}
		if len(got) != 1 || got[0].Text != c.text || got[0].Line != 11 || got[0].For != about || got[0].Path != "f" {
			t.Errorf("%q: %+v, want %q in line 11, about line %d", c.line, got, c.text, about)
		}
	}
}

// A comment on a line of its own speaks for the next line that is no comment.
func TestCommentsSpeakFor(t *testing.T) {
	for text, want := range map[string]string{
		"# keyreeve:ignore a/b\nx":                                              "1>2",
		"# keyreeve:ignore a/b\n# why\n// how\n---\nx":                          "1>5",
		"a: |\n  # keyreeve:ignore a/b\n---\nx":                                 "2>2",
		"a: 1\n# keyreeve:ignore a/b\n---\nx":                                   "2>3",
		"a: |\n  # keyreeve:ignore a/b\nb: 1":                                   "2>2",
		"# keyreeve:ignore a/b\n\nx":                                            "1>1",
		"# keyreeve:ignore a/b\n# of the file\n\nx":                             "1>1",
		"# keyreeve:ignore a/b\n\n  x":                                          "1>1",
		"# keyreeve:ignore a/b\n\n---\nx":                                       "1>1",
		"# keyreeve:ignore a/b":                                                 "1>2",
		"# keyreeve:ignore a/b\n# keyreeve:ignore a/c\nx # keyreeve:ignore a/d": "1>3 2>3 3>3",
	} {
		var got []string
		for _, c := range comments("f", text, 1) {
			got = append(got, fmt.Sprintf("%d>%d", c.Line, c.For))
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("%q: %s, want %s", text, g, want)
		}
	}
}

// Comments are read in code and in files with credentials, in every mode alike, and nowhere else.
func TestWhereCommentsAreRead(t *testing.T) {
	const comment = "# keyreeve:ignore a/b until=2026-12-31 reason=x\n"
	dir := repository(t, map[string]string{
		"a.keys": "key one 1\n" + comment, "b.py": "\n" + comment + "key = '" + aws + "'\n", "page.md": comment, "empty.keys": "#\n" + comment,
	}, false)
	gitIn(t, dir, "add", "-A")
	check := func(o Options) {
		t.Helper()
		s := open(t, o)
		s.dialects = []*declare.Dialect{keyLines}
		read(t, s)
		var got []string
		for _, c := range s.Report().Comments {
			got = append(got, fmt.Sprintf("%s:%d>%d", c.Path, c.Line, c.For))
		}
		equal(t, got, []string{"a.keys:2>2", "b.py:2>3", "empty.keys:2>2"})
		if got := s.Report().Part; got != (o.Mode == ModeStaged) {
			t.Errorf("%s: only a part was read: %t", o.Mode, got)
		}
	}
	for _, mode := range []Mode{ModeTree, ModeIndex, ModeStaged} {
		check(Options{Root: dir, Mode: mode})
	}
	must(t, os.RemoveAll(filepath.Join(dir, ".git")))
	check(Options{Root: dir})
}

// A comment above a block speaks for all of it.
func TestCommentsOfBlocks(t *testing.T) {
	for text, want := range map[string]int{
		"resource a b {\n  x = 1\n\n  y {\n  }\n}\nnext":            7,
		"resource a b {\n\n  # }\n  x = 1\n  }":                     6,
		"resource a b {}\n  \nnext":                                 2,
		"  - name: x\n    value: y\n  - name: z":                    3,
		"apiVersion: v1\nkind: x\nmetadata:\n  name: x\n---\nkind:": 5,
		"services:\n  a:\n    b: c\nvolumes:":                       2,
		"jobs:\n  a:\n    b: c":                                     2,
		"\"Resources\":\n  a:\n    b: c":                            2,
		"  a:\n    env:\n      b: c\n  d:":                          4,
		"    services:\n      a: b":                                 3,
		"deploy:\n  variables:\n    a: b\nnext:":                    4,
		"apiVersion: v1\nkind: List\nitems:\n- a: b":                2,
		"- apiVersion: v1\n  kind: x\n- apiVersion: v1":             3,
		"{\n  \"a\": [\n    1\n  ]\n},\nx":                          6,
	} {
		got := comments("f", "# keyreeve:ignore a/b\n"+text, 1)
		if len(got) != 1 || got[0].For != 2 || got[0].To != want {
			t.Errorf("%q: %+v, want lines 2 to %d", text, got, want)
		}
	}
}

// What stands below a comment that an empty line follows is not its block, however deep it is indented.
func TestCommentsOfNothing(t *testing.T) {
	for _, text := range []string{"\n  a:\n    b: c", "# of the file\n\n  a: b"} {
		got := comments("f", "# keyreeve:ignore a/b\n"+text, 1)
		if len(got) != 1 || got[0].For != 1 || got[0].To != 1 {
			t.Errorf("%q: %+v, want line 1 alone", text, got)
		}
	}
}

// A text of several lines in HCL holds no comments, whatever it looks like.
func TestCommentsInHCL(t *testing.T) {
	const waiver = "# keyreeve:ignore a/b\n"
	for text, want := range map[string]string{
		"x = <<T\n" + waiver + "T\n":                              "",
		"x = <<-T\n  " + waiver + "  T\n" + waiver + "y = 1\n":    "4>5",
		"x = <<T\n${ f( /* keyreeve:ignore a/b */\n 1) }\nT\n":    "2>2",
		"x = \"a // keyreeve:ignore a/b":                          "",
		"x = 1 # keyreeve:ignore a/b\ny = 1 // keyreeve:ignore c": "1>1 2>2",
		"/*\n " + waiver + "*/\nx = 1\n":                          "2>2",
		"-- keyreeve:ignore a/b\nx = 1\n":                         "",
		"x = <<T\n" + waiver:                                      "",
	} {
		for _, file := range []string{"a.tf", "a.HCL", "a.tofu", "a.tfvars"} {
			var got []string
			for _, c := range comments(file, text, 1) {
				got = append(got, fmt.Sprintf("%d>%d", c.Line, c.For))
			}
			if g := strings.Join(got, " "); g != want {
				t.Errorf("%s: %q: %q, want %q", file, text, g, want)
			}
		}
	}
	if got := comments("a.tf", waiver+"x = 1\n", 7); len(got) > 0 {
		t.Errorf("a piece of a file that may begin within a text: %+v", got)
	}
}

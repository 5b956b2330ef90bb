package repo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// ignoreFile, at the root of a repository, names paths to leave out, as .gitignore does: a pattern a line, of the form of globs;
// lines that begin with # are comments.
const ignoreFile = ".keyreeveignore"

// globs are patterns of paths to leave out. A pattern without a slash fits the name of a file or folder anywhere; one with
// a slash is a path from the root, where ** stands for any number of folders. What is below a folder that fits is left out too.
// One that begins with ! takes back what earlier ones leave out.
type globs []glob

type glob struct {
	pattern  []string // by folder
	anchored bool
	back     bool
	text     string
	line     int // of the ignore file; 0: not from there
}

func newGlobs(patterns []string) (globs, error) {
	var g globs
	for _, p := range patterns {
		one, err := newGlob(p)
		if err != nil {
			return nil, err
		}
		g = append(g, one)
	}
	return g, nil
}

func newGlob(p string) (glob, error) {
	rest, back := strings.CutPrefix(p, "!")
	clean := strings.Trim(rest, "/")
	if _, err := path.Match(clean, ""); err != nil || clean == "" {
		return glob{}, fmt.Errorf("ignore pattern %q: it is no glob; * ? [a-z] and ** are known", p)
	}
	anchored := strings.Contains(strings.TrimSuffix(rest, "/"), "/")
	return glob{pattern: strings.Split(clean, "/"), anchored: anchored, back: back, text: p}, nil
}

// CheckIgnores reports what is wrong with the ignore file of a folder, which may be missing.
func CheckIgnores(folder string) error {
	_, err := readIgnores(folder)
	return err
}

// readIgnores reads the ignore file of a folder, which may be missing. A link is not followed.
func readIgnores(folder string) (globs, error) {
	name := filepath.Join(folder, ignoreFile)
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("read %q: it is no regular file, and links are not followed\nhint: write the patterns into it", name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read the paths to leave out: %w", err)
	}
	var g globs
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		one, err := newGlob(line)
		if err != nil {
			return nil, fmt.Errorf("read %q: line %d: %w", name, n, err)
		}
		one.line = n
		g = append(g, one)
	}
	return g, nil
}

// usage says which patterns of the ignore file fit anything that there is.
type usage struct {
	globs
	used []bool
}

func newUsage(g globs) *usage { return &usage{g, make([]bool, len(g))} }

// see notes which patterns fit a path.
func (u *usage) see(name string) {
	var parts []string
	for i, p := range u.globs {
		if u.used[i] || p.line == 0 {
			continue
		}
		if parts == nil {
			parts = strings.Split(name, "/")
		}
		u.used[i] = p.fits(parts)
	}
}

// prune notes that nobody looks below a folder: what names something that may lie there is not known to fit nothing.
func (u *usage) prune(folder string) {
	parts := strings.Split(folder, "/")
	for i, p := range u.globs {
		u.used[i] = u.used[i] || !p.anchored || p.fits(parts) || p.mayLieBelow(parts)
	}
}

// mayLieBelow reports whether what an anchored pattern names may lie below a folder.
func (p glob) mayLieBelow(folder []string) bool {
	for i, part := range p.pattern {
		if part == "**" || i == len(folder) {
			return true
		}
		if ok, _ := path.Match(part, folder[i]); !ok {
			return false
		}
	}
	return false
}

// unused lists the patterns of the ignore file that fit nothing, with their lines: "3: docs/*.pem".
func (u *usage) unused() []string {
	var out []string
	for i, p := range u.globs {
		if p.line > 0 && !u.used[i] {
			out = append(out, fmt.Sprintf("%d: %s", p.line, p.text))
		}
	}
	return out
}

// match reports whether a path is left out: the last pattern that fits decides.
func (g globs) match(name string) bool {
	parts := strings.Split(name, "/")
	out := false
	for _, p := range g {
		if p.back == out && p.fits(parts) {
			out = !out
		}
	}
	return out
}

// prunes reports whether a folder is left out with all that is below it.
func (g globs) prunes(folder string) bool {
	for _, p := range g {
		if p.back {
			return false // something below may be taken back
		}
	}
	return g.match(folder)
}

func (p glob) fits(parts []string) bool {
	if p.anchored {
		return below(p.pattern, parts)
	}
	for _, part := range parts {
		if ok, _ := path.Match(p.pattern[0], part); ok {
			return true
		}
	}
	return false
}

// below reports whether the pattern fits the path or a folder above it.
func below(pattern, parts []string) bool {
	if len(pattern) == 0 {
		return true
	}
	if pattern[0] == "**" {
		for i := range len(parts) + 1 {
			if below(pattern[1:], parts[i:]) {
				return len(parts) > 0
			}
		}
		return false
	}
	if len(parts) == 0 {
		return false
	}
	ok, _ := path.Match(pattern[0], parts[0])
	return ok && below(pattern[1:], parts[1:])
}

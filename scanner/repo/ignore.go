package repo

import (
	"fmt"
	"path"
	"strings"
)

// globs are patterns of paths to leave out. A pattern without a slash fits the name of a file or folder anywhere; one with
// a slash is a path from the root, where ** stands for any number of folders. What is below a folder that fits is left out too.
type globs []string

func newGlobs(patterns []string) (globs, error) {
	var g globs
	for _, p := range patterns {
		clean := strings.Trim(p, "/")
		if _, err := path.Match(clean, ""); err != nil || clean == "" {
			return nil, fmt.Errorf("ignore pattern %q: it is no glob; * ? [a-z] and ** are known", p)
		}
		if strings.Contains(strings.TrimSuffix(p, "/"), "/") {
			clean = "/" + clean // anchored
		}
		g = append(g, clean)
	}
	return g, nil
}

func (g globs) match(name string) bool {
	parts := strings.Split(name, "/")
	for _, p := range g {
		pattern, anchored := strings.CutPrefix(p, "/")
		if anchored && below(strings.Split(pattern, "/"), parts) {
			return true
		}
		for _, part := range parts {
			if ok, _ := path.Match(pattern, part); ok && !anchored {
				return true
			}
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

package repo

import (
	"fmt"
	"io"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// symlink notes a symbolic link and where it leads to. What it leads to in the repository is read in its own place only, so what the
// same text would declare in the place of the link is left open.
func (r *run) symlink(path, target string) {
	r.symlinks[path] = filepath.ToSlash(target)
}

// maxTarget bounds how much of the text of a link is read.
const maxTarget = 4096

// symlinkOf notes a link of the index or of a commit, of which git keeps the target as the content.
func (r *run) symlinkOf(path string, content io.Reader) error {
	target, err := io.ReadAll(io.LimitReader(content, maxTarget))
	r.symlink(path, string(target))
	return err
}

// tellLinks makes a gap of each link in whose place a dialect would read something. Paths are those of all files that are listed.
func (r *run) tellLinks(paths []string) {
	if len(r.symlinks) == 0 {
		return
	}
	for _, link := range slices.Sorted(maps.Keys(r.symlinks)) {
		gap := func(types []string, why string) {
			r.gap(types, fmt.Sprintf("symbolic link %q", link), inventory.NotStated, why, "put what it leads to in its place, if that is to be judged there")
		}
		wanted := r.wants(link)
		to, inside := r.leadsTo(link)
		_, circle := r.symlinks[to]
		switch file := slices.Contains(paths, to); {
		case circle:
		case !inside && (len(wanted) > 0 || path.Ext(link) == ""): // nothing here says whether it is a file or a folder
			types := typesOf(wanted)
			if len(wanted) == 0 {
				types = r.types()
			}
			gap(types, "it leads out of the repository")
		case !inside:
		case file && len(wanted) > 0:
			gap(typesOf(wanted), fmt.Sprintf("it leads to the file %q, which is read in its own place only", to))
		case !file:
			if below := r.wantedBelow(to, paths); len(below) > 0 {
				gap(typesOf(below), fmt.Sprintf("it leads to the folder %q, which is read in its own place only", to))
			}
		}
	}
}

// leadsTo follows a link, and the links that it leads to, through the paths of the repository. A circle ends in one of them, where
// nothing lies.
func (r *run) leadsTo(link string) (to string, inside bool) {
	to = link
	for range len(r.symlinks) {
		target, isLink := r.symlinks[to]
		if !isLink {
			break
		}
		if path.IsAbs(target) || filepath.IsAbs(target) {
			return "", false
		}
		to = path.Join(path.Dir(to), target)
		if to == ".." || strings.HasPrefix(to, "../") {
			return "", false
		}
	}
	return to, true
}

// wantedBelow are the dialects that want any file below a folder.
func (r *run) wantedBelow(folder string, paths []string) []*declare.Dialect {
	var out []*declare.Dialect
	for _, p := range paths {
		if (folder == "." || strings.HasPrefix(p, folder+"/")) && !r.ignore.match(p) {
			out = append(out, r.wants(p)...)
		}
	}
	return out
}

// submodule tells of a repository that another commit of its own stands for here.
func (r *run) submodule(folder string) {
	r.gap(r.types(), fmt.Sprintf("submodule %q", folder), inventory.NotStated, "it is a repository of its own, which is not read here", fmt.Sprintf("run keyreeve lint in %q", folder))
}

package repo

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// tree reads the files of the work tree.
func (r *run) tree() (*state, error) {
	list := r.walk
	if r.place.git != nil {
		list = r.tracked
	}
	paths, err := list()
	if err != nil {
		return nil, err
	}
	var readings []*reading
	for _, p := range paths {
		in := &reading{path: p}
		if err := r.read(in); err != nil {
			break // the context ended; finish says so
		}
		readings = append(readings, in)
	}
	r.tellLinks(paths)
	return r.finish(readings)
}

// tracked asks git for the files that are tracked, and those that are neither tracked nor ignored.
func (r *run) tracked() ([]string, error) {
	var paths []string
	outside := 0 // of a sparse checkout
	talk, err := r.place.git.stream(r.ctx, func(out io.Reader) error {
		in := bufio.NewReader(out)
		for {
			record, err := in.ReadString(0)
			if err == io.EOF && record == "" {
				return nil
			}
			if err != nil {
				return fmt.Errorf("git ls-files: its output ends in the middle of a name: %w", err)
			}
			// A tag, a space, the name: "H a.go". S is tracked but outside of a sparse checkout, ? is not tracked.
			tag, name, ok := strings.Cut(strings.TrimSuffix(record, "\x00"), " ")
			if !ok {
				return fmt.Errorf("git ls-files: a record without a tag: %q", record)
			}
			if strings.HasSuffix(name, "/") {
				r.ignored.prune(strings.TrimSuffix(name, "/"))
				r.log.Info("a nested repository is left out; read it as a repository of its own", "folder", name)
				r.left[isNested]++
				continue
			}
			if tag == "S" && r.absent(name) {
				outside++
				continue
			}
			paths = append(paths, name)
		}
	}, "ls-files", "-z", "-t", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return nil, fmt.Errorf("list the files of the repository: %w", err)
	}
	r.calls["git ls-files"]++
	r.listen(talk)
	if outside > 0 {
		r.gap(r.types(), fmt.Sprintf("%d tracked files outside of the sparse checkout", outside), inventory.OutOfScope, "", "git sparse-checkout disable")
	}
	slices.Sort(paths)
	return slices.Compact(paths), nil // a file with a conflict is listed once for each side
}

func (r *run) absent(name string) bool {
	_, err := r.files.Lstat(r.absolute(name))
	return errors.Is(err, fs.ErrNotExist)
}

// listen makes a gap of each thing git complained about although it went on, such as a folder it could not open.
func (r *run) listen(talk []string) {
	for _, line := range talk {
		if slices.ContainsFunc(harmless, func(h string) bool { return strings.HasPrefix(line, h) }) {
			r.log.Info("git says: " + line)
			continue
		}
		r.gap(r.types(), "what git complained about", inventory.Unreadable, line, "")
	}
}

// walk lists every file below the root.
func (r *run) walk() ([]string, error) {
	var paths []string
	err := filepath.WalkDir(r.place.root, func(name string, d fs.DirEntry, err error) error {
		if r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		rel, relErr := filepath.Rel(r.place.root, name)
		if relErr != nil {
			return relErr
		}
		rel = filepath.ToSlash(rel)
		switch {
		case errors.Is(err, fs.ErrNotExist) && rel != ".":
			return nil // gone since its folder was listed
		case err != nil && rel == ".":
			return fmt.Errorf("list the files of %q: %s", r.place.root, cause(err))
		case err != nil:
			r.gap(r.types(), fmt.Sprintf("folder %q", rel), inventory.Unreadable, cause(err), "")
			return fs.SkipDir
		case rel == ".":
			return nil
		case d.Name() == ".git":
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() && r.ignore.prunes(rel):
			r.ignored.prune(rel)
			r.left[byIgnore]++
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		paths = append(paths, rel)
		return nil
	})
	r.calls["walk"]++
	return paths, err
}

// read has one file of the work tree read. A file that is not there, is no regular file, or is left out yields
// nothing; one that cannot be read is a gap. The error is that of a context that ended.
func (r *run) read(into *reading) error {
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	if r.leftOut(into.path) || r.behindLink(path.Dir(into.path)) {
		return nil
	}
	info, err := r.files.Lstat(r.absolute(into.path))
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR):
		return nil // tracked, and deleted in the work tree
	case err != nil:
		r.gap(r.fileTypes(into.path), file(into.path), inventory.Unreadable, cause(err), "")
		return nil
	case info.IsDir():
		r.submodule(into.path)
		return nil
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := r.files.Readlink(r.absolute(into.path))
		if err != nil {
			r.gap(r.fileTypes(into.path), file(into.path), inventory.Unreadable, cause(err), "")
			return nil
		}
		r.symlink(into.path, target)
		return nil
	case !info.Mode().IsRegular():
		return nil
	}
	f, err := r.files.Open(r.absolute(into.path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		r.gap(r.fileTypes(into.path), file(into.path), inventory.Unreadable, cause(err), "")
		return nil
	}
	defer f.Close() // only read from
	r.calls["read file"]++
	return r.content(into, info.Size(), f)
}

// behindLink reports whether a folder of the tree has been replaced by a symbolic link. To git, what is tracked below it is
// deleted, and what the link leads to is no part of the repository.
func (r *run) behindLink(folder string) bool {
	if folder == "." {
		return false
	}
	if linked, ok := r.links[folder]; ok {
		return linked
	}
	info, err := r.files.Lstat(r.absolute(folder))
	linked := err == nil && info.Mode()&fs.ModeSymlink != 0 || r.behindLink(path.Dir(folder))
	r.links[folder] = linked
	return linked
}

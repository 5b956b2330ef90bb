package repo

import (
	"cmp"
	"errors"
	"io"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// state is what one reading found.
type state struct {
	found    []found
	declared []inventory.Resource
	moved    map[inventory.ID][]inventory.ID // as dialects tell
	touched  map[inventory.ID]bool           // of the declared, those that are to be judged; nil: all
	comments []inventory.Comment
}

// finish waits for all that was read to be looked at, while the dialects read what was kept for them. The error is that of a
// context that ended.
func (r *run) finish(readings []*reading) (*state, error) {
	answer := make(chan declared, 1)
	go func() { answer <- r.declared(r.ctx, r.code) }()
	waitErr := r.wait()
	code := <-answer
	if err := cmp.Or(waitErr, code.err); err != nil {
		return nil, err
	}
	r.gaps = append(r.gaps, code.gaps...)
	s := &state{declared: code.resources, moved: code.moved, comments: r.comments(readings)}
	for _, in := range readings {
		s.found = append(s.found, number(in.path, r.matches(in))...)
	}
	return s, nil
}

// whole reads all that is staged.
func (r *run) whole() (*state, error) {
	list, err := r.index()
	if err != nil {
		return nil, err
	}
	return r.objects(list)
}

// committed reads the tree of a commit.
func (r *run) committed() (*state, error) {
	list, err := r.commit(r.revision.Commit)
	if err != nil {
		return nil, err
	}
	return r.objects(list)
}

// index lists what is staged, without what is left out.
func (r *run) index() ([]listed, error) {
	list, talk, err := r.place.git.index(r.ctx)
	return r.wanted(list, talk, err, "git ls-files")
}

// commit lists the files of a commit, without what is left out.
func (r *run) commit(id string) ([]listed, error) {
	list, talk, err := r.place.git.files(r.ctx, id)
	return r.wanted(list, talk, err, "git ls-tree")
}

func (r *run) wanted(list []listed, talk []string, err error, call string) ([]listed, error) {
	if err != nil {
		return nil, err
	}
	r.calls[call]++
	r.listen(talk)
	return slices.DeleteFunc(list, func(f listed) bool { return r.leftOut(f.path) }), nil
}

// objects has the content of files looked at, and kept for the dialects that want it.
func (r *run) objects(list []listed) (*state, error) {
	var readings []*reading
	err := r.batch(list, func(f listed, size int64, content io.Reader) error {
		if f.kind == symlink {
			return r.symlinkOf(f.path, content)
		}
		in := &reading{path: f.path}
		readings = append(readings, in)
		return r.content(in, size, content)
	})
	if err != nil {
		return nil, errors.Join(err, r.wait())
	}
	r.tellLinks(paths(list))
	return r.finish(readings)
}

func paths(list []listed) []string {
	out := make([]string, len(list))
	for i, f := range list {
		out[i] = f.path
	}
	return out
}

// batch gives read the content of each file, and the target of each symbolic link; submodules are told. What git does not have, and what has a conflict, is a gap.
func (r *run) batch(list []listed, read func(f listed, size int64, content io.Reader) error) error {
	whole := make([]listed, 0, len(list))
	for _, f := range list {
		switch {
		case f.clash:
			r.conflict(f.path)
		case f.kind == submodule:
			r.submodule(f.path)
		default:
			whole = append(whole, f)
		}
	}
	r.calls["git cat-file --batch"]++
	return r.place.git.contents(r.ctx, whole, func(f listed, size int64, content io.Reader) error {
		if size == lacking {
			r.gap(r.fileTypes(f.path), file(f.path), inventory.Unreadable, "its content is not in this clone", "git fetch it, or clone without --filter")
			return r.ctx.Err()
		}
		return read(f, size, content)
	})
}

func (r *run) conflict(path string) {
	r.gap(r.fileTypes(path), file(path), inventory.Unreadable, "it has a conflict, so nothing is staged for it", "resolve the conflict and git add the file")
}

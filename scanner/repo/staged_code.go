package repo

import (
	"bytes"
	"io"
	"reflect"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// stagedCode reads what the staged files declare, and which of that the change touches: what lies in a file that has changed, and
// what is declared otherwise than in the last commit, as when a variable it depends on was changed in another file. A resource
// cannot be judged by added lines, so files are read whole; where no file of infrastructure code has changed none is read.
func (r *run) stagedCode(changes []*change) (*state, error) {
	changed, any := map[string]bool{}, false
	for _, c := range changes {
		for _, path := range []string{c.path, c.from} {
			changed[escape(path, "")] = true
			any = any || !r.ignore.match(path) && len(r.wants(path)) > 0
		}
	}
	out := &state{touched: map[inventory.ID]bool{}}
	if !any {
		return out, nil
	}
	list, err := r.index()
	if err != nil {
		return nil, err
	}
	now, err := r.keepAll(list, nil)
	if err != nil {
		return nil, err
	}
	if err := r.changedLinks(list, changed); err != nil {
		return nil, err
	}
	before, err := r.before(now)
	if err != nil {
		return nil, err
	}
	r.code = now.files
	after := r.declared(r.ctx, now.files)
	if after.err != nil {
		return nil, after.err
	}
	r.gaps = append(r.gaps, after.gaps...)
	out.declared = after.resources
	for i := range out.declared {
		res := &out.declared[i]
		out.touched[res.ID] = changed[res.Location.Path] || !same(before[res.ID], res)
	}
	return out, nil
}

// changedLinks tells of the symbolic links that the change brings.
func (r *run) changedLinks(list []listed, changed map[string]bool) error {
	var links []listed
	for _, e := range list {
		if e.kind == symlink && changed[escape(e.path, "")] {
			links = append(links, e)
		}
	}
	if len(links) == 0 {
		return nil
	}
	err := r.batch(links, func(e listed, _ int64, content io.Reader) error { return r.symlinkOf(e.path, content) })
	r.tellLinks(paths(list))
	return err
}

// before is what the last commit declares; nothing where there is none. Files that have not changed since are not read again.
func (r *run) before(now kept) (map[inventory.ID]*inventory.Resource, error) {
	out := map[inventory.ID]*inventory.Resource{}
	head, err := r.place.git.output(r.ctx, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
	if r.ctx.Err() != nil {
		return nil, r.ctx.Err()
	}
	if err != nil {
		return out, nil // the first commit is being made
	}
	list, err := r.commit(head)
	if err != nil {
		return nil, err
	}
	gaps := r.gaps
	then, err := r.keepAll(list, now.byObject)
	if err != nil {
		return nil, err
	}
	before := r.declared(r.ctx, then.files)
	r.gaps = gaps // what could not be read of the last commit is no news
	for i := range before.resources {
		out[before.resources[i].ID] = &before.resources[i]
	}
	return out, before.err
}

// kept are the files that dialects want of one state.
type kept struct {
	files    []declare.File
	byObject map[string][]byte
}

// keepAll reads the files that dialects want; the content of those that are known is not read again.
func (r *run) keepAll(list []listed, known map[string][]byte) (kept, error) {
	out := kept{byObject: map[string][]byte{}}
	var unread []listed
	for _, e := range list {
		data, ok := known[e.object]
		switch {
		case e.kind != regular || len(r.wants(e.path)) == 0:
		case ok:
			out.files = append(out.files, declare.File{Path: e.path, Data: data})
		default:
			unread = append(unread, e)
		}
	}
	r.code, r.kept = nil, 0
	err := r.batch(unread, func(e listed, size int64, content io.Reader) error {
		wanted := r.wants(e.path)
		switch {
		case size == 0:
			return r.ctx.Err()
		case size > declare.MaxFileBytes:
			r.tooLargeFor(e.path, wanted)
			return r.ctx.Err()
		}
		data := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
		if _, err := data.ReadFrom(content); err != nil {
			return err
		}
		if isPointer(data.Bytes()) {
			r.pointer(e.path)
			return r.ctx.Err()
		}
		out.byObject[e.object] = data.Bytes()
		r.keep(e.path, data.Bytes(), wanted)
		return r.ctx.Err()
	})
	out.files = append(out.files, r.code...)
	return out, err
}

// same reports whether two states declare a resource alike, wherever it stands.
func same(a, b *inventory.Resource) bool {
	if a == nil {
		return false
	}
	x, y := *a, *b
	x.Location, y.Location = nil, nil
	return reflect.DeepEqual(x, y)
}

package repo

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// maxKept bounds how many bytes of infrastructure code are held at once. Files beyond are a gap.
const maxKept = 256 << 20

// content has a file looked at for credentials and kept for the dialects that want it. Size is what its owner says it has; it is
// read once. The error returned is that of a context that ended.
func (r *run) content(into *reading, size int64, content io.Reader) error {
	if size == 0 {
		return r.ctx.Err()
	}
	r.opened++
	path, skipped := into.path, r.skips(into.path)
	if size < maxPointer {
		in := &upToError{r: content}
		data, _ := io.ReadAll(io.LimitReader(in, maxPointer)) // its error is in in
		if in.err == nil && isPointer(data) {
			r.pointer(path)
			return nil
		}
		content = io.MultiReader(bytes.NewReader(data), content)
		if in.err != nil {
			content = io.MultiReader(bytes.NewReader(data), failed{in.err})
		}
	}
	switch wanted := r.wants(path); {
	case len(wanted) == 0:
	case size > declare.MaxFileBytes:
		r.tooLargeFor(path, wanted)
	default:
		in := &upToError{r: io.LimitReader(content, declare.MaxFileBytes+1)}
		data := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
		_, _ = data.ReadFrom(in) // its error is in in
		switch {
		case in.err != nil:
			r.gap(typesOf(wanted), file(path), inventory.Unreadable, cause(in.err), "")
			content = failed{in.err}
		case data.Len() > declare.MaxFileBytes: // it has grown
			r.tooLargeFor(path, wanted)
		default:
			r.keep(path, data.Bytes(), wanted)
		}
		content = io.MultiReader(bytes.NewReader(data.Bytes()), content)
	}
	switch {
	case skipped:
		return r.ctx.Err()
	case size > r.maxBytes:
		if r.text(path, content) {
			r.tooLarge(path)
		}
		return nil
	}
	return r.chunks(into, content)
}

// failed is a reader that fails as another did.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }

func (r *run) tooLargeFor(path string, wanted []*declare.Dialect) {
	r.gap(typesOf(wanted), file(path), inventory.OutOfScope, fmt.Sprintf("infrastructure code is read up to %d bytes a file", declare.MaxFileBytes), "name it in "+ignoreFile+" if it is none")
}

func (r *run) keep(path string, data []byte, wanted []*declare.Dialect) {
	if r.kept += len(data); r.kept > maxKept {
		r.gap(typesOf(wanted), "files of infrastructure code beyond the first "+fmt.Sprint(maxKept>>20)+" MB", inventory.OutOfScope, "", "name in "+ignoreFile+" what is none")
		return
	}
	r.code = append(r.code, declare.File{Path: path, Data: data})
}

// declared is what all dialects found in one state of a repository, in the order of the table.
type declared struct {
	resources []inventory.Resource
	gaps      []*inventory.Gap
	moved     map[inventory.ID][]inventory.ID
	err       error // of a context that ended
}

// declared has every dialect read the files that it wants, side by side.
func (s *Source) declared(ctx context.Context, files []declare.File) declared {
	slices.SortFunc(files, func(a, b declare.File) int { return strings.Compare(a.Path, b.Path) })
	found := make([]declare.Declared, len(s.dialects))
	group := errgroup.Group{}
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, d := range s.dialects {
		tree := &declare.Tree{Name: s.place.name, Scope: s.scope}
		for _, f := range files {
			if d.Wants(f.Path) {
				tree.Files = append(tree.Files, f)
			}
		}
		if len(tree.Files) > 0 {
			group.Go(func() error { found[i] = s.ask(ctx, d, tree); return nil })
		}
	}
	_ = group.Wait()
	all := declared{err: ctx.Err(), moved: map[inventory.ID][]inventory.ID{}}
	for _, f := range found {
		for i := range f.Resources {
			if l := f.Resources[i].Location; l != nil {
				l.Path = escape(l.Path, "")
			}
		}
		slices.SortStableFunc(f.Resources, func(a, b inventory.Resource) int { return cmp.Compare(a.ID, b.ID) })
		slices.SortStableFunc(f.Gaps, func(a, b *inventory.Gap) int { return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Err, b.Err)) })
		all.resources = append(all.resources, f.Resources...)
		all.gaps = append(all.gaps, f.Gaps...)
		maps.Copy(all.moved, f.Moved)
	}
	return all
}

// ask has one dialect read. One that brings itself down is a gap of all that it may yield: what it panicked with may be text of a
// file, so only the runtime's own words are told.
func (s *Source) ask(ctx context.Context, d *declare.Dialect, t *declare.Tree) (found declare.Declared) {
	defer func() {
		if p := recover(); p != nil {
			why := "internal error"
			if err, ok := p.(runtime.Error); ok {
				why = err.Error()
			}
			found = declare.Declared{Gaps: []*inventory.Gap{{
				Scope: s.scope, Types: d.Types, What: fmt.Sprintf("all that is written in the dialect %q", d.Name), Why: inventory.Unreadable,
				Err: "its reader gave up: " + why, Hint: "report it, with the files that it reads",
			}}}
		}
	}()
	return d.Read(ctx, t)
}

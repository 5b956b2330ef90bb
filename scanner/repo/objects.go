package repo

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// listed is a file of the index or of a commit.
type listed struct {
	path   string // with any bytes
	object string // of the content
	clash  bool   // the index holds a conflict in its place
}

// A regular file, which may be run. Other modes are those of symbolic links and submodules.
const regularModes = "100644 100755 100664"

// index lists what is staged, changed or not. git ls-files -s -z prints, each ended by a zero byte,
//
//	MODE OBJECT STAGE<TAB>PATH
//
// where the stage is 0, or 1 to 3 for the sides of a conflict.
func (r *run) index() ([]listed, error) {
	return r.entries(func(mode, object, stage string) (listed, bool) {
		return listed{object: object, clash: stage != "0"}, strings.Contains(regularModes, mode)
	}, "ls-files", "-s", "-z")
}

// revision lists the files of a commit. git ls-tree -r -z prints, each ended by a zero byte,
//
//	MODE TYPE OBJECT<TAB>PATH
func (r *run) revision(rev string) ([]listed, error) {
	return r.entries(func(mode, typ, object string) (listed, bool) {
		return listed{object: object}, typ == "blob" && strings.Contains(regularModes, mode)
	}, "ls-tree", "-r", "-z", "--full-tree", rev)
}

// entries reads what git lists, sorted by path, each path once. What is left out, a symbolic link or a submodule is not among them.
func (r *run) entries(parse func(a, b, c string) (listed, bool), args ...string) ([]listed, error) {
	var list []listed
	talk, err := r.place.git.stream(r.ctx, func(out io.Reader) error {
		in := bufio.NewReader(out)
		for {
			record, err := in.ReadString(0)
			if err == io.EOF && record == "" {
				return nil
			}
			if err != nil {
				return fmt.Errorf("git %s: its output ends in the middle of a name: %w", args[0], err)
			}
			meta, path, ok := strings.Cut(strings.TrimSuffix(record, "\x00"), "\t")
			fields := strings.Fields(meta)
			if !ok || len(fields) != 3 {
				return fmt.Errorf("git %s: a record has no three fields and a name: %q", args[0], record)
			}
			if e, ok := parse(fields[0], fields[1], fields[2]); ok && !r.leftOut(path) {
				e.path = path
				list = append(list, e)
			}
		}
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("list the files of the repository: %w", err)
	}
	r.calls["git "+args[0]]++
	r.listen(talk)
	slices.SortStableFunc(list, func(a, b listed) int { return strings.Compare(a.path, b.path) })
	return slices.CompactFunc(list, func(a, b listed) bool { return a.path == b.path }), nil // a conflict is listed once for each side
}

// whole reads all that is staged.
func (r *run) whole() (*state, error) {
	list, err := r.index()
	if err != nil {
		return nil, err
	}
	return r.objects(list)
}

// objects has the content of files looked at, and kept for the dialects that want it.
func (r *run) objects(list []listed) (*state, error) {
	var readings []*reading
	err := r.batch(list, func(e listed, size int64, content io.Reader) error {
		in := &reading{path: e.path}
		readings = append(readings, in)
		return r.content(in, size, content)
	})
	if err != nil {
		return nil, errors.Join(err, r.wait())
	}
	return r.finish(readings)
}

// batch gives read the content of each file, in order, all from one git process. What git does not have is a gap: an object may be
// missing where a clone is partial. git cat-file --batch answers each name with
//
//	OBJECT blob SIZE<LF>CONTENT<LF>   or   OBJECT missing<LF>
func (r *run) batch(list []listed, read func(e listed, size int64, content io.Reader) error) error {
	list = slices.DeleteFunc(slices.Clone(list), func(e listed) bool {
		if e.clash {
			r.conflict(e.path)
		}
		return e.clash
	})
	if len(list) == 0 {
		return r.ctx.Err()
	}
	var names bytes.Buffer
	for _, e := range list {
		names.WriteString(e.object + "\n")
	}
	_, err := r.place.git.pipe(r.ctx, &names, func(out io.Reader) error {
		in := bufio.NewReaderSize(out, 64<<10)
		for _, e := range list {
			head, err := in.ReadString('\n')
			if err != nil {
				return fmt.Errorf("git cat-file: its output ends before %q", e.path)
			}
			fields := strings.Fields(head)
			if len(fields) == 2 && fields[1] == "missing" {
				r.gap(r.fileTypes(e.path), file(e.path), inventory.Unreadable, "its content is not in this clone", "git fetch it, or clone without --filter")
				continue
			}
			if len(fields) != 3 || fields[1] != "blob" {
				return fmt.Errorf("git cat-file: its answer about %q is no content: %q", e.path, head)
			}
			size, err := strconv.ParseInt(fields[2], 10, 64)
			if err != nil {
				return fmt.Errorf("git cat-file: its answer about %q has no size: %q", e.path, head)
			}
			content := &io.LimitedReader{R: in, N: size}
			if err := read(e, size, content); err != nil {
				return err
			}
			if _, err := io.Copy(io.Discard, content); err != nil {
				return err
			}
			if _, err := in.Discard(1); err != nil || content.N > 0 {
				return fmt.Errorf("git cat-file: its output ends in the middle of %q", e.path)
			}
		}
		return nil
	}, "cat-file", "--batch")
	r.calls["git cat-file --batch"]++
	if err != nil && r.ctx.Err() == nil {
		return fmt.Errorf("read the objects of the repository: %w", err)
	}
	return r.ctx.Err()
}

func (r *run) conflict(path string) {
	r.gap(r.fileTypes(path), file(path), inventory.Unreadable, "it has a conflict, so nothing is staged for it", "resolve the conflict and git add the file")
}

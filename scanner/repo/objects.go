package repo

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// listed is a file of the index or of a commit.
type listed struct {
	path   string // with any bytes
	object string // of the content
	kind   kind
	clash  bool // the index holds a conflict in its place
}

// kind is what git keeps in a place.
type kind string

const (
	regular   kind = "regular" // a file, which may be a program
	symlink   kind = "symlink" // its content is where it leads to
	submodule kind = "submodule"
)

// kinds are git's modes.
var kinds = map[string]kind{"100644": regular, "100755": regular, "100664": regular, "120000": symlink, "160000": submodule}

// index lists what is staged, changed or not, and returns what git complained about. git ls-files -s -z prints, each ended by a
// zero byte,
//
//	MODE OBJECT STAGE<TAB>PATH
//
// where the stage is 0, or 1 to 3 for the sides of a conflict.
func (g *git) index(ctx context.Context) ([]listed, []string, error) {
	return g.list(ctx, func(f []string) listed {
		return listed{object: f[1], kind: kinds[f[0]], clash: f[2] != "0"}
	}, "ls-files", "-s", "-z")
}

// files lists the files of a commit, or those at and below some paths. git ls-tree -r -z prints, each ended by a zero byte,
//
//	MODE TYPE OBJECT<TAB>PATH
func (g *git) files(ctx context.Context, commit string, paths ...string) ([]listed, []string, error) {
	return g.list(ctx, func(f []string) listed {
		return listed{object: f[2], kind: kinds[f[0]]}
	}, append([]string{"ls-tree", "-r", "-z", "--full-tree", commit, "--"}, paths...)...)
}

// list reads what git lists, sorted by path, each path once.
func (g *git) list(ctx context.Context, parse func(fields []string) listed, args ...string) ([]listed, []string, error) {
	var list []listed
	talk, err := g.stream(ctx, func(out io.Reader) error {
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
			if f := parse(fields); f.kind != "" {
				f.path = path
				list = append(list, f)
			}
		}
	}, args...)
	if err != nil {
		return nil, nil, fmt.Errorf("list the files of the repository: %w", err)
	}
	slices.SortStableFunc(list, func(a, b listed) int { return strings.Compare(a.path, b.path) })
	return slices.CompactFunc(list, func(a, b listed) bool { return a.path == b.path }), talk, nil // a conflict is listed once for each side
}

// lacking is the size of a file whose content git does not have: where a clone is partial, objects may be missing.
const lacking = -1

// contents gives read the content of each file, in order, all from one git process. git cat-file --batch answers each name with
//
//	OBJECT blob SIZE<LF>CONTENT<LF>   or   OBJECT missing<LF>
func (g *git) contents(ctx context.Context, list []listed, read func(f listed, size int64, content io.Reader) error) error {
	if len(list) == 0 {
		return ctx.Err()
	}
	var names bytes.Buffer
	for _, f := range list {
		names.WriteString(f.object + "\n")
	}
	_, err := g.pipe(ctx, &names, func(out io.Reader) error {
		in := bufio.NewReaderSize(out, 64<<10)
		for _, f := range list {
			if err := one(in, f, read); err != nil {
				return err
			}
		}
		return nil
	}, "cat-file", "--batch")
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("read the objects of the repository: %w", err)
	}
	return ctx.Err()
}

// one reads the answer about one file.
func one(in *bufio.Reader, f listed, read func(f listed, size int64, content io.Reader) error) error {
	head, err := in.ReadString('\n')
	if err != nil {
		return fmt.Errorf("git cat-file: its output ends before %q", f.path)
	}
	fields := strings.Fields(head)
	if len(fields) == 2 && fields[1] == "missing" {
		return read(f, lacking, nil)
	}
	if len(fields) != 3 || fields[1] != "blob" {
		return fmt.Errorf("git cat-file: its answer about %q is no content: %q", f.path, head)
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return fmt.Errorf("git cat-file: its answer about %q has no size: %q", f.path, head)
	}
	content := &io.LimitedReader{R: in, N: size}
	if err := read(f, size, content); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, content); err != nil {
		return err
	}
	if _, err := in.Discard(1); err != nil || content.N > 0 {
		return fmt.Errorf("git cat-file: its output ends in the middle of %q", f.path)
	}
	return nil
}

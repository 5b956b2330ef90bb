package repo

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// change is one file that a diff is about.
//
// git diff --raw --patch prints all changes first, a line each, then an empty line, then the patches in the same order:
//
//	:100644 100644 <blob> <blob> M<TAB>a.txt
//	:100644 100644 <blob> <blob> R090<TAB>old name<TAB>new name
//
//	diff --git a/a.txt b/a.txt
//	index <blob>..<blob> 100644
//	--- a/a.txt
//	+++ b/a.txt
//	@@ -1,0 +2,2 @@ heading
//	+one line
//	+another
//	\ No newline at end of file
//
// A patch is matched with its change by the text of its first line, which follows from the names: that line cannot be
// taken apart again when names hold spaces.
type change struct {
	path   string // the new name, with any bytes
	from   string // the old name, mostly the same
	status byte   // A C D M R T, or U for a file with a conflict
	blob   string // of the new content
	added  []lines
	binary bool // git prints no lines: it holds a zero byte, or .gitattributes says so
	large  bool // a hunk was too large to be kept
	seen   bool // the patch has a part about it
}

// lines are added lines of the new file, counted from 1, both ends included.
type lines struct{ first, last int }

// maxHunk is how many bytes of added lines are kept of one hunk. A larger one is not kept; the file is read instead.
const maxHunk = 1 << 20

// maxLine bounds the lines of a diff other than added and removed ones. A name has at most 4096 bytes, four times that when
// quoted, and a line has two.
const maxLine = 64 << 10

const quote = '"'

// patchReader reads the output of git diff --raw --patch.
type patchReader struct {
	in     *bufio.Reader
	number int // of the line, from 1, for errors
	byHead map[string][]*change
	list   []*change
}

// readPatch reads a diff to its end and gives hunk each run of added lines: the change it belongs to, the number of its
// first line, and its text. It refuses what it does not understand, and a diff that is cut off.
func readPatch(r io.Reader, hunk func(c *change, first int, text string) error) ([]*change, error) {
	p := &patchReader{in: bufio.NewReaderSize(r, maxLine), byHead: map[string][]*change{}}
	line, err := p.changes()
	for ; err == nil; line, err = p.line() {
		head := string(line)
		of := p.byHead[head]
		if strings.HasPrefix(head, "* Unmerged path ") {
			continue
		}
		if len(of) == 0 {
			return nil, p.errorf("a part about a file that is not among the changes")
		}
		give := hunk
		for _, c := range of {
			c.seen = true
			if len(of) > 1 { // changes that share a first line cannot be told apart, so their files are read whole
				c.binary, give = true, func(*change, int, string) error { return nil }
			}
		}
		if err = p.part(of[0], give); err != nil {
			break
		}
	}
	if err != io.EOF {
		return nil, err
	}
	for _, c := range p.list {
		if !c.seen && c.status != 'U' {
			return nil, fmt.Errorf("git diff: it says nothing about %q, which has changed", c.path)
		}
	}
	return p.list, nil
}

// changes reads the lines of --raw. It returns the first line of the patches.
func (p *patchReader) changes() ([]byte, error) {
	for {
		line, err := p.line()
		if err != nil {
			return nil, err
		}
		if len(line) == 0 {
			return p.line()
		}
		if line[0] != ':' {
			return nil, p.errorf("a change does not begin with a colon")
		}
		meta, names, ok := strings.Cut(string(line[1:]), "\t")
		fields := strings.Fields(meta)
		if !ok || len(fields) != 5 {
			return nil, p.errorf("a change has no five fields and a name")
		}
		old, new, renamed := strings.Cut(names, "\t")
		if !renamed {
			new = old
		}
		c := &change{status: fields[4][0], blob: fields[3]}
		var errOld error
		c.path, err = unquote(new)
		if c.from, errOld = unquote(old); err != nil || errOld != nil {
			return nil, p.errorf("a name is not quoted as git does it")
		}
		p.list = append(p.list, c)
		head := "diff --git " + prefixed("a/", old) + " " + prefixed("b/", new)
		p.byHead[head] = append(p.byHead[head], c)
	}
}

// part reads a file's part of the patch, after its first line.
func (p *patchReader) part(c *change, hunk func(*change, int, string) error) error {
	last := 0
	for {
		next, err := p.in.Peek(5)
		if len(next) == 0 || bytes.HasPrefix(next, []byte("diff ")) || bytes.HasPrefix(next, []byte("* Unm")) {
			if err == io.EOF || len(next) > 0 {
				return nil
			}
			return err
		}
		line, err := p.line()
		if err != nil {
			return err
		}
		switch {
		case bytes.HasPrefix(line, []byte("@@ ")):
			removed, added, first, err := p.header(line)
			if err != nil {
				return err
			}
			if added > 0 {
				if first <= last {
					return p.errorf("a hunk does not come after the one before it")
				}
				last = first + added - 1
				c.added = append(c.added, lines{first, last})
			}
			text, whole, err := p.body(removed, added)
			if err != nil {
				return err
			}
			if !whole {
				c.large = true
			} else if err := hunk(c, first, text); err != nil {
				return err
			}
		case bytes.HasPrefix(line, []byte("Binary files ")):
			c.binary = true
		case isHeader(line):
		default:
			return p.errorf("neither the header nor a hunk of a patch")
		}
	}
}

// headers are the beginnings of the lines between the first line of a part and its hunks.
var headers = []string{
	"index ", "--- ", "+++ ", "old mode ", "new mode ", "new file mode ", "deleted file mode ", "similarity index ",
	"dissimilarity index ", "rename from ", "rename to ", "copy from ", "copy to ",
}

func isHeader(line []byte) bool {
	for _, h := range headers {
		if bytes.HasPrefix(line, []byte(h)) {
			return true
		}
	}
	return false
}

// header reads "@@ -OLD[,COUNT] +NEW[,COUNT] @@ heading".
func (p *patchReader) header(line []byte) (removed, added, first int, err error) {
	bad := p.errorf("a hunk's header does not read @@ -OLD,COUNT +NEW,COUNT @@")
	fields := strings.SplitN(string(line), " ", 4)
	if len(fields) < 4 || !strings.HasPrefix(fields[3], "@@") {
		return 0, 0, 0, bad
	}
	_, removed, errOld := span(fields[1], '-')
	first, added, errNew := span(fields[2], '+')
	if errOld != nil || errNew != nil || added > 0 && first == 0 {
		return 0, 0, 0, bad
	}
	return removed, added, first, nil
}

// span reads "+12,3", or "+12" for one line.
func span(s string, sign byte) (first, count int, err error) {
	if s == "" || s[0] != sign {
		return 0, 0, strconv.ErrSyntax
	}
	a, b, two := strings.Cut(s[1:], ",")
	n, err := strconv.ParseUint(a, 10, 31)
	if err != nil {
		return 0, 0, err
	}
	c := uint64(1)
	if two {
		if c, err = strconv.ParseUint(b, 10, 31); err != nil {
			return 0, 0, err
		}
	}
	return int(n), int(c), nil
}

// body reads the lines of a hunk and returns the added ones, with their line breaks. whole is false when they were too many to be kept.
func (p *patchReader) body(removed, added int) (text string, whole bool, err error) {
	var b strings.Builder
	whole = true
	for removed+added > 0 {
		sign, err := p.in.ReadByte()
		if err != nil {
			return "", false, p.cut(err)
		}
		keep := false
		switch {
		case sign == '+' && added > 0:
			added--
			keep = true
		case sign == '-' && removed > 0:
			removed--
		case sign == '\\':
			if err := p.rest(nil); err != nil {
				return "", false, err
			}
			continue
		default:
			return "", false, p.errorf("a line of a hunk begins with %q, or there are more than its header says", sign)
		}
		if err := p.rest(func(piece []byte) {
			if whole = whole && (!keep || b.Len()+len(piece) <= maxHunk); whole && keep {
				b.Write(piece)
			}
		}); err != nil {
			return "", false, err
		}
	}
	text = b.String()
	if next, _ := p.in.Peek(1); len(next) == 1 && next[0] == '\\' { // the last line has no line break of its own
		text = strings.TrimSuffix(text, "\n")
		err = p.rest(nil)
	}
	return text, whole, err
}

// rest reads to the end of a line, of any length, in pieces.
func (p *patchReader) rest(piece func([]byte)) error {
	p.number++
	for {
		b, err := p.in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return p.cut(err)
		}
		if piece != nil {
			piece(b)
		}
		if err == nil {
			return nil
		}
	}
}

// line reads a line that is not content and returns it without its line break. At the end it returns io.EOF.
func (p *patchReader) line() ([]byte, error) {
	p.number++
	b, err := p.in.ReadSlice('\n')
	switch {
	case err == io.EOF && len(b) == 0:
		return nil, io.EOF
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, p.errorf("it is longer than %d bytes", maxLine)
	case err != nil:
		return nil, p.cut(err)
	}
	return b[:len(b)-1], nil
}

func (p *patchReader) cut(err error) error {
	if err == io.EOF {
		return p.errorf("the diff is cut off")
	}
	return err
}

func (p *patchReader) errorf(format string, args ...any) error {
	return fmt.Errorf("git diff: line %d: "+format, append([]any{p.number}, args...)...)
}

// unquote undoes git's quoting of a name: names with control characters, quotation marks, backslashes or bytes beyond ASCII
// stand in quotation marks, with escapes as in C, which are also escapes of Go.
func unquote(name string) (string, error) {
	if name == "" || name[0] != quote {
		return name, nil
	}
	return strconv.Unquote(name)
}

// prefixed puts a/ or b/ before a name, inside its quotation mark if it has one.
func prefixed(prefix, name string) string {
	if name != "" && name[0] == quote {
		return `"` + prefix + name[1:]
	}
	return prefix + name
}

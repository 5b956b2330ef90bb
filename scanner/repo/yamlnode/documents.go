package yamlnode

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"

	"go.yaml.in/yaml/v3"
)

// What is read is bounded, so that a small file cannot take all memory. A Kubernetes object or a template is far below.
const (
	maxDepth = 200
	maxNodes = 1_000_000 // of a file, those that aliases repeat counted each time
)

// An Error is a mistake in a file, with its place.
type Error struct {
	Line int // from 1; 0 when the place is not known
	Text string
}

// Error reads: line 4: the key "Type" stands twice in one map, first in line 2; YAML allows it once
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Text
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Text)
}

// Documents reads every document of a YAML stream, or the one of JSON. Errors are *Error; the documents before the broken one are
// returned with it. A document without content is a Null node; a stream without documents has none. A byte order mark and CRLF are
// accepted; UTF-16 with a byte order mark too.
//
// A key that stands twice in one map is an error, in JSON as well: which of the two is meant, readers do not agree on.
func Documents(data []byte) ([]*Node, error) {
	data = UTF8(data)
	if first := bytes.TrimLeft(data, " \t\r\n"); len(first) > 0 && (first[0] == '{' || first[0] == '[') {
		if root, ok, err := readJSON(data); ok {
			return root, err
		}
	}
	if bytes.Contains(data, []byte("%YAML")) {
		data = version.ReplaceAll(data, []byte("${1}1"))
	}
	if tooMany(data) {
		return nil, &Error{Text: fmt.Sprintf("it holds more than %d values; split it", maxNodes)}
	}
	var out []*Node
	dec, c := yaml.NewDecoder(bytes.NewReader(data)), newConverter(data)
	for {
		doc, err := next(dec)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, place(data, err)
		}
		n, err := c.document(doc)
		if err != nil {
			return out, err
		}
		out = append(out, n)
	}
}

// version is the directive of a version behind 1.1, which the library refuses and reads all the same: the versions differ in scalars that
// it reads as YAML 1.2 has them.
var version = regexp.MustCompile(`(?m)^(%YAML[ \t]+1\.)[2-9]`)

// next is the next document of a stream; io.EOF after the last. The library panics on some malformed input.
func next(dec *yaml.Decoder) (doc *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			doc, err = nil, fmt.Errorf("yaml: it cannot be understood as YAML (%v)", r)
		}
	}()
	doc = new(yaml.Node)
	err = dec.Decode(doc)
	return doc, err
}

// UTF8 takes a byte order mark off, and turns UTF-16, which YAML allows and some Windows shells write, into UTF-8. Without a mark, UTF-16
// shows in a first or second byte that is zero (YAML 1.2, "Character encodings").
func UTF8(data []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		order = binary.BigEndian
	case len(data) > 1 && data[0] != 0 && data[1] == 0:
		return fromUTF16(data, binary.LittleEndian)
	case len(data) > 1 && data[0] == 0 && data[1] != 0:
		return fromUTF16(data, binary.BigEndian)
	default:
		return data
	}
	return fromUTF16(data[2:], order)
}

func fromUTF16(data []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, 0, len(data)/2)
	for i := 0; i+1 < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return []byte(string(utf16.Decode(units)))
}

// tooMany reports, before the library builds its tree, whether that could be far over maxNodes: a tree needs 150 bytes a node, and
// 10 MB of commas are 10 million nodes. Each node but the first comes with one of these marks, which text hardly holds.
func tooMany(data []byte) bool {
	marks := 0
	for i, c := range data {
		switch c {
		case ',', ':', '[', '{':
			marks++
		case '-', '?':
			if i+1 == len(data) || data[i+1] <= ' ' {
				marks++
			}
		}
	}
	return marks > maxNodes
}

var libraryLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// place makes an Error of one of the library's. Its own line is that of the construct around the problem, counted from 0 in some
// cases and from 1 in others, so the line is found anew: a second parser is fed line by line until it fails as well. It may have
// looked one line ahead by then, so a third one is given all but that line.
func place(data []byte, err error) *Error {
	text := err.Error()
	prefix := libraryLine.FindStringSubmatch(text)
	e := &Error{Text: strings.TrimPrefix(text, prefix[0])}
	feed := &lineReader{rest: data}
	failure(feed)
	e.Line = max(feed.lines, 1)
	if strings.HasSuffix(failure(bytes.NewReader(data[:feed.last])), e.Text) {
		e.Line = max(feed.lines-1, 1)
	}
	// What is never closed fails at the end of the file; the place that helps is where it begins, which the library tells.
	if began, err := strconv.Atoi(prefix[1]); err == nil && strings.Contains(e.Text, "end of stream") {
		s := newSource(data)
		e.Line = s.line(s.offset(began, 1))
	}
	return e
}

// failure is what the library says of a stream that it cannot read; "" when it can.
func failure(r io.Reader) string {
	dec := yaml.NewDecoder(r)
	for {
		if _, err := next(dec); errors.Is(err, io.EOF) {
			return ""
		} else if err != nil {
			return err.Error()
		}
	}
}

// A lineReader hands out one line a call and counts them.
type lineReader struct {
	rest  []byte
	lines int
	read  int  // offset of the rest
	last  int  // offset of the newest line
	part  bool // the last call ended within a line
}

func (r *lineReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	line := r.rest
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i+1]
	}
	n := copy(p, line)
	if !r.part {
		r.lines++
		r.last = r.read
	}
	r.part = n < len(line)
	r.rest = r.rest[n:]
	r.read += n
	return n, nil
}

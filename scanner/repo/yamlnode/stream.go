package yamlnode

import (
	"bytes"
	"errors"
	"slices"
)

// Stream reads a YAML stream as Documents does, and goes on behind a broken document with the next one: it has all documents that can be
// read and a mistake for each that cannot.
func Stream(data []byte) (docs []*Node, broken []*Error) {
	docs, err := Documents(data)
	var e *Error
	if !errors.As(err, &e) || e.Line == 0 {
		if e != nil {
			broken = append(broken, e)
		}
		return docs, broken
	}
	data, docs = UTF8(data), nil
	starts := documentStarts(data)
	if len(starts) == 0 || len(bytes.TrimSpace(data[:starts[0].at])) > 0 {
		starts = slices.Insert(starts, 0, documentStart{0, 1})
	}
	used := 0
	for i, s := range starts {
		end := len(data)
		if i+1 < len(starts) {
			end = starts[i+1].at
		}
		more, err := Documents(data[s.at:end])
		seen := map[*Node]bool{}
		for _, n := range more {
			n.moveDown(s.line-1, seen)
		}
		docs = append(docs, more...)
		if errors.As(err, &e) {
			broken = append(broken, &Error{Line: max(e.Line, 1) + s.line - 1, Text: e.Text})
		}
		// Each document is bounded by itself, and so is what all of them come to.
		if used += len(seen); used > maxNodes || len(broken) > maxBroken {
			return docs, append(broken, &Error{Line: s.line, Text: "what follows a broken document here is too much to be read; mend it"})
		}
	}
	return docs, broken
}

// maxBroken bounds the mistakes that are told of one file.
const maxBroken = 20

type documentStart struct{ at, line int }

// documentStarts are the lines that begin a document, which are marks wherever they stand.
func documentStarts(data []byte) []documentStart {
	var out []documentStart
	for at, line := 0, 1; at < len(data); line++ {
		rest := data[at:]
		if bytes.HasPrefix(rest, []byte("---")) && (len(rest) == 3 || rest[3] <= ' ') {
			out = append(out, documentStart{at, line})
		}
		n := bytes.IndexByte(rest, '\n')
		if n < 0 {
			break
		}
		at += n + 1
	}
	return out
}

// moveDown counts the lines of a node and all in it from further above.
func (n *Node) moveDown(lines int, seen map[*Node]bool) {
	if n == nil || seen[n] {
		return
	}
	seen[n] = true
	n.Line, n.EndLine = n.Line+lines, n.EndLine+lines
	for _, list := range [][]*Node{n.Items, n.Keys, n.Values} {
		for _, child := range list {
			child.moveDown(lines, seen)
		}
	}
}

// DocumentLines are the lines of the document that a line of a stream lies in, the first of them 1.
func DocumentLines(data []byte, line int) (first, last int) {
	first, last = 1, 1+bytes.Count(data, []byte("\n"))
	for _, s := range documentStarts(data) {
		if s.line > line {
			return first, s.line - 1
		}
		first = s.line
	}
	return first, last
}

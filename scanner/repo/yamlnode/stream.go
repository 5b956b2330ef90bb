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
	if !errors.As(err, &e) {
		return docs, nil
	}
	broken = append(broken, e)
	data = UTF8(data)
	starts := documentStarts(data)
	if slices.ContainsFunc(starts, func(s documentStart) bool { return s.line == e.Line && s.line > 1 }) {
		e.Line-- // what the last document left open is found at the mark of the next
	}
	used := 0
	for i, s := range starts {
		if s.line <= e.Line || e.Line == 0 {
			continue
		}
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
		var next *Error
		if errors.As(err, &next) {
			if next.Line > 0 {
				next.Line += s.line - 1
			}
			broken = append(broken, next)
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

package yamlnode

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// readJSON reads data that is one value of JSON; ok is false where it is not. The YAML parser does not read all of JSON: pairs of
// surrogates ("\ud83d\ude00"), tabs before a value and keys of more than 1,024 characters are errors to it.
func readJSON(data []byte) (docs []*Node, ok bool, err error) {
	if !json.Valid(data) {
		return nil, false, nil
	}
	r := &jsonReader{data: data, dec: json.NewDecoder(bytes.NewReader(data)), line: 1, column: 1}
	r.dec.UseNumber()
	root, err := r.value(1)
	if err != nil {
		return nil, true, err
	}
	return []*Node{root}, true, nil
}

// CheckJSON returns an *Error where data is not one value of JSON, though it may be YAML, which takes commas before a closing bracket,
// comments and single quotes. UTF-16 and a byte order mark are accepted as Documents does.
func CheckJSON(data []byte) error {
	data = UTF8(data)
	var raw json.RawMessage
	err := json.Unmarshal(data, &raw)
	if mistake := (*json.SyntaxError)(nil); errors.As(err, &mistake) {
		return &Error{Line: 1 + bytes.Count(data[:min(int(mistake.Offset), len(data))], []byte("\n")), Text: "it is no JSON: " + mistake.Error()}
	}
	return err
}

// A jsonReader turns tokens into nodes. line and column are those of the offset at.
type jsonReader struct {
	data         []byte
	dec          *json.Decoder
	at           int
	line, column int
	nodes        int
}

// advance counts the lines and characters up to an offset.
func (r *jsonReader) advance(to int) {
	for ; r.at < to; r.at++ {
		switch c := r.data[r.at]; {
		case c == '\n':
			r.line, r.column = r.line+1, 1
		case c&0xC0 != 0x80: // the first byte of a character
			r.column++
		}
	}
}

// token reads the next token and makes a node that begins at it.
func (r *jsonReader) token() (*Node, json.Token, error) {
	from := int(r.dec.InputOffset())
	for from < len(r.data) && strings.IndexByte(" \t\r\n,:", r.data[from]) >= 0 {
		from++
	}
	r.advance(from)
	n := &Node{Line: r.line, Column: r.column}
	t, err := r.dec.Token()
	if err != nil {
		return nil, nil, &Error{Line: r.line, Text: err.Error()}
	}
	r.advance(int(r.dec.InputOffset()))
	n.EndLine = r.line
	return n, t, nil
}

func (r *jsonReader) value(depth int) (*Node, error) {
	n, t, err := r.token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, &Error{Line: n.Line, Text: fmt.Sprintf("it is nested more than %d levels deep", maxDepth)}
	}
	if r.nodes++; r.nodes > maxNodes {
		return nil, &Error{Line: n.Line, Text: fmt.Sprintf("up to here the file holds more than %d values; split it", maxNodes)}
	}
	switch t := t.(type) {
	case nil:
		n.Text = "null"
	case bool:
		n.Kind, n.Text = Bool, fmt.Sprint(t)
	case string:
		n.Kind, n.Text = String, t
	case json.Number:
		n.Kind, n.Text = Int, t.String()
		if strings.ContainsAny(n.Text, ".eE") {
			n.Kind = Float
		}
	case json.Delim:
		err = r.inside(n, t, depth)
	}
	return n, err
}

// inside reads what a list or a map holds, up to and with its closing bracket.
func (r *jsonReader) inside(n *Node, open json.Delim, depth int) error {
	n.Kind = List
	lines := map[string]int{}
	if open == '{' {
		n.Kind = Map
	}
	for r.dec.More() {
		v, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		if n.Kind == List {
			n.Items = append(n.Items, v)
			continue
		}
		if first, twice := lines[v.Text]; twice {
			return &Error{Line: v.Line, Text: fmt.Sprintf("the key %q stands twice in one map, first in line %d; readers do not agree on which one counts", v.Text, first)}
		}
		lines[v.Text] = v.Line
		n.Keys = append(n.Keys, v)
		if v, err = r.value(depth + 1); err != nil {
			return err
		}
		n.Values = append(n.Values, v)
	}
	_, _, err := r.token()
	n.EndLine = r.line
	return err
}

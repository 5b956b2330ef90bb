package yamlnode

import (
	"bytes"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// A source knows where a node ends, which the library does not tell: from the text of the file and the value that the library read.
// Where it finds something else than it expects, a node ends in the line where it begins.
type source struct {
	data   []byte
	starts []int                          // of lines as the library counts them, which knows breaks that editors do not (NEL, LS, PS, a lone CR)
	breaks []int                          // of "\n"
	last   struct{ line, column, at int } // the place that was asked for last
}

func newSource(data []byte) source {
	s := source{data: data, starts: []int{0}}
	for i := 0; i < len(data); {
		switch {
		case data[i] == '\n':
			i++
			s.breaks = append(s.breaks, i-1)
		case data[i] == '\r':
			i++
			if i < len(data) && data[i] == '\n' {
				continue
			}
		case data[i] == 0xC2 && i+1 < len(data) && data[i+1] == 0x85:
			i += 2
		case data[i] == 0xE2 && i+2 < len(data) && data[i+1] == 0x80 && (data[i+2] == 0xA8 || data[i+2] == 0xA9):
			i += 3
		default:
			i++
			continue
		}
		s.starts = append(s.starts, i)
	}
	return s
}

// offset is the place of a line and a column, which counts characters. Nodes are asked for in their order, and a line may be as long
// as the file, so it goes on from the last place where it can.
func (s *source) offset(line, column int) int {
	if line < 1 || line > len(s.starts) {
		return len(s.data)
	}
	at, from := s.starts[line-1], 1
	if s.last.line == line && s.last.column <= column {
		at, from = s.last.at, s.last.column
	}
	for ; from < column && at < len(s.data); from++ {
		_, size := utf8.DecodeRune(s.data[at:])
		at += size
	}
	s.last.line, s.last.column, s.last.at = line, column, at
	return at
}

// line is that of an offset, as editors count.
func (s *source) line(at int) int { return 1 + sort.SearchInts(s.breaks, at) }

// endLine is the line of the last character before an offset.
func (s *source) endLine(start, end int) int { return s.line(max(start, end-1)) }

func (s *source) at(i int) byte {
	if i < len(s.data) {
		return s.data[i]
	}
	return 0
}

// skipBlank goes on to the next character that is neither white space nor in a comment, nor one of those given.
func (s *source) skipBlank(at int, also string) int {
	for at < len(s.data) {
		c := s.data[at]
		switch {
		case c == '#' && (at == 0 || s.data[at-1] <= ' ' || s.data[at-1] == ','):
			n := bytes.IndexByte(s.data[at:], '\n')
			if n < 0 {
				return len(s.data)
			}
			at += n
		case c <= ' ' || strings.IndexByte(also, c) >= 0:
			at++
		default:
			return at
		}
	}
	return at
}

// skipProperties goes from where a node begins to its value, past a tag and an anchor.
func (s *source) skipProperties(at int, y *yaml.Node) int {
	if y.Anchor == "" && y.Style&yaml.TaggedStyle == 0 {
		return at
	}
	for range 2 {
		if c := s.at(at); c != '!' && c != '&' {
			break
		}
		for at < len(s.data) && s.data[at] > ' ' && strings.IndexByte(",[]{}", s.data[at]) < 0 {
			at++
		}
		after := s.skipBlank(at, "")
		if y.Value == "" && y.Kind == yaml.ScalarNode && s.at(after) != '"' && s.at(after) != '\'' && s.at(after) != '!' && s.at(after) != '&' {
			break // it has no value, so what follows is something else
		}
		at = after
	}
	return at
}

// closing is the offset behind the bracket that ends a flow list or map, given the offset behind its last item.
func (s *source) closing(at int, y *yaml.Node, bracket byte) int {
	if y.Style&yaml.FlowStyle == 0 {
		return at
	}
	if len(y.Content) == 0 {
		at++ // the opening one
	}
	if i := s.skipBlank(at, ",:?"); s.at(i) == bracket {
		return i + 1
	}
	return at
}

// scalarEnd is the offset behind a scalar that begins at an offset.
func (s *source) scalarEnd(at int, y *yaml.Node) int {
	switch {
	case y.Style&yaml.DoubleQuotedStyle != 0:
		return s.quoted(at)
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		n := bytes.IndexByte(s.data[min(at, len(s.data)):], '\n') // the header
		if n < 0 {
			return at
		}
		return s.consume(at+n, y.Value)
	case y.Style&yaml.SingleQuotedStyle != 0:
		return s.consume(at, "'"+strings.ReplaceAll(y.Value, "'", "''")+"'")
	}
	return s.consume(at, y.Value)
}

func (s *source) quoted(at int) int {
	for i := at + 1; i < len(s.data); i++ {
		switch s.data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return at
}

// consume finds a text whose white space may be folded: the offset behind its last other character.
func (s *source) consume(at int, text string) int {
	if end := at + len(text); end <= len(s.data) && string(s.data[at:end]) == text && strings.IndexByte(text, '\n') < 0 {
		return end
	}
	i := at
	for _, r := range text {
		if unicode.IsSpace(r) {
			continue
		}
		for i < len(s.data) {
			found, size := utf8.DecodeRune(s.data[i:])
			if unicode.IsSpace(found) {
				i += size
				continue
			}
			if found != r {
				return at
			}
			i += size
			break
		}
	}
	return i
}

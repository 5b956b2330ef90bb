package vault

import "strings"

// shape is a pattern, or what two have in common, segment by segment.
type shape struct {
	parts []part
	more  bool // further segments may follow
}

// part is what one segment must be: text, or what begins with it.
type part struct {
	text string
	open bool
}

// shape is the pattern in this form; "+" is a part that begins with nothing.
func (p *pattern) shape() shape {
	s := shape{more: p.open}
	for text := range strings.SplitSeq(p.text, "/") {
		if p.kind == segment && text == "+" {
			s.parts = append(s.parts, part{"", true})
		} else {
			s.parts = append(s.parts, part{text, false})
		}
	}
	if p.open {
		s.parts[len(s.parts)-1].open = true
	}
	return s
}

// slashed is the shape of the same paths with one "/" more at the end, as far as they have no further segments.
func (s shape) slashed() shape {
	return shape{parts: append(s.parts[:len(s.parts):len(s.parts)], part{})}
}

// meet is the shape of the paths that both shapes match.
func meet(s, t shape) (shape, bool) {
	if len(s.parts) < len(t.parts) {
		s, t = t, s
	}
	if len(t.parts) < len(s.parts) && !t.more {
		return shape{}, false
	}
	out := shape{more: s.more && t.more}
	for i, p := range s.parts {
		if i < len(t.parts) {
			q := t.parts[i]
			if len(p.text) < len(q.text) {
				p, q = q, p
			}
			if !strings.HasPrefix(p.text, q.text) || !q.open && p.text != q.text {
				return shape{}, false
			}
			p.open = p.open && q.open
		}
		out.parts = append(out.parts, p)
	}
	return out, true
}

// fresh are names for segments that may be anything. There are a few, as a rule may begin with one.
var fresh = []string{"name", "other", "some", "x", "9"}

// samples are paths of the shape, the plainest first: of each length up to a number of further segments, with fresh names, then without
// where a text alone will do.
func (s shape) samples(further int) []string {
	var out []string
	if !s.more {
		further = 0
	}
	for n := range further + 1 {
		for _, name := range append(fresh, "") {
			var parts []string
			for _, p := range s.parts {
				if p.open {
					p.text += name
				}
				parts = append(parts, p.text)
			}
			for range n {
				parts = append(parts, name)
			}
			out = append(out, strings.Join(parts, "/"))
		}
	}
	return out
}

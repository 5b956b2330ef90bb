package inventory

import "slices"

// A Comment is a waiver that stands in a comment of a file: keyreeve:ignore RULE until=2026-12-31 reason="...". Package finding
// says what its text means.
type Comment struct {
	Path string `json:"path"` // as in a Location
	Line int    `json:"line"` // where it stands
	For  int    `json:"for"`  // the line that it speaks for: its own, or, when nothing else stands there, the next that is no comment
	To   int    `json:"to"`   // the last line of the block that begins there
	Text string `json:"text"` // what follows keyreeve:ignore, without the end of the comment
	// Except lists resources at its place that it does not count for, because the change that is judged waives them itself.
	Except []ID `json:"except,omitzero"`
}

// Covers reports whether the comment stands at a resource: in its lines or directly above them, or above the block in which they are.
func (c *Comment) Covers(l *Location) bool {
	if l == nil || l.Path != c.Path {
		return false
	}
	in := func(line int) bool { return l.StartLine <= line && line <= max(l.StartLine, l.EndLine) }
	return in(c.Line) || in(c.For) || c.For <= l.StartLine && l.StartLine <= c.To
}

// Counts reports whether the comment counts for a resource at its place.
func (c *Comment) Counts(id ID) bool { return !slices.Contains(c.Except, id) }

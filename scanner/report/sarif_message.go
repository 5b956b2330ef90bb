package report

import (
	"strings"
	"unicode/utf8"

	"github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// maxLogical bounds the resources that a result names as logical locations.
const maxLogical = 100

// logical names each resource of a result, once.
func logical(c chosen) []*sarif.LogicalLocation {
	var out []*sarif.LogicalLocation
	seen := map[string]bool{}
	for _, f := range c.all() {
		name := called(f) + "\x00" + string(f.Resource.ID)
		if seen[name] || len(out) == maxLogical {
			continue
		}
		seen[name] = true
		out = append(out, &sarif.LogicalLocation{Name: ptr(called(f)), FullyQualifiedName: ptr(string(f.Resource.ID)), Kind: ptr("resource")})
	}
	return out
}

// message is stable text: what changes with time is in the properties. It ends in a full stop, as GitHub shows its first
// sentence as the title, and sets names off with quotes. Findings that say the same are named together: 'a', 'b' (TYPE): TEXT; 'c'
// (TYPE): OTHER TEXT.
func message(c chosen) string {
	said := map[string][]string{} // names by what is said of them
	var order []string
	for _, f := range c.all() {
		text := label(f, f.Waived != nil && c.first.Waived == nil) + ": " + strings.TrimRight(f.Message, ". ")
		if said[text] == nil {
			order = append(order, text)
		}
		said[text] = append(said[text], "'"+unlinked(cut(called(f), 300))+"'")
	}
	var b strings.Builder
	left := 0 // what there is no room to name
	for i, text := range order {
		names, n := said[text], 0
		room := maxMessage - roomForRest - utf8.RuneCountInString(b.String()+text)
		for ; n < len(names); n++ {
			if room -= utf8.RuneCountInString(names[n]) + len(", "); room < 0 && (i > 0 || n > 0) {
				break
			}
		}
		if left += len(names) - n; n == 0 {
			continue
		}
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(strings.Join(names[:n], ", ") + text)
	}
	if left > 0 {
		b.WriteString("; " + count(left) + " more of this rule in the same lines")
	}
	return strings.TrimRight(cut(b.String(), maxMessage), ". ") + "."
}

// roomForRest is kept free, in letters, for the count of what a message does not name.
const roomForRest = 60

// label is what a finding is about, and what is to be known of it, in brackets.
func label(f *finding.Finding, waived bool) string {
	var words []string
	if f.Resource.Type != "" {
		words = append(words, f.Resource.Type)
	}
	if f.Resource.Emulated {
		words = append(words, "emulated")
	}
	if waived {
		words = append(words, "waived")
	}
	if len(words) == 0 {
		return ""
	}
	return " (" + strings.Join(words, ", ") + ")"
}

// unlinked takes the meaning from "[...](...)", which is a link in a SARIF message.
func unlinked(s string) string { return strings.ReplaceAll(s, "](", "] (") }

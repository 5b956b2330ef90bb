package terraform

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// notes gather what could not be read or resolved, and what was moved. What the code says more than once, or what comes up again for each instance of
// a module, is told once a file with its first place.
type notes struct {
	tree   *declare.Tree
	broken []*inventory.Gap
	open   map[note]map[int]string // what to say, by line
	passed map[note]*passed        // files that are left out, by folder
	moves  []move
	counts map[place]spot // of which block, by its address without keys, it is not known how many there are
}

// A spot is a construct of one kind at a line.
type spot struct {
	note
	line int
}

// passed are files of one folder that are left out for one reason.
type passed struct {
	first, why string
	more       int
}

// A note is a kind of construct in a file; also a type of resources that a construct may declare.
type note struct{ file, kind string }

// Kinds of constructs that are not resolved.
const (
	noteModule = "module"
	noteCount  = "count"
	noteCycle  = "cycle"
	noteFunc   = "function"
	noteExpr   = "expression"
	noteSize   = "size"
	noteTwin   = "twin"
	noteValues = "values"
)

func newNotes(t *declare.Tree) *notes {
	return &notes{tree: t, open: map[note]map[int]string{}, passed: map[note]*passed{}, counts: map[place]spot{}}
}

// unread notes a file that could not be read.
func (n *notes) unread(file string, line int, why string) {
	n.broken = append(n.broken, n.tree.Unread(types, file, line, why))
}

// syntax notes the first mistake in a file. Of what the parser says only the summary is told, for the rest may quote the file.
func (n *notes) syntax(file string, diags hcl.Diagnostics) {
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		line := 0
		if d.Subject != nil {
			line = d.Subject.Start.Line
		}
		n.unread(file, line, strings.ToLower(d.Summary[:1])+d.Summary[1:])
		return
	}
}

// unresolved notes a construct that is not resolved.
func (n *notes) unresolved(kind string, at hcl.Range, why string) {
	key := note{at.Filename, kind}
	if n.open[key] == nil {
		n.open[key] = map[int]string{}
	}
	if _, ok := n.open[key][at.Start.Line]; !ok {
		n.open[key][at.Start.Line] = why
	}
}

// hidden notes a construct that may declare resources of one type only.
func (n *notes) hidden(typ string, at inventory.Location, why string) {
	n.unresolved(typ, hcl.Range{Filename: at.Path, Start: hcl.Pos{Line: at.StartLine}}, why)
}

// uncounted notes a block of which it is not known how many there are.
func (n *notes) uncounted(root, address string, at hcl.Range, why string) {
	n.unresolved(noteCount, at, why)
	n.counts[place{root, withoutKeys(address)}] = spot{note{at.Filename, noteCount}, at.Start.Line}
}

// counted takes back what is noted of the blocks of a root module that all its plans tell of, unless it holds for another root module
// too.
func (n *notes) counted(root string, plans []*plan) {
	gone := map[spot]bool{}
	for block, at := range n.counts {
		if block.root == root && !slices.ContainsFunc(plans, func(p *plan) bool { return !p.tellsOf(block.name) }) {
			delete(n.counts, block)
			gone[at] = true
		}
	}
	for _, at := range n.counts {
		delete(gone, at)
	}
	for at := range gone {
		if delete(n.open[at.note], at.line); len(n.open[at.note]) == 0 {
			delete(n.open, at.note)
		}
	}
}

// passedOver notes a file that is left out. Of a folder only the first is told, and how many more there are.
func (n *notes) passedOver(kind, file, why string) {
	key := note{folder(file), kind}
	if p := n.passed[key]; p != nil {
		p.more++
		return
	}
	n.passed[key] = &passed{first: file, why: why}
}

// gaps lists all notes: first what was not read, then by file and line what was not resolved.
func (n *notes) gaps() []*inventory.Gap {
	type entry struct {
		note
		line int
		why  string
	}
	var list []entry
	for key, lines := range n.open {
		at := slices.Sorted(maps.Keys(lines))
		why := lines[at[0]]
		if more := len(at) - 1; more > 0 {
			why += fmt.Sprintf(" (and %d more like it in this file)", more)
		}
		list = append(list, entry{key, at[0], why})
	}
	for key, p := range n.passed {
		why := p.why
		if p.more > 0 {
			why += fmt.Sprintf(" (and %d more like it in this folder)", p.more)
		}
		list = append(list, entry{note{p.first, key.kind}, 0, why})
	}
	slices.SortFunc(list, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.kind, b.kind))
	})
	out := slices.Clone(n.broken)
	for _, e := range list {
		hides := types
		if _, one := inventory.TypeOf(e.kind); one {
			hides = []string{e.kind}
		}
		out = append(out, n.tree.NotUnderstood(hides, e.file, e.line, e.why))
	}
	return out
}

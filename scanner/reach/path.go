package reach

import (
	"cmp"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// maxSteps bounds a way. Longer ones are left out: an account in which five steps lead to a key has shorter ones to worry about, and
// people do not follow them.
const maxSteps = 4

// Ways are the shortest ways to a set of holders, found backwards from them, as few principals can do anything to a key and most of an
// estate leads nowhere near it. Each principal is asked once for the steps that lead to it, and only when no shorter way was found. Steps
// are asked for only of those whom they may give a better way: whoever administers an account has a step to each other who does.
//
// Ways serve one goroutine at a time.
type Ways struct {
	into  Steps
	known map[string]way
	front []string // those of the last level, sorted
	level int
}

// way is the first step of the best way from a principal.
type way struct {
	step   access.Step // of a holder none
	level  int         // how many steps there are
	unsure int         // how many of them, and of the answer about the holder itself, are not certain
}

// Steps lists the steps to one principal, in an order that does not change. Those of principals that do not matter may be left out.
type Steps func(to string, matters func(from string) bool) []access.Step

// NewWays begins at the holders.
func NewWays(holders []access.Holder, into Steps) *Ways {
	w := &Ways{into: into, known: map[string]way{}}
	for _, h := range holders {
		if h.Principal == everyone {
			continue // it stands for those who are not listed, and nobody becomes one of them
		}
		found := way{unsure: unsure(h.Decision)}
		if before, there := w.known[h.Principal]; there && before.unsure <= found.unsure {
			continue
		} else if !there {
			w.front = append(w.front, h.Principal)
		}
		w.known[h.Principal] = found
	}
	slices.Sort(w.front)
	return w
}

func unsure(d access.Decision) int {
	if d == access.Allowed {
		return 0
	}
	return 1
}

// From is the shortest way from a principal to a holder, and that holder. Of those that are equally short it is the one with the fewest
// steps that hang on something, then the first by name. It is not ok where there is none of four steps or fewer. A holder itself has a
// way without steps.
func (w *Ways) From(principal string) (path []access.Step, holder string, ok bool) {
	for {
		if first, found := w.first(principal); found {
			return w.follow(principal, first)
		}
		if w.level == maxSteps || len(w.front) == 0 {
			return nil, "", false
		}
		w.widen()
	}
}

// All lists who has a way of at least one step, sorted. What everybody can do counts for "*" alone.
func (w *Ways) All() []string {
	for w.level < maxSteps && len(w.front) > 0 {
		w.widen()
	}
	var out []string
	for name, found := range w.known {
		if found.level > 0 {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// first is how a principal sets out: by a step of its own, or by one that everybody can take.
func (w *Ways) first(principal string) (way, bool) {
	own, found := w.known[principal]
	open, there := w.known[everyone]
	if there && (!found || cmp.Or(cmp.Compare(open.level, own.level), cmp.Compare(open.unsure, own.unsure)) < 0) {
		return open, true
	}
	return own, found
}

// everyone is the principal whose steps all others can take.
const everyone = "*"

func (w *Ways) follow(principal string, at way) (path []access.Step, holder string, ok bool) {
	holder = principal
	for at.level > 0 {
		path, holder = append(path, at.step), at.step.To
		at = w.known[holder]
	}
	return path, holder, true
}

// widen finds those who are one step further away.
func (w *Ways) widen() {
	w.level++
	var next []string
	for _, to := range w.front {
		if to == everyone {
			continue // whoever would become it can take its step
		}
		beyond := w.known[to].unsure
		matters := func(from string) bool { // the front is sorted: of steps that are equally good the first is known
			before, there := w.known[from]
			return !there || before.level == w.level && before.unsure > beyond
		}
		for _, s := range w.into(to, matters) {
			found := way{step: s, level: w.level, unsure: beyond + unsure(s.Decision)}
			before, there := w.known[s.From]
			if s.To != to || s.Decision != access.Allowed && s.Decision != access.Conditional || there && !found.better(before) {
				continue
			}
			if !there {
				next = append(next, s.From)
			}
			w.known[s.From] = found
		}
	}
	slices.Sort(next)
	w.front = next
}

func (a way) better(b way) bool {
	return cmp.Or(
		cmp.Compare(a.level, b.level),
		cmp.Compare(a.unsure, b.unsure),
		cmp.Compare(a.step.To, b.step.To),
		cmp.Compare(a.step.By, b.step.By),
	) < 0
}

package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// gaps lists what could not be read, by what was asked and why it was not answered; what somebody accepted, and what nobody
// asked for, stands apart.
func (p *page) gaps(v *view) {
	var open, optIn, unstated, accepted []*finding.Gap
	listed, _ := v.listedGaps()
	for _, g := range listed {
		switch {
		case g.Accepted != nil:
			accepted = append(accepted, g)
		case g.Why == inventory.NotAsked:
			optIn = append(optIn, g)
		case g.Why == inventory.NotStated:
			unstated = append(unstated, g)
		default:
			open = append(open, g)
		}
	}
	if len(open) > 0 {
		p.heading("GAPS", unsure, "Not read, so nothing is known about what is there", "")
		p.gapList(open)
	}
	if len(unstated) > 0 {
		p.heading("LEFT OPEN", faint, "Declared in a way that is not resolved, so not judged", "")
		p.list(2, len(unstated), func(shown int) {
			var rows [][]cell
			for _, g := range unstated[:shown] {
				rows = append(rows, []cell{{text: g.What, flex: true}, {text: g.Err, style: faint, flex: true}})
			}
			p.table(2, rows)
		})
		p.hints(unstated)
	}
	if len(optIn) > 0 {
		p.heading("NOT ASKED", faint, "Left unread, because reading it is opt-in", "")
		p.gapList(optIn)
	}
	if len(accepted) > 0 {
		p.heading("ACCEPTED", faint, plural(len(accepted), "gap", "gaps")+" that a waiver accepts", "")
		p.waiverList(len(accepted), func(i int) *finding.Waived { return accepted[i].Accepted },
			func(i int) []cell {
				return []cell{{text: accepted[i].What, flex: true}, {text: place(accepted[i].Scope), flex: true}}
			})
	}
}

// hints lists the next steps that some gaps name, each once.
func (p *page) hints(gaps []*finding.Gap) {
	var hints []string
	for _, g := range gaps {
		if g.Hint != "" && !slices.Contains(hints, g.Hint) {
			hints = append(hints, g.Hint)
		}
	}
	p.list(2, len(hints), func(shown int) {
		for _, hint := range hints[:shown] {
			p.line(2, span{"hint: ", faint}, span{hint, bold})
		}
	})
}

type gapCause struct {
	what  string
	want  want
	cause string
}

func (p *page) gapList(gaps []*finding.Gap) {
	groups := map[gapCause][]*finding.Gap{}
	for _, g := range gaps {
		k := gapCause{g.What, want{g.Why, g.Call, g.Hint}, g.Err}
		groups[k] = append(groups[k], g)
	}
	order := slices.SortedFunc(maps.Keys(groups), func(a, b gapCause) int {
		return cmp.Or(cmp.Compare(len(groups[b]), len(groups[a])), cmp.Compare(a.what, b.what), cmp.Compare(a.want.call, b.want.call),
			cmp.Compare(a.want.why, b.want.why), cmp.Compare(a.want.hint, b.want.hint), cmp.Compare(a.cause, b.cause))
	})
	for _, k := range order {
		p.line(2, span{k.what, bold}, span{"  " + k.want.String(), plain})
		if k.cause != "" {
			p.para(4, k.cause, faint)
		}
		if k.want.hint != "" {
			p.line(4, span{"hint: ", faint}, span{k.want.step(), bold})
		}
		scopes := groups[k]
		p.list(6, len(scopes), func(shown int) {
			var rows [][]cell
			for _, g := range scopes[:shown] {
				rows = append(rows, []cell{{text: place(g.Scope), flex: true}, {text: hides(g), style: faint, flex: true}})
			}
			p.table(6, rows)
		})
	}
}

// hides names the types of which resources may be missing.
func hides(g *finding.Gap) string {
	if len(g.Types) == 0 {
		return "may hide anything"
	}
	if len(g.Types) <= manyTypes {
		return "may hide " + strings.Join(g.Types, ", ")
	}
	var backends []string
	for _, t := range g.Types {
		backend, _, _ := strings.Cut(t, ".")
		backends = append(backends, backend)
	}
	slices.Sort(backends)
	return "may hide " + count(len(g.Types)) + " types of " + strings.Join(slices.Compact(backends), ", ")
}

// manyTypes is how many types a line names; beyond it, it names the back ends.
const manyTypes = 6

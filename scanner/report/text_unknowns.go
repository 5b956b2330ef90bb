package report

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// reasons says in words why something was not read.
var reasons = map[inventory.Reason]string{
	inventory.Denied:      "refused: a permission is missing",
	inventory.Throttled:   "throttled: the back end kept asking to slow down",
	inventory.Unsupported: "this server does not know the call",
	inventory.NotStated:   "nothing states it",
	inventory.NotRead:     "not read",
	inventory.OutOfScope:  "a configured limit was reached",
	inventory.NotAsked:    "reading it is opt-in and was not asked for",
	inventory.Unreachable: "the back end could not be reached, or the call broke off",
	inventory.Unreadable:  "it could not be read or parsed",
}

func reason(why inventory.Reason) string {
	return cmp.Or(reasons[why], string(why), "the reason was not recorded")
}

// A want is what would answer an unknown: unknowns with equal wants are answered together.
type want struct {
	why  inventory.Reason
	call string
	hint string
}

func (w want) String() string {
	if w.call == "" {
		return reason(w.why)
	}
	return reason(w.why) + " (" + w.call + ")"
}

// step is the hint as something to do next. What refusals name is a permission, unless the hint itself says what to do.
func (w want) step() string {
	if w.why == inventory.Denied && permission.MatchString(w.hint) {
		return "grant " + w.hint
	}
	return w.hint
}

// permission is how Vault's policies and AWS's actions begin.
var permission = regexp.MustCompile(`^(path "|[a-z0-9-]+:[A-Z])`)

// wants returns what a finding lacks, sorted, each once.
func wants(f *finding.Finding) []want {
	var out []want
	for _, d := range f.Deciding {
		out = append(out, want{d.Why, d.Call, d.Hint})
	}
	slices.SortFunc(out, func(a, b want) int {
		return cmp.Or(cmp.Compare(a.why, b.why), cmp.Compare(a.call, b.call), cmp.Compare(a.hint, b.hint))
	})
	return slices.Compact(out)
}

// An open question is everything that the same wants, or the same error of a rule, would answer.
type question struct {
	wants    []want
	err      string
	findings []*finding.Finding
}

// questions groups unknown verdicts by what would answer them: the most severe first, then the largest.
func questions(findings []*finding.Finding) []*question {
	groups := map[string]*question{}
	for _, f := range findings {
		q := &question{wants: wants(f), err: f.Error}
		key := fmt.Sprintf("%q %q", q.wants, q.err)
		for _, w := range q.wants {
			key += fmt.Sprintf(" %q", w.hint)
		}
		if groups[key] == nil {
			groups[key] = q
		}
		groups[key].findings = append(groups[key].findings, f)
	}
	keys := slices.SortedFunc(maps.Keys(groups), func(a, b string) int {
		x, y := groups[a].findings, groups[b].findings
		return cmp.Or(cmp.Compare(y[0].Severity.Rank(), x[0].Severity.Rank()), cmp.Compare(len(y), len(x)), cmp.Compare(a, b))
	})
	out := make([]*question, len(keys))
	for i, k := range keys {
		out[i] = groups[k]
	}
	return out
}

// unknowns lists what could not be told, by the permission that would tell it.
func (p *page) unknowns(v *view, findings []*finding.Finding) {
	if len(findings) == 0 {
		return
	}
	p.heading("UNKNOWN", unsure, plural(len(findings), "verdict hangs", "verdicts hang")+" on facts that were not read; none of them is a pass", "")
	for i, q := range questions(findings) {
		if i > 0 {
			p.blank()
		}
		p.question(v, q)
	}
}

func (p *page) question(v *view, q *question) {
	switch {
	case q.err != "":
		p.para(2, "the rule failed with an error: "+q.err, plain)
	case len(q.wants) == 0:
		p.line(2, span{"the facts that decide were not recorded", plain})
	}
	for _, w := range q.wants {
		p.line(2, span{w.String(), plain})
		if w.hint != "" {
			p.line(4, span{"hint: ", faint}, span{w.step(), bold}) // exact, to be copied, so never wrapped
		}
	}
	p.para(4, "would decide "+counted(q.findings, func(f *finding.Finding) []string { return []string{f.Rule} }), faint)
	if facts := counted(q.findings, decidingFacts); facts != "" {
		p.para(4, "missing "+facts, faint)
	}
	resources := onePerResource(q.findings)
	p.list(6, len(resources), func(shown int) {
		var rows [][]cell
		for _, f := range resources[:shown] {
			rows = append(rows, []cell{{text: called(f), style: bold, flex: true}, {text: where(f.Resource), flex: true}, {text: owner(f.Resource), flex: true}})
		}
		p.table(6, rows)
	})
}

func decidingFacts(f *finding.Finding) []string {
	var out []string
	for _, d := range f.Deciding {
		if d.Fact != f.At { // what could not be listed stands below as the name of the row
			out = append(out, d.Fact)
		}
	}
	return out
}

// counted lists names with the number of findings that have them, the most frequent first: "a (3), b".
func counted(findings []*finding.Finding, names func(*finding.Finding) []string) string {
	times := map[string]int{}
	for _, f := range findings {
		for _, n := range names(f) {
			times[n]++
		}
	}
	order := slices.SortedFunc(maps.Keys(times), func(a, b string) int { return cmp.Or(cmp.Compare(times[b], times[a]), cmp.Compare(a, b)) })
	for i, n := range order {
		if times[n] > 1 {
			order[i] = fmt.Sprintf("%s (%s)", n, count(times[n]))
		}
	}
	return strings.Join(order, ", ")
}

// onePerResource keeps the first finding of each resource and part of it.
func onePerResource(findings []*finding.Finding) []*finding.Finding {
	type part struct {
		id inventory.ID
		at string
	}
	seen := map[part]bool{}
	var out []*finding.Finding
	for _, f := range findings {
		k := part{f.Resource.ID, f.At}
		if !seen[k] {
			seen[k] = true
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b *finding.Finding) int { return cmp.Compare(a.Resource.ID, b.Resource.ID) })
	return out
}

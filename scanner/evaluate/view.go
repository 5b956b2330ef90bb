package evaluate

import (
	"encoding/binary"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// view is as much of a subject as a rule can see, or as much as it sees to tell whether it applies: what it does not refer to cannot
// decide.
type view struct {
	rule     *rule
	reads    *reads
	subject  *Subject
	resource ast.Object
	tier     string
	unread   []fact
	open     []openLabel
}

func newView(rl *rule, rs *reads, s *Subject) *view {
	v := &view{rule: rl, reads: rs, subject: s, resource: s.resource, tier: s.tier}
	for i := range s.unread {
		if rs.touches(s.unread[i].ref[2:]) {
			v.unread = append(v.unread, s.unread[i])
		}
	}
	for _, l := range s.open {
		switch {
		case rs.touches(ast.Ref{ast.StringTerm(l.name)}):
			v.open = append(v.open, l)
		case l.name == "tier" && s.tierMatters(rl):
			v.open = append(v.open, l.distinct(rl.terms))
		}
	}
	return v
}

// known reports whether nothing that the rule can see is unknown.
func (v *view) known() bool { return len(v.unread) == 0 && len(v.open) == 0 }

// key writes everything that the rule's answer can depend on: the tier, which brings the settings, the facts it refers to, what is
// unread of them, with its domain, and the candidates of labels. Two views with equal keys get equal answers. ok is false where the
// rule takes the resource as a whole, so that hardly two would be equal.
func (v *view) key(b []byte) (_ []byte, ok bool) {
	if v.reads.whole {
		return nil, false
	}
	b = appendText(b, 't', v.tier)
	for _, p := range v.reads.paths {
		b = appendValue(b, find(v.resource, p))
	}
	for i := range v.unread {
		f := &v.unread[i]
		b = append(b, 'u', byte(f.domain.kind))
		for _, n := range f.names {
			b = appendText(b, '.', n)
		}
		for _, e := range f.domain.enum {
			b = appendText(b, 'e', e)
		}
		for _, n := range []*int{f.domain.lo, f.domain.hi} {
			if n == nil {
				b = append(b, '-')
			} else {
				b = binary.AppendVarint(append(b, '='), int64(*n))
			}
		}
		if f.domain.optional {
			b = append(b, '?')
		}
	}
	for _, l := range v.open {
		b = appendText(b, 'l', l.name)
		for _, c := range l.candidates {
			b = appendText(b, 'c', c)
		}
	}
	return b, true
}

// narrow leaves of the resource what the rule can see.
func (v *view) narrow() {
	if !v.reads.whole {
		v.resource = project(v.resource, v.reads.paths)
	}
}

// find looks a path up; nil when it is absent.
func find(o ast.Object, path ast.Ref) ast.Value {
	for i, k := range path {
		t := o.Get(k)
		if t == nil {
			return nil
		}
		if i == len(path)-1 {
			return t.Value
		}
		var ok bool
		if o, ok = t.Value.(ast.Object); !ok {
			return nil
		}
	}
	return o
}

func appendText(b []byte, mark byte, s string) []byte {
	return append(binary.AppendUvarint(append(b, mark), uint64(len(s))), s...)
}

func appendValue(b []byte, v ast.Value) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, 'a')
	case ast.Boolean:
		if v {
			return append(b, 'T')
		}
		return append(b, 'F')
	case ast.String:
		return appendText(b, 's', string(v))
	case ast.Number:
		return appendText(b, 'n', string(v))
	}
	return appendText(b, 'v', v.String())
}

// reply is what a rule answers to a view, in terms of the view: it can be given to every view with the same key.
type reply struct {
	outcome
	facts  []int // of view.unread: those that decide
	labels []int // of view.open
}

// severity is that of the subject's tier, or the worst of those that it may have.
func (v *view) severity() finding.Severity {
	worst := v.rule.SeverityFor(v.tier)
	for _, l := range v.subject.open {
		if l.name != "tier" {
			continue
		}
		for _, tier := range l.candidates {
			if s := v.rule.SeverityFor(tier); s.Rank() > worst.Rank() {
				worst = s
			}
		}
	}
	return worst
}

// judgement puts a reply into terms of the subject.
func (v *view) judgement(a *reply) Judgement {
	j := Judgement{Rule: &v.rule.Rule, Verdict: a.verdict, Severity: v.severity(), Violations: slices.Clone(a.violations), Err: a.err}
	for i, w := range j.Violations {
		j.Violations[i].Severity = w.capped(j.Severity)
	}
	for _, i := range a.facts {
		j.Deciding = append(j.Deciding, deciding(v.unread[i].unknown))
	}
	for _, i := range a.labels {
		j.Deciding = append(j.Deciding, deciding(v.open[i].unknown))
	}
	return j.tidy()
}

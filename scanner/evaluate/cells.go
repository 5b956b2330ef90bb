package evaluate

import (
	"math"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// maxCells bounds the combinations of values that are tried; beyond it the verdict is unknown.
const maxCells = 256

// atom is one unread reference in a residual and the constants that it is compared with. Between two neighbouring constants every
// value gives the same answer, so one of each such cell stands for all.
//
// Partial evaluation may drop the condition that an object is there when something in it is left below a negation: of
// `t := input.resource.tags; not t.env` remains `not input.resource.tags.env`. So an object above the reference that may be there or
// not makes cells of its own.
type atom struct {
	ref    ast.Ref
	domain domain
	consts []*ast.Term
	above  []ast.Ref // objects that hold it and may be absent
}

// cell is one value of an atom: at a path, nil standing for absent.
type cell struct {
	at    ast.Ref
	value *ast.Term
}

// cells runs the rule, plainly, on one value for each cell of the unread facts. If all agree, that is the verdict: the residual says
// that nothing else matters. ok is false when the residual uses an unread fact in any other way than `ref`, `not ref` and
// `ref op constant`, or when there are too many cells.
func (q *question) cells(open []residual) (o outcome, ok bool) {
	atoms, simple := q.atoms(open)
	if !simple {
		return o, false
	}
	axes, total := make([][]cell, len(atoms)), 1
	for i, a := range atoms {
		axes[i] = a.cells()
		if total *= len(axes[i]); total == 0 || total > maxCells {
			return o, false
		}
	}
	var all []outcome
	for n := range total { // one combination at a time: most open questions are found to be open by the first few
		in := q.resource
		for _, axis := range axes {
			in = axis[n%len(axis)].put(in)
			n /= len(axis)
		}
		o := q.run.plain(q.rule, input(in, q.settings))
		if !o.certain() || o.verdict != cmpVerdict(all, o) {
			return outcome{}, false
		}
		all = append(all, o)
	}
	o = outcome{verdict: all[0].verdict}
	if o.verdict == finding.Fail {
		o.violations = q.everywhere(all)
	}
	return o, true
}

// cmpVerdict is the verdict that the outcomes so far have, or the new one's where there are none.
func cmpVerdict(all []outcome, o outcome) finding.Verdict {
	if len(all) > 0 {
		return all[0].verdict
	}
	return o.verdict
}

// atoms lists the unread references of residuals. ok is false when they are used in a way that cells do not cover.
func (q *question) atoms(rs []residual) ([]atom, bool) {
	c := collector{q: q, byRef: map[string]int{}}
	for _, r := range rs {
		if r.err != "" || len(r.support) > 0 {
			return nil, false
		}
		for _, b := range r.queries {
			for _, e := range b {
				if !c.expr(e) {
					return nil, false
				}
			}
		}
	}
	for i := range c.atoms {
		for j := range c.atoms {
			if i != j && c.atoms[i].ref.HasPrefix(c.atoms[j].ref) {
				return nil, false // one lies in the other, so they do not vary by themselves
			}
		}
	}
	return c.atoms, true
}

type collector struct {
	q     *question
	atoms []atom
	byRef map[string]int
}

var comparisons = []string{"gt", "gte", "lt", "lte", "equal", "eq", "neq"}

func (c *collector) expr(e *ast.Expr) bool {
	if len(e.With) > 0 {
		return false
	}
	switch t := e.Terms.(type) {
	case *ast.Term:
		if r, ok := t.Value.(ast.Ref); ok {
			return c.add(r, nil)
		}
		return ast.IsConstant(t.Value)
	case []*ast.Term:
		if len(t) != 3 || !slices.Contains(comparisons, t[0].String()) {
			return false
		}
		for i := 1; i <= 2; i++ {
			r, ok := t[i].Value.(ast.Ref)
			if other := t[3-i]; ok && ast.IsConstant(other.Value) {
				return c.add(r, other)
			}
		}
	}
	return false
}

// add notes a reference and a constant. A reference to something known needs no cell; one to something that holds an unread fact
// cannot have any.
func (c *collector) add(r ast.Ref, constant *ast.Term) bool {
	if len(r) < 3 || !r.IsGround() || !r[0].Equal(ast.InputRootDocument) {
		return false
	}
	if !r[1].Equal(resourceKey) {
		return r[1].Equal(settingsKey)
	}
	d, ok := c.q.domainOf(r)
	if !ok {
		return false
	}
	above := c.q.above(r)
	if d.kind == nothing && len(above) == 0 {
		return true
	}
	key := r.String()
	i, seen := c.byRef[key]
	if !seen {
		i = len(c.atoms)
		c.byRef[key] = i
		c.atoms = append(c.atoms, atom{ref: r, domain: d, above: above})
	}
	if constant != nil {
		c.atoms[i].consts = append(c.atoms[i].consts, constant)
	}
	return true
}

// domainOf is the domain of a reference; its kind is nothing where the reference is known. ok is false where an unread fact lies
// within it, or where its values cannot be listed.
func (q *question) domainOf(r ast.Ref) (domain, bool) {
	for _, u := range q.unread {
		switch {
		case len(r) == len(u.ref) && r.Equal(u.ref):
			return u.domain, u.domain.kind != anything
		case r.HasPrefix(u.ref): // a fact within something unread
			names := namesOf(r)
			d := domainOf(names)
			d.optional = true
			return d, len(names) == len(r)-2 && d.kind != anything
		case u.ref.HasPrefix(r):
			return domain{}, false
		}
	}
	return domain{kind: nothing}, true
}

// above lists the objects that hold a reference and of which it is not known whether they are there.
func (q *question) above(r ast.Ref) []ast.Ref {
	var out []ast.Ref
	for _, u := range q.exact {
		if r.HasPrefix(u) {
			for n := len(u); n < len(r); n++ {
				out = append(out, r[:n])
			}
		}
	}
	return out
}

// cells lists one value for each cell.
func (a *atom) cells() []cell {
	var out []cell
	if a.domain.optional || a.domain.kind == nothing {
		out = append(out, cell{a.ref, nil})
		for _, r := range a.above {
			out = append(out, cell{r, ast.ObjectTerm()})
		}
	}
	add := func(t *ast.Term) { out = append(out, cell{a.ref, t}) }
	switch a.domain.kind {
	case booleans:
		add(ast.InternedTerm(true))
		add(ast.InternedTerm(false))
	case enumerated:
		for _, v := range a.domain.enum {
			add(ast.StringTerm(v))
		}
	case integers:
		for _, n := range a.numbers() {
			add(ast.InternedTerm(n))
		}
	case texts:
		for _, s := range a.texts() {
			add(ast.StringTerm(s))
		}
	}
	return out
}

// put gives a resource the value of a cell. An object that is there stays as it is.
func (c cell) put(resource ast.Object) ast.Object {
	if _, isObject := valueOf(c.value).(ast.Object); isObject {
		if _, err := resource.Find(c.at[2:]); err == nil {
			return resource
		}
	}
	return with(resource, c.at[2:], c.value)
}

func valueOf(t *ast.Term) ast.Value {
	if t == nil {
		return nil
	}
	return t.Value
}

// numbers lists integers so that each cell between the constants, within the bounds, holds one.
func (a *atom) numbers() []int {
	var points []int
	for _, c := range a.consts {
		n, ok := c.Value.(ast.Number)
		if !ok {
			continue
		}
		f, ok := n.Float64()
		if !ok || math.Abs(f) > 1<<52 {
			continue
		}
		low := int(math.Floor(f))
		points = append(points, low-1, low, low+1, low+2)
	}
	lo, hi := math.MinInt, math.MaxInt
	if a.domain.lo != nil {
		lo = *a.domain.lo
		points = append(points, lo)
	}
	if a.domain.hi != nil {
		hi = *a.domain.hi
		points = append(points, hi)
	}
	if len(points) == 0 {
		points = []int{0}
	}
	slices.Sort(points)
	points = slices.DeleteFunc(slices.Compact(points), func(n int) bool { return n < lo || n > hi })
	return points
}

// texts lists strings so that each cell between the constants, in OPA's order (by bytes), holds one.
func (a *atom) texts() []string {
	points := []string{""}
	for _, c := range a.consts {
		if s, ok := c.Value.(ast.String); ok {
			points = append(points, string(s), string(s)+"\x00")
		}
	}
	slices.SortFunc(points, strings.Compare)
	return slices.Compact(points)
}

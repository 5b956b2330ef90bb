package evaluate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// Explain runs one rule on one subject again and shows what it decided and how: each line of Rego that was looked at, with the values
// it saw, such as `397 > 97`. Facts that were not read are absent in it; of an unknown verdict it names those that decide.
func (e *Engine) Explain(ctx context.Context, rule string, s *Subject) (string, error) {
	rl := e.find(rule)
	if rl == nil {
		return "", errors.New(unknown("rule", rule, e.ids()))
	}
	run := newRun(ctx, e)
	defer run.done()
	j := run.judge(rl, s)
	in := input(s.resource, rl.terms[s.tier])
	t := &trace{input: in, sources: e.sourceLines()}
	var errs []topdown.Error
	err := run.query(rl.program.verdict, in, &errs).WithQueryTracer(t).WithIndexing(false).Iter(ctx, func(topdown.QueryResult) error { return nil })
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil && j.Err == "" {
		j.Err = errorText(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", rl.ID, judgementText(j))
	if j.Verdict == finding.Unknown && len(s.unread) > 0 {
		b.WriteString("\nBelow, facts that were not read are absent.\n")
	}
	for _, l := range s.open {
		v := "absent"
		if t := s.resource.Get(ast.StringTerm(l.name)); t != nil {
			v = t.String()
		}
		fmt.Fprintf(&b, "\nBelow, %s is taken for %s, one of %d it can be.\n", l.name, v, len(l.candidates))
	}
	t.write(&b)
	return b.String(), nil
}

// sourceLines are the lines of all Rego files, by the name that locations use.
func (e *Engine) sourceLines() map[string][]string {
	out := map[string][]string{}
	add := func(files []*file) {
		for _, f := range files {
			out[f.name] = strings.Split(f.text, "\n")
		}
	}
	seen := map[*folder]bool{}
	for _, rl := range e.rules {
		add(rl.source.files)
		seen[rl.source.folder] = true
	}
	for f := range seen {
		add(f.libs)
	}
	return out
}

// trace collects what was looked at, in order. It is a tracer of its own because OPA's buffer keeps events, not the values of
// variables at their time.
type trace struct {
	input   ast.Object
	sources map[string][]string
	steps   []*step
}

type step struct {
	file   string
	row    int
	values string
	naming bool // it only gives a name to a value, which is worth showing where there is none
	failed bool
	query  uint64
	node   *ast.Expr
}

// Enabled makes it a topdown.QueryTracer.
func (*trace) Enabled() bool { return true }

// Config asks for nothing that costs time.
func (*trace) Config() topdown.TraceConfig { return topdown.TraceConfig{} }

// TraceEvent notes an expression that is looked at, and whether it holds.
func (t *trace) TraceEvent(ev topdown.Event) {
	e, ok := ev.Node.(*ast.Expr)
	if !ok || e.Location == nil || t.sources[e.Location.File] == nil || e.Location.Offset == inHead {
		return
	}
	switch ev.Op {
	case topdown.EvalOp:
		if n := len(t.steps); n > 0 && t.steps[n-1].node.Negated && t.steps[n-1].query == ev.ParentID && t.steps[n-1].row == e.Location.Row {
			return // what stands below the not is shown with it
		}
		s := &step{file: e.Location.File, row: e.Location.Row, query: ev.QueryID, node: e}
		s.values, s.naming = t.values(&ev, e)
		t.steps = append(t.steps, s)
	case topdown.FailOp:
		for i := len(t.steps) - 1; i >= 0; i-- {
			if s := t.steps[i]; s.node == e && s.query == ev.QueryID {
				s.failed = true
				return
			}
		}
	}
}

// write shows each line once for each set of values it saw, under the name of its file.
func (t *trace) write(b *strings.Builder) {
	file, shown := "", map[string]bool{}
	for _, s := range t.steps {
		lines := t.sources[s.file]
		if s.naming && !s.failed || s.row > len(lines) || strings.HasPrefix(lines[s.row-1], "package ") {
			continue
		}
		line := fmt.Sprintf("%5d  %s\n       %s\n", s.row, strings.TrimSpace(lines[s.row-1]), s)
		if shown[s.file+line] {
			continue
		}
		shown[s.file+line] = true
		if s.file != file {
			file = s.file
			fmt.Fprintf(b, "\n%s\n", file)
		}
		b.WriteString(line)
	}
}

// String reads: 397 > 97: holds.
func (s *step) String() string {
	result := "holds"
	if s.failed {
		result = "does not hold"
	}
	if s.values == "" || strings.HasPrefix(s.values, "data.") {
		return result
	}
	return s.values + ": " + result
}

// values writes an expression with the values of its terms, and says whether it only names a value.
func (t *trace) values(ev *topdown.Event, e *ast.Expr) (text string, naming bool) {
	prefix := ""
	if e.Negated {
		prefix = "not "
	}
	switch terms := e.Terms.(type) {
	case *ast.Term:
		return prefix + t.text(ev, terms), false
	case []*ast.Term:
		op := terms[0].String()
		if (op == "eq" || op == "assign") && len(terms) == 3 {
			switch {
			case isVar(terms[1]):
				return t.text(ev, terms[2]), true
			case isVar(terms[2]):
				return t.text(ev, terms[1]), true
			}
		}
		args := make([]string, len(terms)-1)
		for i, a := range terms[1:] {
			args[i] = t.text(ev, a)
		}
		if infix := infixOf(op); infix != "" && len(args) >= 2 {
			return prefix + args[0] + " " + infix + " " + args[1], len(args) == 3 // the third takes the result
		}
		if n := len(args); n > 0 && args[n-1] == "_" {
			args = args[:n-1]
		}
		return prefix + strings.TrimPrefix(op, "data.") + "(" + strings.Join(args, ", ") + ")", false
	}
	return "", true
}

// infixOf is how Rego spells an operator between its operands.
func infixOf(op string) string {
	switch op {
	case "eq":
		return "=="
	case "internal.member_2":
		return "in"
	}
	if b, ok := ast.BuiltinMap[op]; ok {
		return b.Infix
	}
	return ""
}

func isVar(t *ast.Term) bool {
	_, ok := t.Value.(ast.Var)
	return ok
}

// text is the value of a term at an event, cut where it is long.
func (t *trace) text(ev *topdown.Event, term *ast.Term) string {
	v := ev.Plug(term)
	if isVar(v) {
		return "_"
	}
	if r, ok := v.Value.(ast.Ref); ok {
		from, held := r[0].Value.(ast.Object) // a name whose value is known by now
		switch {
		case r[0].Equal(ast.InputRootDocument):
			from, held = t.input, true
		case !held:
			return r.String()
		}
		found, err := from.Find(r[1:])
		switch {
		case err == nil:
			v = ast.NewTerm(found)
		case !r.IsGround():
			return r.String()
		default:
			return "absent(" + strings.TrimPrefix(r[1:].String(), "resource.") + ")"
		}
	}
	s := v.String()
	if _, ok := v.Value.(ast.Object); ok && len(s) > 60 {
		return "{...}"
	}
	if len(s) > 60 {
		return s[:57] + "..."
	}
	return s
}

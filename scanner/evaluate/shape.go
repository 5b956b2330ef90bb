package evaluate

import (
	"errors"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// The names that the engine knows in a rule's package, and the one it adds.
const (
	denyName      = "deny"
	appliesName   = "applies"
	violationName = "__violation__" // a deny, without what it says
)

// checkShape finds denies and applies that are not written as the engine needs them: a misunderstanding there would be a pass.
func checkShape(s *source) error {
	var errs []error
	denies := 0
	for _, f := range s.files {
		for _, r := range f.module.Rules {
			if len(r.Head.Ref()) == 0 {
				continue
			}
			wrong := func(format string, args ...any) {
				errs = append(errs, &mistake{f.name, r.Location.Row, fmt.Sprintf(format, args...)})
			}
			switch name := r.Head.Ref()[0].Value.String(); name {
			case denyName:
				denies++
				if r.Default || r.Head.RuleKind() != ast.MultiValue || len(r.Head.Ref()) != 1 || r.Else != nil {
					wrong("deny is not written as a set: deny contains {\"message\": \"...\"} if { ... }")
					continue
				}
				checkHead(r, wrong)
			case appliesName:
				if r.Default || len(r.Head.Ref()) != 1 || len(r.Head.Args) > 0 || r.Else != nil || r.Head.Value == nil || !r.Head.Value.Equal(ast.InternedTerm(true)) {
					wrong("applies is not written as a condition: applies if { ... }")
				}
			case violationName:
				wrong("the name %s is the engine's own; choose another", name)
			}
		}
	}
	if denies == 0 && len(s.files) > 0 {
		errs = append(errs, &mistake{s.headFile, s.header.line, "there is no deny; a rule fails by: deny contains {\"message\": \"...\"} if { ... }"})
	}
	return errors.Join(errs...)
}

var headKeys = []string{"message", "at", "facts", "severity"}

func checkHead(r *ast.Rule, wrong func(string, ...any)) {
	o, ok := r.Head.Key.Value.(ast.Object)
	if !ok {
		wrong("deny yields %s; it yields an object written out: {\"message\": \"...\", \"at\": ..., \"facts\": {...}}", r.Head.Key)
		return
	}
	message := false
	o.Foreach(func(k, v *ast.Term) {
		key, _ := k.Value.(ast.String)
		switch key {
		case "message":
			text, ok := v.Value.(ast.String)
			if message = true; !ok || text == "" {
				wrong("the message of a deny is not a constant text; what varies belongs into \"facts\", because consumers tell findings apart by their message")
			}
		case "at", "severity": // lint_severity.go looks at what the severity can be
		case "facts":
			facts, ok := v.Value.(ast.Object)
			if !ok {
				wrong("the facts of a deny are no object written out: {\"age_days\": ...}")
				return
			}
			facts.Foreach(func(k, _ *ast.Term) {
				if _, ok := k.Value.(ast.String); !ok {
					wrong("the facts of a deny have a name that is no constant text: %s", k)
				}
			})
		default:
			wrong("deny: %s", unknown("key", string(key), headKeys))
		}
	})
	if !message {
		wrong("deny has no \"message\"")
	}
}

// prepare rewrites a parsed rule for the engine:
//
//   - A value of a deny's head that is not constant, T, becomes [v | v := T]. Its head then is always defined, so a fact that is
//     absent can no longer swallow the finding that mentions it.
//   - Beside each deny stands a rule of the same body that says only that it holds.
//
// Rego tests run on the rules as they were written, not on these.
func prepare(modules []*ast.Module) {
	for _, m := range modules {
		var added []*ast.Rule
		for _, r := range m.Rules {
			if r.Head.Ref()[0].Value.Compare(ast.Var(denyName)) == 0 {
				v := r.Copy()
				v.Head = ast.NewHead(violationName, nil, ast.InternedTerm(true))
				v.Head.Location = r.Head.Location
				v.Module = m
				added = append(added, v)
				r.Head.Key = total(r.Head.Key, 0)
			}
		}
		m.Rules = append(m.Rules, added...)
	}
}

// inHead is the offset of expressions that prepare adds to a head; explain leaves them out.
const inHead = -1

// total makes a term that is always defined: constants and objects stay, anything else becomes a list of at most one value.
func total(t *ast.Term, depth int) *ast.Term {
	if ast.IsConstant(t.Value) {
		return t
	}
	if o, ok := t.Value.(ast.Object); ok && depth < 2 {
		n := ast.NewObject()
		o.Foreach(func(k, v *ast.Term) { n.Insert(k, total(v, depth+1)) })
		return &ast.Term{Value: n, Location: t.Location}
	}
	v := func() *ast.Term { return &ast.Term{Value: ast.Var("value__"), Location: t.Location} }
	is := ast.Assign.Expr(v(), t)
	if t.Location != nil {
		loc := *t.Location
		loc.Offset = inHead
		is.Location = &loc
	}
	for _, x := range is.Terms.([]*ast.Term) {
		if x.Location == nil {
			x.Location = t.Location
		}
	}
	return &ast.Term{Value: &ast.ArrayComprehension{Term: v(), Body: ast.NewBody(is)}, Location: t.Location}
}

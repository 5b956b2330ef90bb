package evaluate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// linter looks through one rule of Rego for constructs that defeat the procedure for unknown facts, and for constants that no fact
// ever equals.
type linter struct {
	file    *file
	aliases map[ast.Var]ast.Ref // key := input.resource.key
	guards  map[string]bool     // "semver.is_valid x": checks that stand in the body
	// settings are the rule's, by name, with the value of one tier; empty for a library.
	settings map[string]any
	out      []Problem
}

func lintFile(f *file, settings map[string]any) []Problem {
	var out []Problem
	for _, r := range f.module.Rules {
		l := &linter{file: f, aliases: map[ast.Var]ast.Ref{}, guards: map[string]bool{}, settings: settings}
		for e := r; e != nil; e = e.Else {
			l.collect(e)
		}
		l.rule(r)
		out = append(out, l.out...)
	}
	return out
}

func (l *linter) say(warning bool, loc *ast.Location, format string, args ...any) {
	p := Problem{File: l.file.name, Text: fmt.Sprintf(format, args...), Warning: warning}
	if loc != nil {
		p.Line = loc.Row
	}
	l.out = append(l.out, p)
}

// collect notes what names stand for, and what has been checked.
func (l *linter) collect(r *ast.Rule) {
	ast.WalkExprs(r, func(e *ast.Expr) bool {
		t, ok := e.Terms.([]*ast.Term)
		if !ok || e.Negated {
			return false
		}
		op := t[0].String()
		if (op == "assign" || op == "eq") && len(t) == 3 {
			v, isVar := t[1].Value.(ast.Var)
			ref, isRef := t[2].Value.(ast.Ref)
			if isVar && isRef {
				l.aliases[v] = ref
			}
		}
		for _, a := range t[1:] {
			l.guards[op+" "+a.String()] = true
		}
		return false
	})
}

// expand writes a reference out from input, as far as names are known.
func (l *linter) expand(r ast.Ref) ast.Ref {
	for range 8 {
		v, ok := r[0].Value.(ast.Var)
		if !ok {
			return r
		}
		head, known := l.aliases[v]
		if !known || head[0].Value.Compare(v) == 0 {
			return r
		}
		r = head.Concat(r[1:])
	}
	return r
}

// field finds the field that a term names, and the path to it.
func (l *linter) field(t *ast.Term) (*field, ast.Ref) {
	var r ast.Ref
	switch v := t.Value.(type) {
	case ast.Ref:
		r = l.expand(v)
	case ast.Var:
		r = l.expand(ast.Ref{t})
	default:
		return nil, nil
	}
	if len(r) < 2 || !r[0].Equal(ast.InputRootDocument) || !r[1].Equal(resourceKey) {
		return nil, nil
	}
	if len(r) == 2 {
		return wholeResource, r
	}
	names := namesOf(r)
	if len(names) != len(r)-2 {
		return nil, r
	}
	return fieldAt(names), r
}

// wholeResource is input.resource itself.
var wholeResource = &field{name: "resource", shape: aStruct}

func (l *linter) rule(r *ast.Rule) {
	if r.Else != nil {
		l.say(true, r.Else.Location, "else: where a fact of an earlier branch was not read, the verdict stays unknown even if no branch could change it; write separate conditions")
	}
	declared := map[*ast.Term]bool{} // some x in LIST asks for no membership
	ast.WalkExprs(r, func(e *ast.Expr) bool {
		if len(e.With) > 0 {
			l.say(false, e.Location, "with: the facts of the resource must not be replaced in a rule; give what varies to a function as an argument")
		}
		if d, ok := e.Terms.(*ast.SomeDecl); ok {
			for _, s := range d.Symbols {
				declared[s] = true
				if c, ok := s.Value.(ast.Call); ok && len(c) > 1 {
					l.iterates(c[len(c)-1], s.Location)
				}
			}
			return false
		}
		if every, ok := e.Terms.(*ast.Every); ok {
			l.iterates(every.Domain, e.Location)
		}
		if t, ok := e.Terms.([]*ast.Term); ok {
			l.call(t, e.Location)
		}
		return false
	})
	tolerated := defaultsOfFacts(r)
	ast.WalkTerms(r, func(t *ast.Term) bool {
		switch v := t.Value.(type) {
		case ast.Call:
			if !declared[t] && !tolerated[t] {
				l.call(v, t.Location)
			}
		case ast.Ref:
			l.reference(l.expand(v), t.Location)
		}
		return false
	})
}

// defaultsOfFacts are the calls of object.get that stand as a fact of a deny: what is not known there decides nothing.
func defaultsOfFacts(r *ast.Rule) map[*ast.Term]bool {
	out := map[*ast.Term]bool{}
	if r.Head.Key == nil {
		return out
	}
	violation, ok := r.Head.Key.Value.(ast.Object)
	if !ok {
		return out
	}
	if facts := violation.Get(ast.StringTerm("facts")); facts != nil {
		if list, ok := facts.Value.(ast.Object); ok {
			list.Foreach(func(_, v *ast.Term) {
				if c, ok := v.Value.(ast.Call); ok && c[0].String() == "object.get" {
					out[v] = true
				}
			})
		}
	}
	return out
}

// iterates reports `some k, v in OBJECT` over an object whose fields are fixed.
func (l *linter) iterates(over *ast.Term, loc *ast.Location) {
	if f, r := l.field(over); f != nil && f.shape == aStruct {
		l.say(false, loc, "it iterates over the fields of %s, which are fixed; name the field", r)
	}
}

// reference reports OBJECT[k] over such an object.
func (l *linter) reference(r ast.Ref, loc *ast.Location) {
	if len(r) < 3 || !r[0].Equal(ast.InputRootDocument) || !r[1].Equal(resourceKey) {
		return
	}
	for i := 2; i < len(r); i++ {
		if _, named := r[i].Value.(ast.String); named {
			continue
		}
		f := wholeResource
		if i > 2 {
			f = fieldAt(namesOf(r[:i]))
		}
		if f != nil && f.shape == aStruct {
			l.say(false, loc, "it iterates over the fields of %s, which are fixed; name the field", r[:i])
		}
		return
	}
}

func (l *linter) call(t []*ast.Term, loc *ast.Location) {
	if loc == nil {
		loc = t[0].Location
	}
	op := t[0].String()
	args := t[1:]
	switch op {
	case "walk":
		l.say(false, loc, "walk: it looks at every fact, so any that was not read would decide; name the facts")
	case "object.get":
		l.say(true, loc, "object.get: its default also stands in for a fact that was not read, which leaves the verdict unknown; write the condition with not")
	case "object.keys":
		if len(args) > 0 {
			l.iterates(args[0], loc)
		}
	case "equal", "neq", "eq", "lt", "lte", "gt", "gte":
		if len(args) == 2 {
			l.compare(op, args[0], args[1], loc)
			if orderings[op] != nil {
				l.ordered(args[0], args[1], loc)
			}
		}
	case "internal.member_2", "internal.member_3":
		l.member(args[len(args)-2], args[len(args)-1], loc)
	}
	l.fallible(op, args, loc)
}

// compare reports comparisons of whole objects, and constants that a closed set does not hold.
func (l *linter) compare(op string, a, b *ast.Term, loc *ast.Location) {
	for _, pair := range [][2]*ast.Term{{a, b}, {b, a}} {
		f, r := l.field(pair[0])
		if f != nil && (f.shape == aStruct || f.shape == structs || f.shape == aMap) && op != "eq" {
			l.say(false, loc, "it compares %s as a whole; compare the facts that matter", r)
		}
		if _, isObject := pair[0].Value.(ast.Object); isObject && op != "eq" {
			l.say(false, loc, "it compares with a whole object; compare the facts that matter")
		}
		l.enum(f, r, pair[1], loc)
	}
}

// member reports `x in LIST OF OBJECTS`, and constants on either side that a closed set does not hold.
func (l *linter) member(x, in *ast.Term, loc *ast.Location) {
	if f, r := l.field(in); f != nil {
		if f.shape == structs || f.shape == aStruct {
			l.say(false, loc, "it asks for a whole object in %s; write: some x in %s, and compare the facts that matter", r, r)
		}
		if f.shape == strings_ {
			l.enum(f, r, x, loc)
		}
	}
	f, r := l.field(x)
	each := func(t *ast.Term) { l.enum(f, r, t, loc) }
	switch c := in.Value.(type) {
	case ast.Set:
		c.Foreach(each)
	case *ast.Array:
		c.Foreach(each)
	}
}

func (l *linter) enum(f *field, r ast.Ref, constant *ast.Term, loc *ast.Location) {
	s, ok := constant.Value.(ast.String)
	if f == nil || f.enum == nil || !ok || slices.Contains(f.enum, string(s)) {
		return
	}
	hint := ""
	if n := strictyaml.Nearest(string(s), f.enum); n != "" {
		hint = fmt.Sprintf(", did you mean %q?", n)
	}
	l.say(false, loc, "%s is never %q%s; it is one of %s", r, string(s), hint, strings.Join(f.enum, ", "))
}

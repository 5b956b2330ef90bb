package evaluate

import (
	"reflect"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// A domain is the set of values that a fact which was not read can have.
type domain struct {
	kind     domainKind
	enum     []string // of an enum
	lo, hi   *int     // bounds of an integer, inclusive; nil: none
	optional bool     // it may be absent
}

type domainKind int

const (
	anything   domainKind = iota // a list, an object, or a path that no type knows
	booleans                     //
	integers                     //
	enumerated                   // one of a closed set of strings
	texts                        // any string
	nothing                      // known to be absent
)

// fieldAt finds the field at a path below input.resource, such as "key", "rotation", "next_in_days". It is nil for an entry of a
// map and for a path that no resource has.
func fieldAt(path []string) *field {
	p := planOf(reflect.TypeFor[document]())
	for i, name := range path {
		f := p.byName[name]
		if f == nil || i == len(path)-1 {
			return f
		}
		if f.shape != aStruct {
			return nil
		}
		p = f.sub
	}
	return nil
}

// domainOf is the domain of a path by its type alone; the caller sets optional and bounds.
func domainOf(path []string) domain {
	f := fieldAt(path)
	if f == nil {
		if len(path) == 2 && path[0] == "tags" {
			return domain{kind: texts}
		}
		return domain{kind: anything}
	}
	switch f.shape {
	case aString:
		if f.enum != nil {
			return domain{kind: enumerated, enum: f.enum}
		}
		return domain{kind: texts}
	case aBool:
		return domain{kind: booleans}
	case anInt:
		return domain{kind: integers}
	case aTime:
		return domain{kind: texts}
	case days:
		d := domain{kind: integers}
		if !f.until {
			d.lo = new(int) // an age is never negative
		}
		return d
	}
	return domain{kind: anything}
}

// splitFact cuts a fact's path into names. What follows "tags." is one name, since tags may hold dots. A part of a list is not
// told apart from the list.
func splitFact(fact string) []string {
	if key, ok := strings.CutPrefix(fact, "tags."); ok {
		return []string{"tags", key}
	}
	names := strings.Split(fact, ".")
	for i := 1; i < len(names); i++ {
		if f := fieldAt(names[:i]); f != nil && f.shape != aStruct {
			return names[:i]
		}
	}
	return names
}

// resourceRef is the reference input.resource.NAMES.
func resourceRef(names []string) ast.Ref {
	r := make(ast.Ref, 0, len(names)+2)
	r = append(r, ast.InputRootDocument, resourceKey)
	for _, n := range names {
		r = append(r, ast.StringTerm(n))
	}
	return r
}

var (
	resourceKey = interned("resource")
	settingsKey = interned("settings")
)

// namesOf is the inverse of resourceRef; it stops at the first part that is not a constant string.
func namesOf(r ast.Ref) []string {
	var names []string
	for _, t := range r[min(2, len(r)):] {
		s, ok := t.Value.(ast.String)
		if !ok {
			break
		}
		names = append(names, string(s))
	}
	return names
}

package evaluate

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// A plan says how one struct type becomes an object of the input. Plans are made once per type.
type plan struct {
	fields []*field
	byName map[string]*field // derived day counts included
}

// field is one key of such an object.
type field struct {
	name  string
	key   *ast.Term // interned
	index int       // in the struct
	omit  bool      // the zero value is left out
	shape shape
	enum  []string             // closed set of its values or, for a list, of its elements
	terms map[string]*ast.Term // of enum, interned
	sub   *plan                // of a struct, or of the elements of a list

	derived *field // of a time: the day count that goes with it
	until   bool   // of a derived day count: from the clock to the time, else from the time to the clock
	from    string // of a derived day count: the name of its time
}

// shape is the kind of value that a field holds.
type shape int

const (
	aString shape = iota
	aBool
	anInt
	aTime
	aStruct
	aMap     // of strings
	strings_ // a list of strings
	structs  // a list of structs
	days     // a derived day count
)

var (
	plans    sync.Map // reflect.Type to *plan
	timeType = reflect.TypeFor[time.Time]()
)

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p := &plan{byName: map[string]*field{}}
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("json") == "-" {
			continue
		}
		f := newField(t, i)
		p.fields = append(p.fields, f)
		p.byName[f.name] = f
		if f.derived != nil {
			p.byName[f.derived.name] = f.derived
		}
	}
	got, _ := plans.LoadOrStore(t, p)
	return got.(*plan)
}

// newField reads a field's type and tags. A type it does not know is a mistake in this program, so it panics.
func newField(t reflect.Type, i int) *field {
	sf := t.Field(i)
	name, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
	f := &field{name: name, key: interned(name), index: i, omit: options == "omitzero", enum: closedSet(sf.Tag.Get("enum"))}
	f.terms = map[string]*ast.Term{}
	for _, v := range f.enum {
		f.terms[v] = interned(v)
	}
	ft := sf.Type
	if ft.Kind() == reflect.Pointer {
		ft = ft.Elem()
	}
	switch {
	case ft == timeType:
		f.shape = aTime
		if d := sf.Tag.Get("derive"); d != "" {
			way, as, _ := strings.Cut(d, "=")
			f.derived = &field{name: as, key: interned(as), shape: days, until: way == "until", from: name, omit: true}
		}
	case ft.Kind() == reflect.String:
		f.shape = aString
	case ft.Kind() == reflect.Bool:
		f.shape = aBool
	case ft.Kind() == reflect.Int:
		f.shape = anInt
	case ft.Kind() == reflect.Struct:
		f.shape, f.sub = aStruct, planOf(ft)
	case ft.Kind() == reflect.Map && ft.Elem().Kind() == reflect.String:
		f.shape = aMap
	case ft.Kind() == reflect.Slice && ft.Elem().Kind() == reflect.String:
		f.shape = strings_
	case ft.Kind() == reflect.Slice && ft.Elem().Kind() == reflect.Struct:
		f.shape, f.sub = structs, planOf(ft.Elem())
	default:
		panic(fmt.Sprintf("evaluate: field %s.%s has a type that rules cannot see: %s", t, sf.Name, sf.Type))
	}
	return f
}

func closedSet(tag string) []string {
	switch tag {
	case "":
		return nil
	case "@types":
		return resourceTypes()
	case "@kinds":
		return kinds()
	case "@purposes":
		return purposes
	}
	return strings.Split(tag, ",")
}

// interned makes the one term of a name. Only names from struct tags come here, so the table stays small.
func interned(name string) *ast.Term { return &ast.Term{Value: ast.String(name)} }

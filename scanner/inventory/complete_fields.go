package inventory

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// HasFact reports whether a resource states a fact, named by its path in the resource's JSON: "key.rotation.automatic",
// "tags", "tags.team". False, 0 and an empty list are stated; nil and "" are not.
func (r *Resource) HasFact(path string) bool {
	if key, ok := strings.CutPrefix(path, "tags."); ok {
		_, has := r.Tags[key]
		return has
	}
	_, ok := fieldAt(reflect.ValueOf(r).Elem(), path)
	return ok
}

// fieldAt returns the field at a path, if it is stated.
func fieldAt(root reflect.Value, path string) (reflect.Value, bool) {
	p, ok := fieldByPath(path)
	if !ok {
		return reflect.Value{}, false
	}
	v, ok := follow(root, p.index)
	return v, ok && !(p.omit && v.IsZero())
}

// A field is one place in the JSON of a resource.
type field struct {
	path  string
	index []int    // of the fields on the way from Resource; pointers are followed
	omit  bool     // the zero value is "not stated"
	enum  []string // the closed set of its values, or of its elements; nil: open
}

// follow walks from a resource to a field. It is false where a pointer on the way is nil.
func follow(v reflect.Value, index []int) (reflect.Value, bool) {
	for _, i := range index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v, true
}

// allows reports whether a string or every string of a slice is in the closed set. An unstated one is.
func (p field) allows(v reflect.Value) bool {
	if v.Kind() == reflect.String {
		return v.Len() == 0 || slices.Contains(p.enum, v.String())
	}
	for i := range v.Len() {
		if !slices.Contains(p.enum, v.Index(i).String()) {
			return false
		}
	}
	return true
}

// A facetTable lists the fields of one facet that need a look: times and closed sets.
type facetTable struct {
	field int // of Resource
	times []field
	enums []field
}

// facets is made from the struct tags, by kind: a facet's JSON name is its kind.
var facets = func() map[Kind]facetTable {
	out := map[Kind]facetTable{}
	t := reflect.TypeFor[Resource]()
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type.Kind() != reflect.Pointer || f.Type == reflect.TypeFor[*Location]() {
			continue
		}
		name := jsonName(f)
		table := facetTable{field: i}
		eachField(f.Type.Elem(), name+".", []int{i}, func(p field, ft reflect.Type) {
			if ft == reflect.TypeFor[*time.Time]() {
				table.times = append(table.times, p)
			}
			if p.enum != nil {
				table.enums = append(table.enums, p)
			}
		})
		out[Kind(name)] = table
	}
	return out
}()

// kinds lists the kinds that have a facet, sorted.
var kinds = slices.Sorted(maps.Keys(facets))

// eachField visits every field below a struct, depth first.
func eachField(t reflect.Type, prefix string, index []int, visit func(field, reflect.Type)) {
	for i := range t.NumField() {
		f := t.Field(i)
		if jsonName(f) == "-" {
			continue // no part of the JSON
		}
		p := field{path: prefix + jsonName(f), index: append(slices.Clone(index), i)}
		p.omit = strings.Contains(f.Tag.Get("json"), ",omitzero")
		if enum := f.Tag.Get("enum"); enum != "" {
			p.enum = strings.Split(enum, ",")
		}
		visit(p, f.Type)
		if e := f.Type; e.Kind() == reflect.Pointer && e.Elem().Kind() == reflect.Struct && e.Elem() != reflect.TypeFor[time.Time]() {
			eachField(e.Elem(), p.path+".", p.index, visit)
		}
	}
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// paths holds every path of a resource's JSON, made when first asked for.
var paths = sync.OnceValue(func() map[string]field {
	out := map[string]field{}
	eachField(reflect.TypeFor[Resource](), "", nil, func(p field, _ reflect.Type) { out[p.path] = p })
	return out
})

func fieldByPath(path string) (field, bool) {
	p, ok := paths()[path]
	return p, ok
}

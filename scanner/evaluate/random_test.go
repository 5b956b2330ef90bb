package evaluate

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/relate"
)

// A world is a resource with its surroundings, wholly known or not.
type world struct {
	resource inventory.Resource
	labels   relate.Labels
	edges    []relate.Edge
	series   *relate.Series
	found    access.Found
}

func (w *world) subject() *Subject {
	return NewSubject(&w.resource, w.labels, w.edges, w.series, w.found, exampleClock)
}

// source of random facts. Values come from small pools around the constants of the rules, so that they meet them often.
type dice struct{ *rand.Rand }

func newDice(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 7))} }

func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

func pick[T any](d dice, list ...T) T { return list[d.IntN(len(list))] }

func (d dice) number() int {
	return pick(d, 0, 1, 2, 10, 11, 29, 30, 31, 60, 61, 89, 90, 91, 97, 98, 180, 181, 182, 365, 366, 395, 396, 800, 1024, 2047, 2048, 3072)
}

func (d dice) text() string {
	return pick(d, "x", "y", "rsa", "rsa-2048", "rsa-4096", "aes256-gcm96", "root", "*", "0.0.0.0/0", "10.0.0.0/8", "a/b", "-")
}

// fill gives random values to the fields of a struct; some of those that may be are left out.
func (d dice) fill(v reflect.Value, p *plan) {
	for _, f := range p.fields {
		if d.chance(88) || !f.omit {
			d.set(v.Field(f.index), f)
		}
	}
}

func (d dice) set(v reflect.Value, f *field) {
	if v.Kind() == reflect.Pointer {
		n := reflect.New(v.Type().Elem())
		d.set(n.Elem(), f)
		v.Set(n)
		return
	}
	switch f.shape {
	case aString:
		if f.enum != nil {
			v.SetString(pick(d, f.enum...))
		} else {
			v.SetString(d.text())
		}
	case aBool:
		v.SetBool(d.chance(50))
	case anInt:
		v.SetInt(int64(d.number()))
	case aTime:
		t := exampleClock.Add(-time.Duration(d.number())*24*time.Hour - time.Duration(d.IntN(86400))*time.Second)
		if f.derived != nil && f.derived.until && d.chance(60) {
			t = exampleClock.Add(time.Duration(d.number())*24*time.Hour + time.Duration(d.IntN(86400))*time.Second)
		}
		v.Set(reflect.ValueOf(t))
	case aStruct:
		d.fill(v, f.sub)
	case strings_:
		list := []string{}
		for range d.IntN(4) {
			if f.enum != nil {
				list = append(list, pick(d, f.enum...))
			} else {
				list = append(list, d.text())
			}
		}
		slices.Sort(list)
		v.Set(reflect.ValueOf(slices.Compact(list)))
	case structs:
		list := reflect.MakeSlice(v.Type(), d.IntN(4), 3)
		for i := range list.Len() {
			d.fill(list.Index(i), f.sub)
		}
		v.Set(list)
	}
}

func (d dice) tags() map[string]string {
	if d.chance(30) {
		return nil
	}
	out := map[string]string{}
	for _, k := range []string{"env", "team", "a.b"} {
		if d.chance(40) {
			out[k] = pick(d, "x", "y")
		}
	}
	return out
}

func (d dice) edgeList() []relate.Edge {
	var out []relate.Edge
	for range d.IntN(4) {
		out = append(out, relate.Edge{
			Type: "names", Way: pick(d, "in", "out"), To: inventory.ID(pick(d, "p", "q", "r")), Target: "vault.policy",
			Name: pick(d, "", "n"), End: pick(d, "present", "absent", "unread"),
		})
	}
	return out
}

// world makes a wholly known one of a random type.
func (d dice) world() *world {
	info := pick(d, inventory.Types...)
	if d.chance(60) {
		info, _ = inventory.TypeOf(pick(d, "aws.kms.key", "vault.transit.key"))
	}
	w := &world{resource: inventory.Resource{
		ID: "example", Type: info.Type, Kind: info.Kind, Name: d.text(), Origin: inventory.Live, Scope: "vault/x/root", Tags: d.tags(),
	}}
	root := reflect.ValueOf(&w.resource).Elem()
	facet := facetOf(info.Kind)
	d.set(root.FieldByIndex([]int{facet.index}), facet)
	for _, fact := range required(&w.resource) {
		d.give(&w.resource, fact)
	}
	w.labels = relate.Labels{
		Tier: relate.Label{Value: pick(d, relate.Tiers...)}, Environment: relate.Label{Value: pick(d, "", "x", "y")}, Owner: relate.Label{Value: pick(d, "", "x", "z")},
	}
	if info.Kind == inventory.KindKey || info.Kind == inventory.KindSecret {
		w.labels.Purpose = relate.Label{Value: pick(d, purposes...)}
	}
	w.edges = d.edgeList()
	if d.chance(50) {
		w.series = &relate.Series{Name: "s", Role: pick(d, relate.Current, relate.Predecessor)}
	}
	w.found.Summary = d.summary()
	return w
}

// summary says at random who may do what; one of two parts says nothing, so that rules find some of the others empty.
func (d dice) summary() *access.Summary {
	out := &access.Summary{}
	v := reflect.ValueOf(out).Elem()
	for _, f := range planOf(v.Type()).fields {
		d.set(v.Field(f.index), f)
		if d.chance(50) {
			clearLists(v.Field(f.index))
		}
	}
	return out
}

// clearLists makes all lists empty and all numbers zero.
func clearLists(v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	case reflect.Struct:
		for i := range v.NumField() {
			clearLists(v.Field(i))
		}
	default:
		v.SetZero()
	}
}

func facetOf(k inventory.Kind) *field {
	return planOf(reflect.TypeFor[inventory.Resource]()).byName[string(k)]
}

// required lists the required facts that a resource lacks.
func required(r *inventory.Resource) []string {
	var out []string
	for _, f := range r.RequiredFacts() {
		if !r.HasFact(f) {
			out = append(out, f)
		}
	}
	return out
}

// give sets a fact to a random value; take removes it.
func (d dice) give(r *inventory.Resource, fact string) {
	if fact == "tags" {
		if r.Tags = d.tags(); r.Tags == nil {
			r.Tags = map[string]string{}
		}
		return
	}
	if key, ok := strings.CutPrefix(fact, "tags."); ok {
		if r.Tags == nil {
			r.Tags = map[string]string{}
		}
		r.Tags[key] = pick(d, "x", "y")
		return
	}
	v, f := place(r, fact, true)
	d.set(v, f)
}

func take(r *inventory.Resource, fact string) {
	if fact == "tags" {
		r.Tags = nil
		return
	}
	if key, ok := strings.CutPrefix(fact, "tags."); ok {
		delete(r.Tags, key)
		return
	}
	if v, _ := place(r, fact, false); v.IsValid() {
		v.SetZero()
	}
}

// place finds the field of a fact. With create it makes the structs on the way.
func place(r *inventory.Resource, fact string, create bool) (reflect.Value, *field) {
	return placeIn(reflect.ValueOf(r).Elem(), fact, create)
}

// placeIn finds the field at a path of a struct.
func placeIn(v reflect.Value, fact string, create bool) (reflect.Value, *field) {
	p := planOf(v.Type())
	names := strings.Split(fact, ".")
	for i, n := range names {
		f := p.byName[n]
		v = v.Field(f.index)
		if i == len(names)-1 {
			return v, f
		}
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				if !create {
					return reflect.Value{}, nil
				}
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		p = f.sub
	}
	panic("no such fact: " + fact)
}

// clone copies a world deeply enough to change facts in it.
func (w *world) clone() *world {
	out := *w
	out.resource = deepCopy(reflect.ValueOf(w.resource)).Interface().(inventory.Resource)
	out.found = deepCopy(reflect.ValueOf(w.found)).Interface().(access.Found)
	return &out
}

func deepCopy(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		n := reflect.New(v.Type().Elem())
		n.Elem().Set(deepCopy(v.Elem()))
		return n
	case reflect.Struct:
		if v.Type() == timeType {
			return v
		}
		n := reflect.New(v.Type()).Elem()
		for i := range v.NumField() {
			n.Field(i).Set(deepCopy(v.Field(i)))
		}
		return n
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		n := reflect.MakeMap(v.Type())
		for it := v.MapRange(); it.Next(); {
			n.SetMapIndex(it.Key(), it.Value())
		}
		return n
	}
	return v
}

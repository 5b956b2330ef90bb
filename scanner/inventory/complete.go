package inventory

import (
	"iter"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Complete makes a resource say of itself what it does not know. Required facts (see Types) that are missing and not listed
// in Unknown are added to it as not_read, so that a collector's slip cannot become a pass.
//
//   - A fact that is required only if another one holds is unknown when that other one is, for the same reason.
//   - A value outside the closed set of its field is dropped and listed as unreadable: a state that a back end invents
//     tomorrow must not read as "none of those that the rules look for".
//   - The facet of the resource's kind is there afterwards, if empty; times are in UTC; Unknown is sorted, one entry a fact.
//
// Complete is idempotent. Of two entries for one fact the first stays.
func (r *Resource) Complete() {
	r.settleFacet()
	for q := range r.required() {
		if r.Unread(q.Fact) == nil && !r.HasFact(q.Fact) {
			u := Unknown{Fact: q.Fact, Why: NotRead}
			if q.If != "" {
				if c := r.Unread(q.If); c != nil {
					u.Why, u.Call, u.Hint = c.Why, c.Call, c.Hint
				}
			}
			r.Unknown = append(r.Unknown, u)
		}
	}
	if len(r.Unknown) == 0 {
		r.Unknown = nil
		return
	}
	slices.SortStableFunc(r.Unknown, func(a, b Unknown) int { return strings.Compare(a.Fact, b.Fact) })
	r.Unknown = slices.CompactFunc(r.Unknown, func(a, b Unknown) bool { return a.Fact == b.Fact })
}

// RequiredFacts lists the facts that this resource has or ought to have, in the order of its type's table. A conditional one is
// listed when its condition holds or is not known.
func (r *Resource) RequiredFacts() []string {
	var out []string
	for q := range r.required() {
		out = append(out, q.Fact)
	}
	return out
}

// Facts counts the required facts of a resource that were read and those that were not. A fact that was read in part and is
// listed in Unknown all the same was not read.
func (r *Resource) Facts() (known, unknown int) {
	for q := range r.required() {
		if r.HasFact(q.Fact) && r.Unread(q.Fact) == nil {
			known++
		} else {
			unknown++
		}
	}
	return known, unknown
}

// required filters the type's table: what is required if something holds that is known not to hold is left out, and so is what only
// resources of another origin have.
func (r *Resource) required() iter.Seq[*Required] {
	return func(yield func(*Required) bool) {
		info, _ := TypeOf(r.Type)
		for i := range info.Required {
			q := &info.Required[i]
			if q.Only != "" && r.Origin != "" && q.Only != r.Origin || q.If != "" && !r.holds(q) {
				continue
			}
			if !yield(q) {
				return
			}
		}
	}
}

// holds reports whether the condition of a requirement holds, or may hold.
func (r *Resource) holds(q *Required) bool {
	v, ok := fieldAt(reflect.ValueOf(r).Elem(), q.If)
	if !ok || r.Unread(q.If) != nil {
		return true
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if q.Is != "" {
		return v.Kind() == reflect.String && slices.Contains(strings.Split(q.Is, ","), v.String())
	}
	return v.Kind() == reflect.Bool && v.Bool()
}

// Unread returns the entry of Unknown that lists a fact, or something that contains it; nil when there is none.
func (r *Resource) Unread(fact string) *Unknown {
	for i := range r.Unknown {
		u := &r.Unknown[i]
		if rest, ok := strings.CutPrefix(fact, u.Fact); ok && (rest == "" || rest[0] == '.') {
			return u
		}
	}
	return nil
}

// settleFacet makes the facet of the resource's kind, puts its times into UTC and drops values outside closed sets.
func (r *Resource) settleFacet() {
	facet, ok := facets[r.Kind]
	if !ok {
		return
	}
	root := reflect.ValueOf(r).Elem()
	if f := root.Field(facet.field); f.IsNil() {
		f.Set(reflect.New(f.Type().Elem()))
	}
	for _, p := range facet.times {
		if v, ok := follow(root, p.index); ok && !v.IsNil() {
			t := v.Interface().(*time.Time)
			if t.Location() != time.UTC {
				utc := t.UTC()
				v.Set(reflect.ValueOf(&utc))
			}
		}
	}
	for _, p := range facet.enums {
		if v, ok := follow(root, p.index); ok && !p.allows(v) {
			v.SetZero()
			if r.Unread(p.path) == nil {
				r.Unknown = append(r.Unknown, Unknown{Fact: p.path, Why: Unreadable})
			}
		}
	}
	for i := range r.Unknown {
		for _, bound := range []**time.Time{&r.Unknown[i].After, &r.Unknown[i].Before} {
			if *bound != nil && (*bound).Location() != time.UTC {
				utc := (*bound).UTC()
				*bound = &utc
			}
		}
	}
}

package evaluate

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/relate"
)

// A Subject is one resource as rules see it: what was observed, its labels, edges and series, and whole-day counts of its times.
// It also knows which of its facts were not read. It does not change once made, so any number of goroutines may judge it.
type Subject struct {
	typ      string
	kind     inventory.Kind
	tier     string
	resource ast.Object // input.resource; facts that were not read are absent
	unread   []fact     // sorted by path
	open     []openLabel
	fileOnly bool // a file declares it, and nothing beside the file says who may do what
}

// A fact is a path of the input whose value was not read.
type fact struct {
	ref    ast.Ref // input.resource.key.age_days
	names  []string
	domain domain
	// what to report of it; for a derived day count, that of the time it comes from
	unknown inventory.Unknown
}

// An openLabel is a label that is one of several, all of which are known.
type openLabel struct {
	name       string
	candidates []string // "": the label is absent
	unknown    inventory.Unknown
}

// standIn is what package relate gives as a candidate for a name that stands in a tag which was not read.
const standIn = "(a tag that was not read)"

// NewSubject makes the subject of a resource, which must have been completed (see inventory.Resource.Complete). asOf is the clock
// that ages are counted to. The resource must not change afterwards.
func NewSubject(r *inventory.Resource, l relate.Labels, edges []relate.Edge, series *relate.Series, found access.Found, asOf time.Time) *Subject {
	d := document{
		ID: r.ID, Type: r.Type, Kind: r.Kind, Name: r.Name, Origin: r.Origin, Scope: r.Scope, Emulated: r.Emulated, Location: r.Location, Tags: r.Tags,
		Environment: l.Environment.Value, Tier: l.Tier.Value, Purpose: l.Purpose.Value, Owner: l.Owner.Value,
		Series: series, Edges: edges, Access: found.Summary,
		Key: r.Key, Secret: r.Secret, Credential: r.Credential, Trust: r.Trust, Policy: r.Policy, Store: r.Store, Audit: r.Audit, Account: r.Account,
		Certificate: r.Certificate, Principal: r.Principal, Workload: r.Workload,
		Ledger: r.Ledger, Rotation: r.Rotation,
	}
	if d.Tier == "" {
		d.Tier = tiers[0]
	}
	if r.Key != nil && r.Key.Rewrap == "" && l.Rewrap.Value != "" {
		key := *r.Key
		key.Rewrap = l.Rewrap.Value
		d.Key = &key
	}
	s := &Subject{typ: r.Type, kind: r.Kind, tier: d.Tier}
	s.resource = builder{asOf}.object(reflect.ValueOf(&d).Elem(), planOf(reflect.TypeFor[document]()))

	s.read(r, asOf)
	s.reach(r, found)
	if series != nil && series.Role == "" {
		d := domain{kind: enumerated, enum: []string{relate.Current, relate.Predecessor}}
		s.add([]string{"series", "role"}, d, inventory.Unknown{Fact: "series.role", Why: inventory.NotRead, Hint: "what names this key could not be read"})
	}
	if series != nil && series.OverlapUnread != "" {
		u := inventory.Unknown{Fact: "series.overlap_closes_at", Why: series.OverlapUnread, Hint: "rotation.ledger could not be read: see the gaps"}
		s.add([]string{"series", "overlap_closes_at"}, domain{kind: texts, optional: true}, u)
		s.add([]string{"series", "overlap_closes_in_days"}, domain{kind: integers, optional: true}, u)
	}
	s.labels(r, l)
	slices.SortStableFunc(s.unread, func(a, b fact) int { return slices.Compare(a.names, b.names) })
	s.unread = slices.CompactFunc(s.unread, func(a, b fact) bool { return slices.Equal(a.names, b.names) })
	var unread []ast.Ref
	for i := range s.unread {
		unread = append(unread, s.unread[i].ref[2:])
	}
	s.resource = without(s.resource, unread)
	return s
}

// MarshalJSON writes input.resource.
func (s *Subject) MarshalJSON() ([]byte, error) {
	v, err := ast.JSON(s.resource)
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

// labels lists what cannot be told of the labels. Tier and purpose are one of few, so every case of them is tried. The others are
// names, which may be any, and are unread facts.
func (s *Subject) labels(r *inventory.Resource, l relate.Labels) {
	for name, label := range map[string]relate.Label{"tier": l.Tier, "purpose": l.Purpose} {
		if label.Open() {
			s.open = append(s.open, openLabel{name, label.Candidates, because(r, name, label)})
		}
	}
	slices.SortFunc(s.open, func(a, b openLabel) int { return strings.Compare(a.name, b.name) })
	names := func(path []string, label relate.Label) {
		if !label.Open() {
			return
		}
		d := domain{kind: enumerated}
		if r.Unread("tags") != nil {
			d.kind = texts
		}
		for _, c := range label.Candidates {
			switch c {
			case "":
				d.optional = true
			case standIn:
				d.kind = texts
			default:
				d.enum = append(d.enum, c)
			}
		}
		s.add(path, d, because(r, strings.Join(path, "."), label))
	}
	names([]string{"environment"}, l.Environment)
	names([]string{"owner"}, l.Owner)
	if r.Key != nil && r.Key.Rewrap == "" {
		names([]string{"key", "rewrap"}, l.Rewrap)
	}
}

// because says why a label cannot be told: for want of a fact that was not read, which package relate names in its reason, or because
// no selector covers the resource.
func because(r *inventory.Resource, name string, l relate.Label) inventory.Unknown {
	u := inventory.Unknown{Fact: name, Why: inventory.NotStated}
	reason, _ := strings.CutPrefix(l.DecidedBy, "undecided: ")
	for _, f := range r.Unknown {
		if strings.HasPrefix(reason, f.Fact+" ") {
			u.Why, u.Call, u.Hint = f.Why, f.Call, f.Hint
		}
	}
	if u.Hint == "" {
		u.Hint = "a selector under classify." + sections[name] + " in the configuration tells"
		if reason != "" {
			u.Hint = reason + "; " + u.Hint
		}
	}
	return u
}

// sections of the configuration decide a label.
var sections = map[string]string{"tier": "environments", "environment": "environments", "purpose": "purposes", "owner": "owners", "key.rewrap": "rewrap"}

// read lists what was not read: the facts the resource names, and the day counts that derive from them.
func (s *Subject) read(r *inventory.Resource, asOf time.Time) {
	if len(r.Unknown) == 0 {
		return
	}
	optional := map[string]bool{}
	for _, f := range r.RequiredFacts() {
		optional[f] = false
	}
	info, _ := inventory.TypeOf(r.Type)
	for _, q := range info.Required {
		if _, listed := optional[q.Fact]; listed && q.If != "" {
			optional[q.Fact] = isUnread(r, q.If) // required only if something holds that was not read
		}
	}
	may := func(fact string) bool {
		o, listed := optional[fact]
		return o || !listed
	}
	for _, u := range r.Unknown {
		path := u.Fact
		if path == "refs" {
			path = "edges"
		}
		names := splitFact(path)
		d := domainOf(names)
		d.optional = may(u.Fact)
		s.add(names, d, u)
		if f := fieldAt(names); f != nil && f.derived != nil {
			s.add(append(slices.Clone(names[:len(names)-1]), f.derived.name), f.derived.bounds(u, d.optional, asOf), u)
		}
	}
}

func (s *Subject) add(names []string, d domain, u inventory.Unknown) {
	s.unread = append(s.unread, fact{ref: resourceRef(names), names: names, domain: d, unknown: u})
}

// bounds is the domain of a day count whose time was not read. Bounds of the time bound it, and what was made was made no later
// than the clock.
func (f *field) bounds(u inventory.Unknown, optional bool, asOf time.Time) domain {
	d := domain{kind: integers, optional: optional}
	at := func(t *time.Time) *int {
		if t == nil {
			return nil
		}
		n := f.days(*t, asOf)
		return &n
	}
	if f.until {
		d.lo, d.hi = at(u.After), at(u.Before)
		return d
	}
	d.lo, d.hi = at(u.Before), at(u.After)
	if d.lo == nil {
		d.lo = new(int)
	}
	return d
}

func isUnread(r *inventory.Resource, fact string) bool {
	names := splitFact(fact)
	for _, u := range r.Unknown {
		known := splitFact(u.Fact)
		if len(known) <= len(names) && slices.Equal(known, names[:len(known)]) {
			return true
		}
	}
	return false
}

// without returns the object without the values at some paths. A fact that is listed as not read is absent from the input even where
// a value came with it: a stand-in must not decide.
func without(o ast.Object, paths []ast.Ref) ast.Object {
	if !slices.ContainsFunc(paths, func(p ast.Ref) bool { return o.Get(p[0]) != nil }) {
		return o
	}
	items := make([][2]*ast.Term, 0, o.Len())
	o.Foreach(func(k, v *ast.Term) {
		var below []ast.Ref
		for _, p := range paths {
			switch {
			case !k.Equal(p[0]):
			case len(p) == 1:
				return
			default:
				below = append(below, p[1:])
			}
		}
		if sub, ok := v.Value.(ast.Object); ok && below != nil {
			v = ast.NewTerm(without(sub, below))
		}
		items = append(items, [2]*ast.Term{k, v})
	})
	return ast.NewObject(items...)
}

// with returns the object with a value at a path; objects on the way are made. A nil value leaves it as it is.
func with(o ast.Object, path ast.Ref, value *ast.Term) ast.Object {
	if value == nil {
		return o
	}
	if len(path) > 1 {
		sub, ok := ast.NewObject(), false
		if inner := o.Get(path[0]); inner != nil {
			if sub, ok = inner.Value.(ast.Object); !ok {
				return o
			}
		}
		value = ast.NewTerm(with(sub, path[1:], value))
	}
	items := make([][2]*ast.Term, 0, o.Len()+1)
	o.Foreach(func(k, v *ast.Term) {
		if !k.Equal(path[0]) {
			items = append(items, [2]*ast.Term{k, v})
		}
	})
	return ast.NewObject(append(items, [2]*ast.Term{path[0], value})...)
}

package evaluate

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/relate"
)

// jsonRoute makes input.resource the slow way: through encoding/json, with the day counts added afterwards.
func jsonRoute(t *testing.T, w *world) ast.Value {
	t.Helper()
	decode := func(v any) map[string]any {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var out map[string]any
		if err := json.Unmarshal(data, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	doc := decode(w.resource)
	delete(doc, "refs")
	delete(doc, "unknown")
	for name, l := range map[string]relate.Label{"environment": w.labels.Environment, "tier": w.labels.Tier, "purpose": w.labels.Purpose, "owner": w.labels.Owner} {
		if l.Value != "" {
			doc[name] = l.Value
		}
	}
	edges := []any{}
	for _, e := range w.edges {
		edges = append(edges, decode(e))
	}
	doc["edges"] = edges
	if w.series != nil {
		doc["series"] = decode(w.series)
	}
	doc["access"] = decode(w.found.Summary)
	var derive func(m map[string]any, t reflect.Type)
	derive = func(m map[string]any, t reflect.Type) {
		for i := range t.NumField() {
			f := t.Field(i)
			name := f.Tag.Get("json")
			name = name[:max(0, slices.Index([]byte(name+","), ','))]
			ft := f.Type
			if ft.Kind() == reflect.Pointer {
				ft = ft.Elem()
			}
			if sub, ok := m[name].(map[string]any); ok && ft.Kind() == reflect.Struct {
				derive(sub, ft)
			}
			text, ok := m[name].(string)
			if d := f.Tag.Get("derive"); ok && d != "" {
				at, err := time.Parse(time.RFC3339Nano, text)
				if err != nil {
					panic(err)
				}
				hours := exampleClock.Sub(at).Hours()
				if d[:4] == "age=" {
					m[d[4:]] = max(0, int(hours)/24)
				} else {
					days := -int(hours) / 24
					if at.Before(exampleClock.AddDate(0, 0, days)) {
						days--
					}
					m[d[6:]] = days
				}
			}
		}
	}
	derive(doc, reflect.TypeFor[inventory.Resource]())
	return ast.MustInterfaceToValue(doc)
}

func TestSubjectEqualsTheJSONRoute(t *testing.T) {
	for seed := uint64(1); seed <= 400; seed++ {
		w := newDice(seed).world()
		if seed%3 == 0 {
			w.resource.Location = &inventory.Location{Path: "a/b.tf", StartLine: 3}
		}
		got, want := w.subject().resource, jsonRoute(t, w)
		if got.Compare(want) != 0 {
			t.Fatalf("seed %d:\n got %v\nwant %v", seed, got, want)
		}
	}
}

func TestSubjectsFollowTheSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("input.json", doc); err != nil {
		t.Fatal(err)
	}
	schema := c.MustCompile("input.json")
	for seed := uint64(1); seed <= 100; seed++ {
		data, err := newDice(seed).world().subject().MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(`{"settings": {}, "resource": ` + string(data) + `}`)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	bad, _ := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(`{"settings": {}, "resource": {"id": "x"}}`)))
	if schema.Validate(bad) == nil {
		t.Error("the schema accepts a resource without a type")
	}
}

func TestWholeDays(t *testing.T) {
	clock := exampleClock
	for _, tt := range []struct {
		at    time.Duration // before the clock
		age   int
		until int
	}{
		{0, 0, 0},
		{time.Second, 0, -1},
		{24*time.Hour - time.Second, 0, -1},
		{24 * time.Hour, 1, -1},
		{24*time.Hour + time.Second, 1, -2},
		{-time.Second, 0, 0},
		{-24 * time.Hour, 0, 1},
		{-48*time.Hour + time.Second, 0, 1},
	} {
		at := clock.Add(-tt.at)
		if got := (&field{}).days(at, clock); got != tt.age {
			t.Errorf("age of what was %v ago is %d, want %d", tt.at, got, tt.age)
		}
		if got := (&field{until: true}).days(at, clock); got != tt.until {
			t.Errorf("days until what was %v ago are %d, want %d", tt.at, got, tt.until)
		}
	}
}

func TestUnreadFacts(t *testing.T) {
	day := func(n int) *time.Time { at := exampleClock.AddDate(0, 0, n); return &at }
	n := func(i int) *int { return &i }
	for _, tt := range []struct {
		name   string
		typ    string
		change func(r *inventory.Resource, l *relate.Labels)
		series *relate.Series
		path   string
		want   domain
	}{
		{"a required age has a lower bound", "aws.kms.key", unread("key.rotated_at", nil, nil), nil, "key.age_days", domain{kind: integers, lo: n(0)}},
		{"made in May, so rotated no earlier", "aws.kms.key", unread("key.rotated_at", day(-20), nil), nil, "key.age_days", domain{kind: integers, lo: n(0), hi: n(20)}},
		{"made before", "aws.kms.key", unread("key.rotated_at", nil, day(-20)), nil, "key.age_days", domain{kind: integers, lo: n(20)}},
		{"the time itself is a text", "aws.kms.key", unread("key.rotated_at", nil, nil), nil, "key.rotated_at", domain{kind: texts}},
		{"an optional time ahead has no bounds", "aws.kms.key", unread("key.expires_at", nil, nil), nil, "key.expires_in_days", domain{kind: integers, optional: true}},
		{"bounds of a time ahead", "aws.kms.key", unread("key.expires_at", day(-1), day(9)), nil, "key.expires_in_days", domain{kind: integers, optional: true, lo: n(-1), hi: n(9)}},
		{"a required truth", "vault.transit.key", unread("key.exportable", nil, nil), nil, "key.exportable", domain{kind: booleans}},
		{"an optional truth", "vault.transit.key", unread("key.derived", nil, nil), nil, "key.derived", domain{kind: booleans, optional: true}},
		{"required only if rotation is on, and it is", "aws.kms.key", func(r *inventory.Resource, _ *relate.Labels) {
			*r.Key.Rotation.Automatic = true
			unread("key.rotation.period_days", nil, nil)(r, nil)
		}, nil, "key.rotation.period_days", domain{kind: integers}},
		{"required only if rotation is on, and it is off", "aws.kms.key", func(r *inventory.Resource, _ *relate.Labels) {
			*r.Key.Rotation.Automatic = false
			unread("key.rotation.period_days", nil, nil)(r, nil)
		}, nil, "key.rotation.period_days", domain{kind: integers, optional: true}},
		{"one tag", "vault.transit.key", unread("tags.a.b", nil, nil), nil, "tags.a.b", domain{kind: texts, optional: true}},
		{"all tags", "aws.kms.key", unread("tags", nil, nil), nil, "tags", domain{kind: anything}},
		{"references are edges", "vault.mount", unread("refs", nil, nil), nil, "edges", domain{kind: anything, optional: true}},
		{"a role in a series", "vault.transit.key", nil, &relate.Series{Name: "s"}, "series.role", domain{kind: enumerated, enum: []string{"current", "predecessor"}}},
		{"an owner that is one of two", "vault.transit.key", func(_ *inventory.Resource, l *relate.Labels) { l.Owner.Candidates = []string{"", "team-a"} }, nil, "owner", domain{kind: enumerated, enum: []string{"team-a"}, optional: true}},
		{"an owner that a tag names which was not read", "vault.transit.key", func(_ *inventory.Resource, l *relate.Labels) { l.Owner.Candidates = []string{"", standIn} }, nil, "owner", domain{kind: texts, optional: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newDice(1).world()
			info, _ := inventory.TypeOf(tt.typ)
			w.resource = inventory.Resource{ID: "x", Type: tt.typ, Kind: info.Kind, Tags: map[string]string{}}
			for _, f := range append(w.resource.RequiredFacts(), "key.rotation.automatic") {
				if info.Kind == inventory.KindKey || f[:3] != "key" {
					newDice(1).give(&w.resource, f)
				}
			}
			w.labels, w.series = relate.Labels{}, tt.series
			if tt.change != nil {
				tt.change(&w.resource, &w.labels)
			}
			w.resource.Complete()
			s := w.subject()
			i := slices.IndexFunc(s.unread, func(f fact) bool { return slices.Equal(f.names, splitFact(tt.path)) })
			if i < 0 {
				t.Fatalf("%s is not unread; those are %v", tt.path, s.unread)
			}
			if got := s.unread[i].domain; !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if _, err := s.resource.Find(resourceRef(splitFact(tt.path))[2:]); err == nil {
				t.Error("the input holds the fact all the same")
			}
		})
	}
}

// unread makes a fact unknown, and leaves a value of it behind.
func unread(fact string, after, before *time.Time) func(*inventory.Resource, *relate.Labels) {
	return func(r *inventory.Resource, _ *relate.Labels) {
		r.Unknown = append(r.Unknown, inventory.Unknown{Fact: fact, Why: inventory.Denied, After: after, Before: before})
	}
}

// TestStandIn: package relate's word for a name that nobody read is the one this package knows.
func TestStandIn(t *testing.T) {
	r := inventory.Resource{ID: "x", Type: "vault.transit.key", Kind: inventory.KindKey, Scope: "vault/a/root", Unknown: []inventory.Unknown{{Fact: "tags", Why: inventory.Denied, Hint: "grant it"}}}
	r.Complete()
	l, err := defaultLabels(&r)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(l.Owner.Candidates, standIn) {
		t.Errorf("candidates for the owner are %q; none is %q", l.Owner.Candidates, standIn)
	}
	s := NewSubject(&r, l, nil, nil, access.Found{}, exampleClock)
	i := slices.IndexFunc(s.unread, func(f fact) bool { return f.names[0] == "owner" })
	if i < 0 || s.unread[i].domain.kind != texts || s.unread[i].unknown.Hint != "grant it" {
		t.Errorf("the owner is not any text, for want of the tags: %+v", s.unread)
	}
}

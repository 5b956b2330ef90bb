package inventory

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func ptr[T any](v T) *T { return &v }

func transitKey() Resource {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return Resource{
		ID: VaultID("eu", "", "transit", "keys", "jwt"), Type: "vault.transit.key", Kind: KindKey, Name: "jwt", Origin: Live,
		Scope: NewScope("vault", "eu", "root"),
		Key: &Key{
			Spec: "ed25519", Algorithm: "ed25519", Usages: []string{"sign", "verify"}, Manager: "customer", Origin: "generated", State: "enabled",
			RotatedAt: &at, Exportable: ptr(false), PlaintextBackup: ptr(false), DeletionAllowed: ptr(false),
			Versions: &KeyVersions{Latest: ptr(1), MinDecryption: ptr(1), Accepted: ptr(1)},
			Rotation: &Rotation{Supported: ptr(true), Automatic: ptr(false), KeepsOldForever: ptr(false)},
		},
	}
}

func TestComplete(t *testing.T) {
	denied := Unknown{Fact: "key.rotation.automatic", Why: Denied, Call: "GET transit/keys/jwt", Hint: "transit/keys/+: read"}
	for _, c := range []struct {
		name   string
		change func(*Resource)
		want   []Unknown
	}{
		{"nothing is missing", func(*Resource) {}, nil},
		{"a required fact is missing", func(r *Resource) { r.Key.RotatedAt = nil }, []Unknown{{Fact: "key.rotated_at", Why: NotRead}}},
		{"an optional fact is missing", func(r *Resource) { r.Key.ExpiresAt = nil }, nil},
		{"false and zero are stated", func(r *Resource) { r.Key.Versions.MinDecryption = ptr(0) }, nil},
		{"an empty list is stated", func(r *Resource) { r.Key.Usages = []string{} }, nil},
		{"a nil list is not", func(r *Resource) { r.Key.Usages = nil }, []Unknown{{Fact: "key.usages", Why: NotRead}}},
		{"a whole object is missing", func(r *Resource) { r.Key.Versions = nil }, []Unknown{
			{Fact: "key.versions.accepted", Why: NotRead}, {Fact: "key.versions.latest", Why: NotRead}, {Fact: "key.versions.min_decryption", Why: NotRead},
		}},
		{
			"an unknown object covers its facts", func(r *Resource) { r.Key.Versions, r.Unknown = nil, []Unknown{{Fact: "key.versions", Why: Denied}} },
			[]Unknown{{Fact: "key.versions", Why: Denied}},
		},
		{
			"an unknown fact does not cover one that merely begins with its name", func(r *Resource) { r.Key.State, r.Unknown = "", []Unknown{{Fact: "key.sta", Why: Denied}} },
			[]Unknown{{Fact: "key.sta", Why: Denied}, {Fact: "key.state", Why: NotRead}},
		},
		{"what is required if the condition holds", func(r *Resource) { r.Key.Rotation.Automatic = ptr(true) }, []Unknown{{Fact: "key.rotation.period_days", Why: NotRead}}},
		{"what is required if the condition holds, stated", func(r *Resource) { r.Key.Rotation.Automatic, r.Key.Rotation.PeriodDays = ptr(true), ptr(90) }, nil},
		{
			"what hangs on a fact that was refused is unknown for the same reason", func(r *Resource) { r.Key.Rotation.Automatic, r.Unknown = nil, []Unknown{denied} },
			[]Unknown{denied, {Fact: "key.rotation.period_days", Why: Denied, Call: denied.Call, Hint: denied.Hint}},
		},
		{"a value outside the closed set", func(r *Resource) { r.Key.State = "Enabled" }, []Unknown{{Fact: "key.state", Why: Unreadable}}},
		{"one value of a list outside the closed set", func(r *Resource) { r.Key.Usages = []string{"sign", "teleport"} }, []Unknown{{Fact: "key.usages", Why: Unreadable}}},
		{"two entries for one fact: the first stays", func(r *Resource) {
			r.Key.State, r.Unknown = "", []Unknown{{Fact: "key.state", Why: Throttled}, {Fact: "key.origin", Why: Denied}, {Fact: "key.state", Why: Denied}}
		}, []Unknown{{Fact: "key.origin", Why: Denied}, {Fact: "key.state", Why: Throttled}}},
		{"an empty list of unknown facts", func(r *Resource) { r.Unknown = []Unknown{} }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := transitKey()
			c.change(&r)
			r.Complete()
			if d := cmp.Diff(c.want, r.Unknown); d != "" {
				t.Errorf("Unknown (-want +got):\n%s", d)
			}
			again := r
			again.Unknown = slices.Clone(r.Unknown)
			again.Complete()
			if d := cmp.Diff(r, again); d != "" {
				t.Errorf("completing twice changes it:\n%s", d)
			}
		})
	}
}

func TestCompleteMakesTheFacet(t *testing.T) {
	for _, info := range Types {
		r := Resource{Type: info.Type, Kind: info.Kind}
		r.Complete()
		known, unknown := r.Facts()
		if known != 0 || unknown != len(info.Required) || len(r.Unknown) != len(info.Required) {
			t.Errorf("%s of which nothing was read: %d facts known, %d unknown, %d listed; want 0, %d and %[5]d",
				info.Type, known, unknown, len(r.Unknown), len(info.Required))
		}
		if v := reflect.ValueOf(r).Field(facets[info.Kind].field); v.IsNil() {
			t.Errorf("%s: the facet %q is nil", info.Type, info.Kind)
		}
	}
}

func TestCompleteTurnsTimesIntoUTC(t *testing.T) {
	r := transitKey()
	want := *r.Key.RotatedAt
	east := want.In(time.FixedZone("", 7200))
	bound := east
	r.Key.RotatedAt, r.Unknown = &east, []Unknown{{Fact: "key.expires_at", Why: Denied, After: &bound}}
	r.Complete()
	if !r.Key.RotatedAt.Equal(want) || r.Key.RotatedAt.Location() != time.UTC || r.Unknown[0].After.Location() != time.UTC {
		t.Errorf("times are %v and %v, want both %v", r.Key.RotatedAt, r.Unknown[0].After, want)
	}
}

func TestFacts(t *testing.T) {
	r := transitKey()
	total := len(r.RequiredFacts())
	if known, unknown := r.Facts(); known != total || unknown != 0 {
		t.Errorf("of a fully read key: %d known, %d unknown, want %d and 0", known, unknown, total)
	}
	r.Key.Rotation.Automatic = ptr(true)
	if known, unknown := r.Facts(); known != total || unknown != 1 {
		t.Errorf("with a rotation of unknown period: %d known, %d unknown, want %d and 1", known, unknown, total)
	}
	r.Unknown = []Unknown{{Fact: "key.usages", Why: Denied}}
	if known, unknown := r.Facts(); known != total-1 || unknown != 2 {
		t.Errorf("with a list read in part: %d known, %d unknown, want %d and 2", known, unknown, total-1)
	}
}

func TestHasFact(t *testing.T) {
	r := transitKey()
	r.Tags = map[string]string{"a.b": ""}
	for path, want := range map[string]bool{
		"id": true, "tags": true, "tags.a.b": true, "tags.c": false, "key": true, "key.exportable": true, "key.expires_at": false,
		"key.rotation.next_at": false, "secret": false, "secret.state": false, "emulated": true, "location.path": false, "key.no_such": false, "": false,
	} {
		if got := r.HasFact(path); got != want {
			t.Errorf("HasFact(%q) is %t, want %t", path, got, want)
		}
	}
}

// The table in types.go names facts by path; a misspelt one would be unknown for ever.
func TestTypesNameFactsThatExist(t *testing.T) {
	for _, info := range Types {
		if _, ok := facets[info.Kind]; !ok {
			t.Errorf("%s: no facet for kind %q", info.Type, info.Kind)
		}
		unconditional := map[string]bool{}
		for _, q := range info.Required {
			if _, ok := fieldByPath(q.Fact); !ok {
				t.Errorf("%s: no such fact: %q", info.Type, q.Fact)
			}
			// Complete takes a condition that is not stated for one that was not read, so it has to be required itself.
			if q.If != "" && !unconditional[q.If] {
				t.Errorf("%s: the condition %q of %q is not listed as required before it", info.Type, q.If, q.Fact)
			}
			if q.If == "" {
				unconditional[q.Fact] = true
			}
		}
	}
}

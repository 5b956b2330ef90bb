package relate

import (
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// member is a key in a test of series: "new alias=pay tag=pay rotated=2026-01-02 disabled no-tags no-refs no-time no-state".
func member(t *testing.T, text string) inventory.Resource {
	t.Helper()
	words := strings.Fields(text)
	r := inventory.Resource{
		ID: inventory.ID(words[0]), Type: "aws.kms.key", Kind: inventory.KindKey, Name: words[0], Scope: "aws/-/1/eu",
		Tags: map[string]string{}, Refs: []inventory.Ref{}, Key: &inventory.Key{Manager: "customer", State: "enabled"},
	}
	at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	r.Key.RotatedAt = &at
	unread := func(fact string) { r.Unknown = append(r.Unknown, inventory.Unknown{Fact: fact, Why: inventory.Denied}) }
	for _, w := range words[1:] {
		switch key, value, _ := strings.Cut(w, "="); key {
		case "alias":
			r.Name = "alias/" + value
			r.Refs = append(r.Refs, alias("alias/"+value))
		case "tag":
			r.Tags["keyreeve:series"] = value
		case "rotated":
			d, err := time.Parse(time.DateOnly, value)
			if err != nil {
				t.Fatal(err)
			}
			r.Key.RotatedAt = &d
		case "scope":
			r.Scope = inventory.Scope(value)
		case "disabled":
			r.Key.State = "disabled"
		case "provider":
			r.Key.Manager = "provider"
		case "no-tags":
			r.Tags = nil
			unread("tags")
		case "no-refs":
			r.Refs = nil
			unread("refs")
		case "no-time":
			r.Key.RotatedAt = nil
			unread("key.rotated_at")
		case "no-state":
			r.Key.State = ""
			unread("key.state")
		default:
			t.Fatalf("no word %q", w)
		}
	}
	return r
}

func TestSeries(t *testing.T) {
	for _, c := range []struct{ name, keys, want string }{
		{"an alias tells", "a tag=pay rotated=2025-05-05; b tag=pay alias=pay", "a: pay predecessor b; b: pay current"},
		{"an alias tells, whatever else was not read", "a tag=pay no-refs no-time no-state; b tag=pay alias=pay", "a: pay predecessor b; b: pay current"},
		{"a tag may be written like the alias", "a tag=alias/pay; b tag=pay alias=pay", "a: pay predecessor b; b: pay current"},
		{"the alias of another series does not tell", "a tag=pay alias=other rotated=2025-02-02; b tag=pay rotated=2025-03-03", "a: pay predecessor b; b: pay current"},
		{"without alias the newest", "a tag=pay rotated=2025-02-02; b tag=pay rotated=2025-03-03; c tag=pay", "a: pay predecessor b; b: pay current; c: pay predecessor b"},
		{"a newer key that is disabled does not sign", "a tag=pay rotated=2025-02-02; b tag=pay rotated=2025-03-03 disabled", "a: pay current; b: pay predecessor a"},
		{"all disabled", "a tag=pay rotated=2025-02-02 disabled; b tag=pay rotated=2025-03-03 disabled", "a: pay predecessor b; b: pay current"},
		{"aliases that were not read could tell", "a tag=pay rotated=2025-02-02 no-refs; b tag=pay", "a: pay ?; b: pay ?"},
		{"a time that was not read", "a tag=pay no-time; b tag=pay", "a: pay ?; b: pay ?"},
		{"a state that was not read", "a tag=pay rotated=2025-02-02 no-state; b tag=pay", "a: pay ?; b: pay ?"},
		{"equally new", "a tag=pay; b tag=pay", "a: pay ?; b: pay ?"},
		{"alone in its series", "a tag=pay", "a: pay current"},
		{"alone, without what would tell", "a tag=pay no-refs no-time", "a: pay current"},
		{"the same name in two Regions", "a tag=pay scope=aws/-/1/us; b tag=pay alias=pay", "a: pay current; b: pay current"},
		{"no tag, an alias", "a alias=pay; b", "a: alias/pay current; b: -"},
		{"tags that were not read could make it a predecessor", "a alias=pay no-tags; b no-tags", "a: alias/pay ?; b: b ?"},
		{"a key of the provider has no tags", "a alias=aws/s3 provider no-tags", "a: alias/aws/s3 current"},
	} {
		var snap inventory.Snapshot
		for _, text := range strings.Split(c.keys, ";") {
			snap.Resources = append(snap.Resources, member(t, text))
		}
		e, err := New(&snap, Config{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range snap.Resources {
			r := &snap.Resources[i]
			s := e.Series(r)
			switch {
			case s == nil:
				got = append(got, string(r.ID)+": -")
			case s.Role == "":
				got = append(got, string(r.ID)+": "+s.Name+" ?")
			default:
				got = append(got, strings.TrimSpace(string(r.ID)+": "+s.Name+" "+s.Role+" "+string(s.Successor)))
			}
		}
		if g := strings.Join(got, "; "); g != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, g, c.want)
		}
	}
}

func TestSeriesOfVault(t *testing.T) {
	e, err := New(&inventory.Snapshot{}, Config{})
	if err != nil {
		t.Fatal(err)
	}
	for typ, want := range map[string]string{"vault.transit.key": Current, "vault.kv.secret": Current, "vault.policy": ""} {
		s := e.Series(&inventory.Resource{Type: typ, Name: "jwt"})
		if (s == nil) != (want == "") || s != nil && (s.Role != want || s.Name != "jwt") {
			t.Errorf("%s: %+v, want role %q", typ, s, want)
		}
	}
}

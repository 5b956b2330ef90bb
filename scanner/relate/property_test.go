package relate

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/inventory/inventorytest"
)

var wideConfig = Config{
	Environments: []Environment{
		{Name: "prod", Tier: "production", Match: []Selector{{AWSAccount: "1111*"}, {VaultPath: "prod/*"}, {Tag: map[string]string{"env": "prod"}}}},
		{Name: "stage", Tier: "staging", Match: []Selector{{Name: "alias/*-jwt"}, {Tag: map[string]string{"env": "staging", "team": "*"}}}},
	},
	Purposes: []Purpose{{Purpose: "code_signing", Match: []Selector{{Name: "alias/*-exports"}}}, {Purpose: "config", Match: []Selector{{Tag: map[string]string{"service": "search"}}}}},
	Owners:   []Owner{{From: "tag:team"}, {Owner: "fraud-team", Match: []Selector{{Name: "*fraud*"}}}},
	Rewrap:   []Rewrap{{Strategy: "nightly", Match: []Selector{{Tag: map[string]string{"service": "ledger"}}}}},
}

// Whatever the facts are that were not read, the label is one of its candidates; where it is decided, it is that.
func TestLabelsHoldForEveryCompletion(t *testing.T) {
	checked, open := 0, 0
	for seed := range uint64(12) {
		whole := inventorytest.Generate(seed, inventorytest.Options{Resources: 400, Whole: true})
		estate, err := New(whole, wideConfig)
		if err != nil {
			t.Fatal(err)
		}
		dice := rand.New(rand.NewPCG(seed, 7))
		for _, full := range whole.Resources {
			want := estate.Labels(&full)
			part := full
			facts := []string{"tags", "refs", "key.usages", "key.manager"}
			dice.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
			for _, f := range facts[:1+dice.IntN(3)] {
				part.Unknown = append(slices.Clone(part.Unknown), inventory.Unknown{Fact: f, Why: inventory.Denied})
				switch f {
				case "tags":
					part.Tags = nil
				case "refs":
					part.Refs, part.Name = nil, "the id of the key"
					if full.Type != kmsKey {
						part.Name = full.Name
					}
				case "key.usages":
					if part.Key != nil {
						key := *part.Key
						key.Usages = nil
						part.Key = &key
					}
				case "key.manager":
					if part.Key != nil {
						key := *part.Key
						key.Manager = ""
						part.Key = &key
					}
				}
			}
			got := estate.Labels(&part)
			for name, pair := range map[string][2]Label{
				"environment": {want.Environment, got.Environment}, "tier": {want.Tier, got.Tier}, "purpose": {want.Purpose, got.Purpose},
				"owner": {want.Owner, got.Owner}, "rewrap": {want.Rewrap, got.Rewrap},
			} {
				checked++
				if pair[1].Open() {
					open++
				}
				if !allows(name, pair[1], pair[0].Value) {
					t.Errorf("%s with %v unread: %s is %+v, and with everything read %q", full.ID, part.Unknown, name, pair[1], pair[0].Value)
				}
			}
		}
	}
	if open < checked/20 || open > checked*9/10 {
		t.Errorf("%d of %d labels are open: the test does not show both cases", open, checked)
	}
}

// allows reports whether a label admits a value. A name that an unread tag gives is one that stands for it.
func allows(name string, l Label, value string) bool {
	if !l.Open() {
		return l.Value == value
	}
	if slices.Contains(l.Candidates, value) {
		return true
	}
	switch name {
	case "owner", "rewrap":
		return value != "" && slices.Contains(l.Candidates, unreadName)
	case "environment":
		return value != "" && !slices.ContainsFunc(Tiers, func(t string) bool { return !slices.Contains(l.Candidates, t) })
	}
	return false
}

func TestOrderOfResourcesDoesNotMatter(t *testing.T) {
	snap := inventorytest.Generate(3, inventorytest.Options{Resources: 600})
	mixed := &inventory.Snapshot{Scopes: snap.Scopes, Gaps: slices.Clone(snap.Gaps), Resources: slices.Clone(snap.Resources)}
	dice := rand.New(rand.NewPCG(1, 1))
	dice.Shuffle(len(mixed.Resources), func(i, j int) { mixed.Resources[i], mixed.Resources[j] = mixed.Resources[j], mixed.Resources[i] })
	slices.Reverse(mixed.Gaps)
	a, err := New(snap, wideConfig)
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(mixed, wideConfig)
	if err != nil {
		t.Fatal(err)
	}
	for i := range snap.Resources {
		r := &snap.Resources[i]
		if d := cmp.Diff([]any{a.Labels(r), a.Edges(r), a.Series(r)}, []any{b.Labels(r), b.Edges(r), b.Series(r)}); d != "" {
			t.Errorf("%s: %s", r.ID, d)
		}
	}
}

// The figures that documents give are of this size.
const benchmarkResources = 100_000

func BenchmarkNew(b *testing.B) {
	snap := inventorytest.Generate(1, inventorytest.Options{Resources: benchmarkResources})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := New(snap, wideConfig); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRelateAll(b *testing.B) {
	snap := inventorytest.Generate(1, inventorytest.Options{Resources: benchmarkResources})
	estate, err := New(snap, wideConfig)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range snap.Resources {
			r := &snap.Resources[i]
			_, _, _ = estate.Labels(r), estate.Edges(r), estate.Series(r)
		}
	}
}

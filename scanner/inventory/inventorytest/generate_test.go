package inventorytest

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func TestGenerateIsDeterministic(t *testing.T) {
	a, b := Generate(7, Options{Resources: 500}), Generate(7, Options{Resources: 500})
	if d := cmp.Diff(a, b); d != "" {
		t.Errorf("two estates from one seed differ:\n%s", d)
	}
	if cmp.Equal(a, Generate(8, Options{Resources: 500})) {
		t.Error("two seeds make the same estate")
	}
}

// generated are the types that estates are made of: those that collectors read, and credentials in repositories.
var generated = []string{
	"aws.kms.key", "vault.transit.key", "vault.kv.secret", "vault.token", "vault.approle.role", "vault.kubernetes.role", "vault.policy", "vault.mount",
	"vault.audit.device", "vault.cluster", "repo.credential",
}

func TestGenerateShowsEveryCase(t *testing.T) {
	for _, n := range []int{20, 300, 3000} {
		s := Generate(1, Options{Resources: n})
		if len(s.Resources) != n {
			t.Errorf("asked for %d resources, got %d", n, len(s.Resources))
		}
		types, unknown, series := map[string]int{}, 0, map[string]int{}
		for _, r := range s.Resources {
			types[r.Type]++
			unknown += min(1, len(r.Unknown))
			if name := r.Tags["keyreeve:series"]; name != "" {
				series[string(r.Scope)+name]++
			}
		}
		for _, typ := range generated {
			if types[typ] == 0 {
				t.Errorf("%d resources: none is a %s", n, typ)
			}
		}
		if n < 300 {
			continue
		}
		if unknown < n/50 || unknown > n/5 {
			t.Errorf("%d of %d resources have unknown facts, want some and not many", unknown, n)
		}
		if len(s.Gaps) == 0 {
			t.Errorf("%d resources: no gap", n)
		}
		long := 0
		for _, keys := range series {
			if keys > 1 {
				long++
			}
		}
		if long == 0 {
			t.Errorf("%d resources: no series of several keys", n)
		}
	}
}

func TestGenerateWhole(t *testing.T) {
	s := Generate(1, Options{Resources: 1000, Whole: true})
	if len(s.Gaps) > 0 {
		t.Errorf("a whole estate has gaps: %v", s.Gaps)
	}
	for _, r := range s.Resources {
		if len(r.Unknown) > 0 {
			t.Errorf("%s: unknown in a whole estate: %v", r.ID, r.Unknown)
		}
	}
}

// What a gap hides is not there, and what a snapshot refuses was not made.
func TestGenerateIsConsistent(t *testing.T) {
	for seed := range uint64(20) {
		s := Generate(seed, Options{Resources: 400})
		gaps := map[inventory.Scope]inventory.Gap{}
		for _, g := range s.Gaps {
			gaps[g.Scope] = g
		}
		for _, r := range s.Resources {
			if g, ok := gaps[r.Scope]; ok && g.Covers(r.Type) {
				t.Errorf("seed %d: %s is there although %s", seed, r.ID, g.Error())
			}
		}
		if err := s.Write(&bytes.Buffer{}); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}

package aws

import (
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// TestFreeGrantIsNaive compares FreeGrant with what the evaluator says of such a request where there are no grants, and holds the ways of
// rights within the rights.
func TestFreeGrantIsNaive(t *testing.T) {
	t.Parallel()
	seen := map[access.Decision]int{}
	limited := 0
	for i := range uint64(max(1, *count/4)) {
		seed := *first + i
		ix, err := Build(newLot(seed).estate())
		if err != nil {
			t.Fatal(err)
		}
		e, rd, d := New(), newReader(ix), newLot(seed).draw
		for _, k := range ix.targets {
			found := make([]pair, len(ix.members))
			for r := range rd.list(k) {
				if (r.Delegated|r.Wide|r.Unbounded)&^r.Certain != 0 {
					t.Fatalf("estate %d: %s: ways %+v are beyond %b", seed, k.resource.ARN, r.Ways, r.Certain)
				}
				for id := range r.ids() {
					found[id] = pair{r.Certain, r.Possible}
				}
			}
			for id, m := range ix.members {
				if k.realm != keys || d.often(80) {
					continue
				}
				r := ix.requests(m, k, "kms:CreateGrant")[0]
				r.Resource.Grants = nil
				for key, v := range freeGrant {
					r.Context[key] = v
				}
				a := e.Decide(r)
				seen[a.Decision]++
				got := access.Denied
				if found[id].t&FreeGrant != 0 {
					got = access.Allowed
				} else if found[id].p&FreeGrant != 0 {
					got = access.Conditional
				}
				if got != a.Decision {
					t.Fatalf("estate %d: %s on %s: index says %s, evaluator %s", seed, m.name, k.resource.ARN, got, a.Decision)
				}
				if found[id].p&KeyActions.Of("kms:CreateGrant") != 0 && got != access.Allowed {
					limited++
				}
			}
		}
	}
	t.Logf("%v, %d limited", seen, limited)
	if seen[access.Allowed] == 0 || seen[access.Conditional] == 0 || seen[access.Denied] == 0 || limited == 0 {
		t.Errorf("too little was allowed, conditional or limited: %v, %d", seen, limited)
	}
}

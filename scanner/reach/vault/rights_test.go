package vault

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// How many random policies and names there are to try, and which: other numbers give others.
var (
	caseCount = flag.Int("cases", 1000, "random policies that rights are worked out from")
	firstCase = flag.Uint64("first-case", 0, "number of the sequence that random policies are drawn from")
)

// What is kept for names that no rule tells apart is what the evaluator says of each of them.
func TestRightsAreThoseOfTheEvaluator(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7+*firstCase))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	asked, kept := 0, 0
	for range *caseCount {
		var text strings.Builder
		for range 1 + random.IntN(5) {
			path := pick("transit", "transit", "secret", "+", "tr*")
			for range random.IntN(4) {
				path += "/" + pick("+", "keys", "decrypt", "sign", "data", "app", "app-", "ap", "config", "x", "", "{{identity.entity.name}}")
			}
			if pick("a", "b", "c") == "a" && !strings.HasSuffix(path, "+") {
				path += "*"
			}
			fmt.Fprintf(&text, "path %q { capabilities = [%s] }\n", path, pick(`"update"`, `"read"`, `"update", "read", "delete"`, `"deny"`, ``))
		}
		snap := &inventory.Snapshot{Scopes: []inventory.ScopeRead{{Scope: "vault/eu/root", Report: inventory.Report{Types: []string{"vault.policy"}}}}}
		no := false
		snap.Resources = append(snap.Resources, inventory.Resource{
			ID: inventory.VaultID("eu", "", "sys/policies/acl/p"), Type: "vault.policy", Kind: inventory.KindPolicy, Name: "p", Origin: inventory.Live, Scope: "vault/eu/root",
			Policy: &inventory.Policy{Builtin: &no, Document: inventory.DocumentHash(text.String())}, Document: text.String(),
		})
		for range 12 {
			name := pick("app", "app-1", "ap", "x", "other", "keys")
			path, typ, kind := "transit/keys/"+name, "vault.transit.key", inventory.KindKey
			if pick("a", "b") == "a" {
				name += pick("", "/app", "/x", "/config", "/y/z")
				path, typ, kind = "secret/metadata/"+name, "vault.kv.secret", inventory.KindSecret
			}
			snap.Resources = append(snap.Resources, inventory.Resource{ID: inventory.VaultID("eu", "", path), Type: typ, Kind: kind, Name: name, Origin: inventory.Live, Scope: "vault/eu/root"})
		}
		e, err := New(snap)
		if err != nil {
			t.Fatal(err)
		}
		x := e.put(e.spaces["vault/eu/root"], []string{"p"}, nil, false)
		for _, target := range e.targets {
			got, want := x.rights(target), x.decide(target, "")
			if got != want {
				t.Fatalf("%s: kept %b, the evaluator says %b\n%s", target.resource.ID, got, want, text.String())
			}
			if asked++; want.possible != 0 {
				kept++
			}
		}
	}
	if kept < asked/20 {
		t.Errorf("only %d of %d were allowed anything", kept, asked)
	}
	t.Logf("%d random cases", *caseCount)
}

// What was not listed is called as people call it, not as a type.
func TestListsHaveNames(t *testing.T) {
	s := &space{scope: "vault/eu/root"}
	for _, typ := range append([]string{"vault.group", "vault.mount", "vault.policy"}, holding...) {
		if c := s.unlisted(typ); !strings.HasPrefix(c.Document, "list of ") || !strings.HasPrefix(c.Why, "not read: ") {
			t.Errorf("%s: %q, %q", typ, c.Document, c.Why)
		}
	}
}

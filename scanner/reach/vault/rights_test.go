package vault

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
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
				path += "/" + pick("+", "keys", "decrypt", "sign", "data", "app", "app-", "ap", "config", "x", "", "export", "hmac-key", "byok-export", "1", "v1", "02", "{{identity.entity.name}}")
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
			yes, versions := true, inventory.KeyVersions{}
			if random.IntN(2) > 0 {
				oldest := 1 + random.IntN(3)
				latest := oldest + random.IntN(20)
				versions = inventory.KeyVersions{MinDecryption: &oldest, Latest: &latest}
			}
			name := pick("app", "app-1", "ap", "x", "other", "keys")
			path, typ, kind := "transit/keys/"+name, "vault.transit.key", inventory.KindKey
			if pick("a", "b") == "a" {
				name += pick("", "/app", "/x", "/config", "/y/z")
				path, typ, kind = "secret/metadata/"+name, "vault.kv.secret", inventory.KindSecret
			}
			snap.Resources = append(snap.Resources, inventory.Resource{ID: inventory.VaultID("eu", "", path), Type: typ, Kind: kind, Name: name, Origin: inventory.Live, Scope: "vault/eu/root"})
			if kind == inventory.KindKey {
				snap.Resources[len(snap.Resources)-1].Key = &inventory.Key{Exportable: &yes, Algorithm: pick("rsa", "aes"), Usages: []string{"encrypt"}, Versions: &versions}
			}
		}
		e, err := New(snap)
		if err != nil {
			t.Fatal(err)
		}
		x := e.put(e.spaces["vault/eu/root"], []string{"p"}, nil, false)
		for _, target := range e.targets {
			got, want := x.rights(target), x.decide(target)
			if got != want {
				t.Fatalf("%s: kept %b, the evaluator says %b\n%s", target.resource.ID, got, want, text.String())
			}
			if k := target.resource.Key; k != nil && k.Versions.Latest != nil {
				if some := exports(x, target); (want.possible&exporting != 0) != some {
					t.Fatalf("%s: an export of versions %d to %d is allowed: %t\n%s", target.resource.ID, target.oldest, target.latest, some, text.String())
				}
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

// exporting is the action's bit.
var exporting = uint64(1) << slices.IndexFunc(transit, func(a action) bool { return a.name == "export" })

// exports asks about each version by itself, in several spellings.
func exports(x *set, t *target) bool {
	ends := []string{"", "/latest"}
	for v := t.oldest; v <= t.latest; v++ {
		for _, spelling := range []string{"%d", "v%d", "0%d", "00%d", "000%d", "v0%d"} {
			ends = append(ends, fmt.Sprintf("/"+spelling, v))
		}
	}
	return slices.ContainsFunc(ends, func(end string) bool {
		return x.on("transit/export/encryption-key/"+t.name+end).Possible&capabilities["read"] != 0 || x.on("transit/export/hmac-key/"+t.name+end).Possible&capabilities["read"] != 0
	})
}

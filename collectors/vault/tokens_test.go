package vault

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func TestTokens(t *testing.T) {
	end := noon.AddDate(0, 0, 2)
	estate := estateOf(vaultfake.Namespace{Tokens: []vaultfake.Token{
		{
			Accessor: "AccessorOfBot", DisplayName: "bot", Policies: []string{"default", "ci"}, IdentityPolicies: []string{"app", "ci"}, EntityID: "e", Created: daysAgo(40), Expires: end,
			Period: 86400, CIDRs: []string{"10.0.0.0/8"}, Orphan: true, Renewable: true, Path: "auth/approle/login",
		},
		{Accessor: "AccessorOfEnding", Created: daysAgo(1), Ending: true},
	}})
	got := read(t, vaultfake.New(estate, vaultfake.Options{}), Config{Tokens: Tokens{List: true}})
	if len(got.gaps) > 0 {
		t.Errorf("gaps: %v", got.gaps)
	}
	ids := got.ofType("vault.token")
	if len(ids) != 2 {
		t.Fatalf("read %v; a token that ended is none", ids)
	}
	var bot, root inventory.Resource
	for _, id := range ids {
		if strings.Contains(string(id), "Accessor") {
			t.Errorf("the ID %s holds an accessor", id)
		}
		if r := got.resources[id]; r.Name == "bot" {
			bot = r
		} else {
			root = r
		}
	}
	if diff := cmp.Diff(&inventory.Credential{
		Class: "token", TokenType: "service", Policies: []string{"app", "ci", "default"}, CreatedAt: ref(daysAgo(40)), ExpiresAt: &end,
		PeriodSeconds: ref(86400), BoundCIDRs: []string{"10.0.0.0/8"}, Orphan: ref(true), Renewable: ref(true), LoginPath: "auth/approle/login", EntityID: "e",
	}, bot.Credential); diff != "" {
		t.Errorf("the token differs (-want +got):\n%s", diff)
	}
	if len(bot.Refs) != 3 || bot.Refs[0].To != "vault:eu/root/sys/policies/acl/app" {
		t.Errorf("refs: %v", bot.Refs)
	}
	if diff := cmp.Diff(&inventory.Credential{
		Class: "token", TokenType: "service", Policies: []string{"root"}, CreatedAt: ref(daysAgo(0)), PeriodSeconds: ref(0),
		BoundCIDRs: []string{}, Orphan: ref(false), Renewable: ref(false), LoginPath: "auth/token/root",
	}, root.Credential); diff != "" {
		t.Errorf("the root token differs (-want +got):\n%s", diff)
	}
	if len(root.Unknown)+len(bot.Unknown) > 0 {
		t.Errorf("unknown: %v, %v", root.Unknown, bot.Unknown)
	}
}

func TestTokensAreOptIn(t *testing.T) {
	fake := vaultfake.New(estateOf(vaultfake.Namespace{}), vaultfake.Options{})
	got := read(t, fake, Config{})
	if gap := got.gap(t, "list of tokens"); gap.Why != inventory.NotAsked || !strings.Contains(gap.Hint, "tokens: {list: true}") || !slices.Equal(gap.Types, []string{"vault.token"}) {
		t.Errorf("got %+v", gap)
	}
	if calls := fake.Calls(); calls[listAccessors.Name]+calls[lookUpToken.Name] > 0 {
		t.Errorf("made %v", calls)
	}
	if slices.Contains(got.reports[0].Types, "vault.token") {
		t.Error("reports to read tokens")
	}
}

func TestTokensBeyondTheLimit(t *testing.T) {
	var tokens []vaultfake.Token
	for i := range 9 {
		tokens = append(tokens, vaultfake.Token{Accessor: fmt.Sprintf("a%d", i), Created: daysAgo(1)})
	}
	fake := vaultfake.New(estateOf(vaultfake.Namespace{Tokens: tokens}), vaultfake.Options{})
	got := read(t, fake, Config{Tokens: Tokens{List: true, MaxLookups: 4}})
	if n := len(got.ofType("vault.token")); n != 4 || fake.Calls()[lookUpToken.Name] != 4 {
		t.Errorf("read %d tokens with %d look-ups, want 4", n, fake.Calls()[lookUpToken.Name])
	}
	if gap := got.gap(t, "tokens beyond"); gap.Why != inventory.OutOfScope || gap.Err != "6 of 10 were not looked up" || !gap.Covers("vault.token") {
		t.Errorf("got %+v", gap)
	}
}

// The permission to look up is one for all: a refusal is not asked for again and again.
func TestDeniedLookUpIsNotRepeated(t *testing.T) {
	estate := vaultfake.Estate{"root": {Tokens: []vaultfake.Token{{
		ID: "root-token", Accessor: "own", Created: daysAgo(1),
		Rules: vaultfake.ParsePolicy(`path "auth/token/accessors" { capabilities = ["list", "sudo"] }`),
	}}}}
	for i := range 200 {
		estate["root"].Tokens = append(estate["root"].Tokens, vaultfake.Token{Accessor: fmt.Sprintf("a%d", i), Created: daysAgo(1)})
	}
	fake := vaultfake.New(estate, vaultfake.Options{})
	got := read(t, fake, Config{Tokens: Tokens{List: true}, Budget: Budget{RPS: 1e6, Concurrency: 4}})
	if n := fake.Calls()[lookUpToken.Name]; n > 8 {
		t.Errorf("asked %d times for what was denied", n)
	}
	ids := got.ofType("vault.token")
	if len(ids) != 201 {
		t.Fatalf("read %d tokens, want 201", len(ids))
	}
	for _, id := range ids {
		u := got.resources[id].Unknown
		if facts := names(u); !slices.Contains(facts, "credential.policies") || !slices.Contains(facts, "credential.expires_at") || u[0].Why != inventory.Denied {
			t.Fatalf("%s: unknown %v", id, u)
		}
	}
}

package vault_test

import (
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/vault"
)

const team = "{{identity.entity.metadata.team}}"

// A wildcard in a value works in some releases of Vault only, so what a rule with one gives, takes or replaces is possible and not sure.
func TestWildcardsInValues(t *testing.T) {
	wild := vault.Identity{Entity: &vault.Entity{ID: "e", Metadata: map[string]string{"team": "*"}}}
	for name, c := range map[string]struct {
		text           string
		sure, possible vault.Capabilities
		openings       int // beneath a/, for reading
	}{
		"it may grant":                {rule("a/"+team, "read"), 0, vault.Read, 1},
		"it may take":                 {rule("a*", "read update") + rule("a/"+team, "deny"), 0, vault.Read | vault.Update, 1},
		"it may replace":              {rule("a*", "read update") + rule("a/"+team, "read"), vault.Read, vault.Read | vault.Update, 2},
		"it is of no account beneath": {rule("a/b", "read") + rule("a/"+team, "deny"), vault.Read, vault.Read, 1},
		"what nobody grants":          {rule("a*", "list") + rule("a/"+team, "list"), 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			e, p := vault.New(), policies(c.text)
			acl, err := e.ACL("", p, wild)
			if err != nil {
				t.Fatal(err)
			}
			got := acl.Capabilities("a/b")
			if got.Sure&^vault.List != c.sure || got.Possible&^vault.List != c.possible {
				t.Errorf("sure %s, possible %s; want %s, %s", got.Sure, got.Possible, c.sure, c.possible)
			}
			identity := access.Residual{}
			for _, r := range got.Residual {
				identity = r
			}
			if doubt := c.sure != c.possible; doubt != (identity == access.Residual{Class: access.Who, Key: "identity", Statement: "a/" + team}) {
				t.Errorf("residual is %v", got.Residual)
			}
			if n := len(acl.Openings("a/b", vault.Read)); n != c.openings {
				t.Errorf("%d openings, want %d", n, c.openings)
			}
			wants := []vault.Want{{Capability: vault.Read, Path: "a/b"}}
			changes, err := e.Fix("", p, wild, wants)
			if err != nil || (len(changes) > 0) != (c.possible&vault.Read != 0) {
				t.Fatalf("changes %v, error %v", changes, err)
			}
			if denied, err := e.Denied("", p, wild, wants, changes); err != nil || !denied {
				t.Errorf("after %v it is denied: %t, error %v", changes, denied, err)
			}
		})
	}
}

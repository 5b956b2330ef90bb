package vault_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/access/vault"
)

func TestFix(t *testing.T) {
	const key = "transit/decrypt/app"
	for name, c := range map[string]struct {
		policies []vault.Policy
		want     []string
	}{
		"a rule that gives nothing else goes":         {policies(rule(key, "update")), []string{"policy p0 transit/decrypt/app"}},
		"a rule that gives more loses the capability": {policies(rule(key, "update read")), []string{"policy p0 transit/decrypt/app: no capability update"}},
		"a rule stays where a wider one gives the same": {
			policies(rule("transit/*", "update") + rule(key, "update")),
			[]string{"policy p0 transit/decrypt/app: no capability update"},
		},
		"a wider rule that gives less is no harm": {policies(rule("transit/*", "read") + rule(key, "update")), []string{"policy p0 transit/decrypt/app"}},
		"two policies give it": {
			policies(rule(key, "update"), rule(key, "update"), rule(key, "read")),
			[]string{"policy p0 transit/decrypt/app", "policy p1 transit/decrypt/app"},
		},
		"a denial gives nothing": {policies(rule(key, "update"), rule(key, "deny")), nil},
	} {
		t.Run(name, func(t *testing.T) {
			changes, err := vault.New().Fix("", c.policies, vault.Identity{}, []vault.Want{{Capability: vault.Update, Path: key}})
			if err != nil {
				t.Fatal(err)
			}
			if denied, err := vault.New().Denied("", c.policies, vault.Identity{}, []vault.Want{{Capability: vault.Update, Path: key}}, changes); err != nil || !denied {
				t.Errorf("with %v it is not denied (%v)", changes, err)
			}
			var got []string
			for _, f := range changes {
				text := f.Document + " " + f.Statement
				if f.Condition != "" {
					text += ": " + f.Condition
				}
				got = append(got, text)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestOpenings(t *testing.T) {
	acl, err := vault.New().ACL("team", policies(
		rule("sys/policies/acl/app-*", "update")+rule("sys/policies/acl/app-x*", "deny")+rule("sys/*", "create")+rule("sys/policies/acl/one", "update")+rule("secret/*", "update")), vault.Identity{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range acl.Openings("sys/policies/acl/*", vault.Update|vault.Create) {
		got = append(got, fmt.Sprintf("%s %s %t %s", o.Rule, o.Path, o.Literal, o.Sure))
	}
	want := []string{
		"sys/policies/acl/app-* sys/policies/acl/app-name false update", "sys/* sys/policies/acl/name false create", "sys/policies/acl/one sys/policies/acl/one true update",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"sys/policies/acl/app-*", "sys/policies/acl/app-x*", "sys/*", "sys/policies/acl/one"}, acl.Within("sys/policies/acl/*")); d != "" {
		t.Error(d)
	}
	if got := acl.Openings("sys/policies/acl/*", vault.Update|vault.Sudo); got != nil {
		t.Errorf("without sudo: %v", got)
	}
}

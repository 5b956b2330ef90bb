package azure_test

import (
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/azure"
)

// https://learn.microsoft.com/azure/key-vault/general/rbac-access-policy
func TestSelfGrant(t *testing.T) {
	policies := azure.Vault{}
	denyWrites := azure.DenyAssignment{
		Scope: group, Principals: []azure.DenyPrincipal{{ID: all, Type: "SystemDefined"}},
		Permissions: []azure.Permission{{Actions: []string{"*/write"}}},
	}
	ask := func(a ...azure.RoleAssignment) azure.Request { return request("", "", pin, a...) }
	for _, c := range []struct {
		name    string
		request azure.Request
		want    access.Decision
	}{
		{"Contributor", inVault(ask(has(alice, "Contributor", sub)), policies), access.Allowed},
		{"Key Vault Contributor", inVault(ask(has(alice, "Key Vault Contributor", vault)), policies), access.Allowed},
		{"Owner", inVault(ask(has(team, "Owner", sub)), policies), access.Allowed},
		{"Reader", inVault(ask(has(alice, "Reader", sub)), policies), access.Denied},
		{"at a secret only", inVault(ask(has(alice, "Contributor", pin)), policies), access.Denied},
		{"Contributor of an RBAC vault", inVault(ask(has(alice, "Contributor", sub)), azure.Vault{RBAC: true}), access.Denied},
		{"no vault said", ask(has(alice, "Contributor", sub)), access.Denied},
		{"protected by a deny assignment", denying(inVault(ask(has(alice, "Contributor", sub)), policies), denyWrites), access.Denied},
		{"eligible", inVault(ask(with(has(alice, "Contributor", sub), func(a *azure.RoleAssignment) { a.Eligible = true })), policies), access.Conditional},
		{"a role that is nowhere", inVault(ask(azure.RoleAssignment{PrincipalID: alice, Scope: sub, RoleDefinitionID: "x"}), policies), access.Failed},
	} {
		if got := azure.New().SelfGrant(c.request); got.Decision != c.want {
			t.Errorf("%s: %+v, want %s", c.name, got, c.want)
		}
	}
}

package azure_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/reach"
)

func all(string) bool { return true }

// identified adds a managed identity, and a machine that runs as it.
func (e *estate) identified() {
	e.object(app, "azure.managed_identity", "app", `{"properties":{"principalId":"`+mi+`"}}`)
	e.object(machine, "azure.compute", "vm1", `{"type":"Microsoft.Compute/virtualMachines","identity":{"type":"UserAssigned","userAssignedIdentities":{"`+strings.ToUpper(app)+`":{}}}}`)
}

// registered adds an application and its service principal.
func (e *estate) registered(owners, more string) {
	e.object("entra:t1/applications/guid-app", "entra.application", "ci", `{"appId":"client","owners":[`+owners+`]}`)
	e.object("entra:t1/serviceprincipals/"+ci, "entra.service_principal", "ci", `{"appId":"client","servicePrincipalType":"Application","owners":[]`+more+`}`)
}

func (e *estate) federated(parent string, trust map[string]any) {
	e.put(parent+"/federatedidentitycredentials/f", "entra.federated_credential", "f", map[string]any{"trust": trust})
}

func TestStepsTo(t *testing.T) {
	const (
		running    = "workload/vm1 by running as it"
		runCommand = "Microsoft.Compute/virtualMachines/runCommand/action"
		policies   = " if policies of the tenant on credentials of applications"
	)
	everyone := `"principals":[{"id":"00000000-0000-0000-0000-000000000000","type":"SystemDefined"}],"excludePrincipals":[]`
	for _, c := range []struct {
		name, to string
		make     func(*estate)
		want     []string
	}{
		{"nobody becomes a user", "user/ann", func(e *estate) { e.assign("a", ben, owner, "/", "") }, nil},
		{"a machine runs as its identity", "managed-identity/app", (*estate).identified, []string{running}},
		{"a machine has an identity of its own", "managed-identity/vm2", func(e *estate) {
			e.object(group+"/providers/microsoft.compute/virtualmachines/vm2", "azure.compute", "vm2", `{"identity":{"type":"SystemAssigned","principalId":"GUID-VM2"}}`)
		}, []string{"workload/vm2 by running as it"}},

		{"whoever runs commands on a machine", "workload/vm1", func(e *estate) {
			e.identified()
			e.role(runCommand)
			e.assign("a", ann, custom, group, "")
		}, []string{"user/ann by " + runCommand}},
		{"a group that does, and who is in it", "workload/vm1", func(e *estate) {
			e.identified()
			e.role(runCommand)
			e.assign("a", inner, custom, group, "")
		}, []string{"group/inner by " + runCommand, "user/ann by " + runCommand}},
		{"elsewhere", "workload/vm1", func(e *estate) {
			e.identified()
			e.role(runCommand)
			e.assign("a", ann, custom, sub+"/resourcegroups/other", "")
		}, nil},
		{"a deny assignment blocks it", "workload/vm1", func(e *estate) {
			e.identified()
			e.role(runCommand)
			e.assign("a", ann, custom, group, "")
			e.deny("d", everyone)
		}, nil},
		{"whether one blocks it was not read", "workload/vm1", func(e *estate) {
			e.identified()
			e.role(runCommand)
			e.assign("a", ann, custom, group, "")
			e.unread("azure/t1/s1", "azure.deny_assignment")
		}, []string{"user/ann? by " + runCommand + " if list of azure.deny_assignment of azure/s1"}},
		{"to be activated", "workload/vm1", func(e *estate) {
			e.identified()
			e.role(runCommand)
			e.assign("a", ann, custom, group, `,"eligible":true`)
		}, []string{"user/ann? by " + runCommand + " if activation"}},
		{"a reader of it", "workload/vm1", func(e *estate) {
			e.identified()
			e.role("*/read", "Microsoft.Compute/virtualMachines/write")
			e.assign("a", ann, custom, "/", "")
		}, nil},
		{"both actions that are needed together", "workload/auto", func(e *estate) {
			e.object(group+"/providers/microsoft.automation/automationaccounts/auto", "azure.compute", "auto", `{"identity":{"principalId":"guid-auto"}}`)
			e.role("Microsoft.Automation/automationAccounts/runbooks/write", "Microsoft.Automation/automationAccounts/jobs/write")
			e.assign("a", ann, custom, group, "")
		}, []string{"user/ann by Microsoft.Automation/automationAccounts/runbooks/write and Microsoft.Automation/automationAccounts/jobs/write"}},
		{"one of the two", "workload/auto", func(e *estate) {
			e.object(group+"/providers/microsoft.automation/automationaccounts/auto", "azure.compute", "auto", `{"identity":{"principalId":"guid-auto"}}`)
			e.role("Microsoft.Automation/automationAccounts/jobs/write")
			e.assign("a", ann, custom, group, "")
		}, nil},
		{"a type that is not listed", "workload/batch", func(e *estate) {
			e.object(group+"/providers/microsoft.batch/batchaccounts/batch", "azure.compute", "batch", `{"identity":{"principalId":"guid-batch"}}`)
			e.assign("a", ann, contributor, group, "")
		}, []string{"user/ann by microsoft.batch/batchaccounts/write"}},

		{"attaching an identity to what one makes", "managed-identity/app", func(e *estate) {
			e.identified()
			e.role("Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", "Microsoft.Web/sites/write")
			e.assign("a", ann, custom, group, "")
		}, []string{"user/ann by Microsoft.ManagedIdentity/userAssignedIdentities/assign/action and Microsoft.Web/sites/write", running}},
		{"attaching it, with nothing to attach it to", "managed-identity/app", func(e *estate) {
			e.identified()
			e.role("Microsoft.ManagedIdentity/userAssignedIdentities/assign/action")
			e.assign("a", ann, custom, group, "")
		}, []string{running}},
		{"the right to make things is at the management group", "managed-identity/app", func(e *estate) {
			e.identified()
			e.role("Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", "Microsoft.Logic/workflows/write")
			e.assign("a", ann, custom, "/providers/microsoft.management/managementgroups/root", "")
		}, []string{"user/ann by Microsoft.ManagedIdentity/userAssignedIdentities/assign/action and Microsoft.Logic/workflows/write", running}},
		{"the right is at the root", "managed-identity/app", func(e *estate) {
			e.identified()
			e.role("Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", "Microsoft.Logic/workflows/write")
			e.assign("a", ann, custom, "/", "")
		}, []string{"user/ann by Microsoft.ManagedIdentity/userAssignedIdentities/assign/action and Microsoft.Logic/workflows/write", running}},
		{"trusting another issuer", "managed-identity/app", func(e *estate) {
			e.identified()
			e.role("Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write")
			e.assign("a", ann, custom, app, "")
		}, []string{"user/ann by Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write", running}},

		{"an issuer that an identity trusts", "managed-identity/app", func(e *estate) {
			e.identified()
			e.federated(app, map[string]any{"method": "federated_credential", "issuer": "https://issuer.test/", "bound_subject": "system:serviceaccount:pay:app", "bound_audiences": []string{}})
		}, []string{"oidc:issuer.test subject system:serviceaccount:pay:app by federated credential f", running}},
		{"an issuer that an application trusts, by an expression", "service-principal/ci", func(e *estate) {
			e.registered("", "")
			e.federated("entra:t1/applications/guid-app", map[string]any{"method": "federated_credential", "issuer": "https://issuer.test", "bound_audiences": []string{}})
		}, []string{"oidc:issuer.test? by federated credential f if subject"}},
		{"an issuer that another application trusts", "service-principal/ci", func(e *estate) {
			e.registered("", "")
			e.federated("entra:t1/applications/guid-other", map[string]any{"method": "federated_credential", "issuer": "https://issuer.test", "bound_subject": "x", "bound_audiences": []string{}})
		}, nil},

		{"the owner of an application", "service-principal/ci", func(e *estate) { e.registered(`{"id":"`+ann+`"}`, "") }, []string{
			"user/ann? by adding a credential, as owner of its application" + policies,
		}},
		{"the owner of an identity's service principal adds nothing", "managed-identity/ci", func(e *estate) {
			e.object("entra:t1/serviceprincipals/"+ci, "entra.service_principal", "ci", `{"servicePrincipalType":"ManagedIdentity","owners":[{"id":"`+ann+`"}]}`)
		}, nil},
		{"nor does it where only the identity tells what it is", "managed-identity/app", func(e *estate) {
			e.identified()
			e.object("entra:t1/serviceprincipals/"+mi, "entra.service_principal", "app", `{"owners":[{"id":"`+ann+`"}]}`)
		}, []string{running}},
		{"the owner of a group", "group/team", func(e *estate) {
			e.object("entra:t1/groups/"+team, "entra.group", "team", `{"eligibilitySchedules":[],"members":[],"owners":[{"id":"`+ben+`"}]}`)
		}, []string{"user/ben by adding itself to the group, as its owner"}},
		{"of one that is copied from elsewhere", "group/team", func(e *estate) {
			e.object("entra:t1/groups/"+team, "entra.group", "team", `{"eligibilitySchedules":[],"members":[],"onPremisesSyncEnabled":true,"owners":[{"id":"`+ben+`"}]}`)
		}, nil},
		{"of one that a rule fills", "group/team", func(e *estate) {
			e.object("entra:t1/groups/"+team, "entra.group", "team", `{"eligibilitySchedules":[],"members":[],"groupTypes":["DynamicMembership"],"owners":[{"id":"`+ben+`"}]}`)
		}, nil},
		{"a member to be", "group/team", func(e *estate) {
			e.object("entra:t1/groups/"+team, "entra.group", "team", `{"members":[],"owners":[],"eligibilitySchedules":[{"principalId":"`+ben+`","accessId":"member"}]}`)
		}, []string{"user/ben? by activating that it is member of the group if activation"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := bare()
			c.make(e)
			var got []string
			for _, s := range e.build(t).StepsTo(c.to, all) {
				line := s.From
				if s.Decision != access.Allowed {
					line += "?"
				}
				line += " by " + s.By
				for _, r := range s.Residual {
					line += " if " + r.Key
				}
				got = append(got, line)
				if s.To != c.to {
					t.Errorf("a step to %q", s.To)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("StepsTo(%q) (-want +got):\n%s", c.to, d)
			}
		})
	}
}

// assigner is the role Role Based Access Control Administrator.
const assigner = "f58310d9-a9f6-439a-9e8d-f62e7b41a168"

// under is the condition of an assignment.
func under(condition string) string {
	return fmt.Sprintf(`,"condition":%q,"conditionVersion":"2.0"`, condition)
}

// onlyRoles is the condition of who may assign some roles.
func onlyRoles(ids ...string) string {
	return under("!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'}) OR @Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {" + strings.Join(ids, ", ") + "}")
}

// TestGains is who gives itself the secret.
func TestGains(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(*estate)
		want string // the first step of ben's way, if it has one, and whether it is certain
	}{
		{"owner of the subscription", func(e *estate) { e.assign("a", ben, owner, sub, "") }, "Microsoft.Authorization/roleAssignments/write allowed"},
		{"contributor, where roles decide", func(e *estate) { e.assign("a", ben, contributor, sub, "") }, ""},
		{"contributor, where policies decide", func(e *estate) {
			e.policies("")
			e.assign("a", ben, contributor, sub, "")
		}, "Microsoft.KeyVault/vaults/accessPolicies/write allowed"},
		{"contributor, and it was not read what decides", func(e *estate) {
			e.policies("")
			e.put(shop, "azure.keyvault.vault", "shop", nil)
			e.assign("a", ben, contributor, sub, "")
		}, "Microsoft.KeyVault/vaults/accessPolicies/write conditional"},
		{"contributor, where a deny assignment blocks it", func(e *estate) {
			e.policies("")
			e.assign("a", ben, contributor, sub, "")
			e.deny("d", `"principals":[{"type":"SystemDefined"}],"excludePrincipals":[]`)
		}, ""},
		{"whoever assigns roles of a list, the role of administrators of vaults among them", func(e *estate) { e.assign("a", ben, dataAdministrator, shop, "") }, "Microsoft.Authorization/roleAssignments/write allowed"},
		{"whoever assigns some roles, one of which reads it", func(e *estate) { e.assign("a", ben, assigner, shop, onlyRoles(valuesUser, cryptoUser)) }, "Microsoft.Authorization/roleAssignments/write allowed"},
		{"whoever assigns some roles, none of which reads it", func(e *estate) { e.assign("a", ben, assigner, shop, onlyRoles(cryptoUser)) }, ""},
		{"whoever assigns some roles, one of which was not read", func(e *estate) {
			e.assign("a", ben, assigner, shop, onlyRoles(custom))
			e.unread("azure/t1/s1", "azure.role_definition")
		}, "Microsoft.Authorization/roleAssignments/write conditional"},
		{"whoever assigns some roles, one of which is of their own making", func(e *estate) {
			e.object(sub+"/providers/microsoft.authorization/roledefinitions/"+custom, "azure.role_definition", "custom", `{"properties":{"roleName":"custom","permissions":[{"dataActions":["Microsoft.KeyVault/vaults/secrets/*"]}]}}`)
			e.assign("a", ben, assigner, shop, onlyRoles(custom))
		}, "Microsoft.Authorization/roleAssignments/write allowed"},
		{"whoever assigns some roles, one of which assigns roles", func(e *estate) { e.assign("a", ben, assigner, shop, onlyRoles(owner)) }, "Microsoft.Authorization/roleAssignments/write conditional"},
		{"whoever assigns roles to what runs alone", func(e *estate) {
			e.assign("a", ben, assigner, shop, under("@Request[Microsoft.Authorization/roleAssignments:PrincipalType] StringEqualsIgnoreCase 'ServicePrincipal'"))
		}, "Microsoft.Authorization/roleAssignments/write conditional"},
		{"whoever assigns roles to people alone", func(e *estate) {
			e.assign("a", ben, assigner, shop, under("@Request[Microsoft.Authorization/roleAssignments:PrincipalType] StringEqualsIgnoreCase 'User'"))
		}, "Microsoft.Authorization/roleAssignments/write allowed"},
		{"whoever assigns roles to somebody else alone", func(e *estate) {
			e.assign("a", ben, assigner, shop, under("@Request[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {00000000-0000-4000-8000-0000000000aa}"))
		}, "Microsoft.Authorization/roleAssignments/write conditional"},
		{"whoever assigns all roles but those that assign roles", func(e *estate) {
			e.assign("a", ben, assigner, shop, under("@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAllValues:GuidNotEquals {"+owner+", "+assigner+"}"))
		}, "Microsoft.Authorization/roleAssignments/write allowed"},
		{"whoever assigns some roles at some times", func(e *estate) {
			e.assign("a", ben, assigner, shop, under("@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {"+valuesUser+"} AND @Environment[UtcNow] DateTimeLessThan '2027-01-01T00:00:00Z'"))
		}, "Microsoft.Authorization/roleAssignments/write conditional"},
		{"whoever may activate that it assigns some roles", func(e *estate) { e.assign("a", ben, assigner, shop, onlyRoles(valuesUser)+`,"eligible":true`) }, "Microsoft.Authorization/roleAssignments/write conditional"},
		{"whoever assigns some roles, where policies decide and none writes them", func(e *estate) {
			e.policies("")
			e.assign("a", ben, assigner, shop, onlyRoles(valuesUser))
		}, ""},
		{"whoever assigns some roles, where policies decide and one writes them", func(e *estate) {
			e.policies("")
			e.assign("a", ben, assigner, shop, onlyRoles(contributor))
		}, "Microsoft.Authorization/roleAssignments/write allowed"},
		{"owner of another vault", func(e *estate) { e.assign("a", ben, owner, group+"/providers/microsoft.keyvault/vaults/shop2", "") }, ""},
		{"whoever writes custom roles, and has one", func(e *estate) {
			e.role("Microsoft.Authorization/roleDefinitions/write")
			e.assign("a", ben, custom, group, "")
		}, "Microsoft.Authorization/roleDefinitions/write conditional"},
		{"whoever writes the vault's own definition", func(e *estate) {
			e.policies("")
			e.role("Microsoft.KeyVault/vaults/write")
			e.assign("a", ben, custom, shop, "")
		}, "Microsoft.KeyVault/vaults/write allowed"},
		{"owner, where a deny assignment takes all secrets from everybody", func(e *estate) {
			e.assign("a", ben, owner, sub, "")
			e.denyOnly("d", `"dataActions":["*"]`)
		}, ""},
		{"owner, where policies decide, which no deny assignment of the data plane is asked for", func(e *estate) {
			e.policies("")
			e.assign("a", ben, owner, sub, "")
			e.denyOnly("d", `"dataActions":["*"]`)
		}, "Microsoft.KeyVault/vaults/accessPolicies/write allowed"},
		{"whoever assigns roles, where policies decide", func(e *estate) {
			e.policies("")
			e.role("Microsoft.Authorization/roleAssignments/write")
			e.assign("a", ben, custom, sub, "")
		}, "Microsoft.Authorization/roleAssignments/write allowed"},
		{"whoever assigns roles, where policies decide and nobody writes those but with the vault", func(e *estate) {
			e.policies("")
			e.role("Microsoft.Authorization/roleAssignments/write")
			e.assign("a", ben, custom, sub, "")
			e.denyOnly("d", `"actions":["Microsoft.KeyVault/vaults/accessPolicies/write"]`)
		}, "Microsoft.Authorization/roleAssignments/write allowed"},
		{"whoever assigns roles, where policies decide and nobody writes them", func(e *estate) {
			e.policies("")
			e.role("Microsoft.Authorization/roleAssignments/write")
			e.assign("a", ben, custom, sub, "")
			e.denyOnly("d", `"actions":["Microsoft.KeyVault/*"]`)
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := bare()
			c.make(e)
			x, err := reached(t, e).Can("ben", "getSecret", secret)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if len(x.Path) > 0 {
				got = x.Path[0].By + " " + string(x.Path[0].Decision)
				if len(x.Path[0].Because) == 0 {
					t.Error("no assignment is told by which ben may")
				}
			}
			if got != c.want || x.Direct.Decision != access.Denied {
				t.Errorf("%s by %q, want %q", x.Direct.Decision, got, c.want)
			}
		})
	}
}

func reached(t testing.TB, e *estate) *reach.Estate {
	t.Helper()
	out, err := reach.New(e.snapshot(t))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestWay goes from a person by a group, a machine and its identity to the secret.
func TestWay(t *testing.T) {
	e := bare()
	e.identified()
	e.object("entra:t1/groups/"+team, "entra.group", "team", `{"eligibilitySchedules":[],"members":[],"owners":[{"id":"`+ben+`"}]}`)
	e.role("Microsoft.Compute/virtualMachines/runCommand/action")
	e.assign("a", team, custom, machine, "")
	e.assign("b", mi, valuesUser, secret, "")
	x, err := reached(t, e).Can("ben", "getSecret", secret)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range x.Path {
		got = append(got, s.To)
	}
	if want := []string{"group/team", "workload/vm1", "managed-identity/app"}; !slices.Equal(got, want) || x.Holder != "managed-identity/app" {
		t.Errorf("the way is %q, want %q", got, want)
	}
}

// TestHidden is what leaves it open whether somebody who may not can become one who may.
func TestHidden(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(*estate)
		want string
	}{
		{"nothing", func(*estate) {}, "denied"},
		{"groups", func(e *estate) { e.unread("azure/t1/directory", "entra.group") }, "denied, unread: list of entra.group of azure/t1/directory"},
		{"machines", func(e *estate) { e.unread("azure/t1/s1", "azure.compute") }, "denied, unread: list of azure.compute of azure/s1"},
		{"who may activate that they belong to a group", func(e *estate) {
			e.object("entra:t1/groups/"+team, "entra.group", "team", `{"members":[],"owners":[]}`)
		}, "denied, unread: who may activate that they belong to it of group team"},
		{"owners of a group", func(e *estate) {
			e.object("entra:t1/groups/"+team, "entra.group", "team", `{"eligibilitySchedules":[],"members":[]}`)
		}, "denied, unread: owners of group team"},
		{"owners of several", func(e *estate) {
			e.registered("", "")
			e.object("entra:t1/applications/guid-app", "entra.application", "ci", `{`)
			e.object("entra:t1/groups/"+team, "entra.group", "team", `{"eligibilitySchedules":[],"members":[]}`)
		}, "denied, unread: owners of group team and 1 more"},
		{"an assignment elsewhere, by which somebody may become somebody", func(e *estate) {
			e.object(sub+"/resourcegroups/other/providers/microsoft.authorization/roleassignments/a", "azure.role_assignment", "a", `{"broken":`)
		}, "denied, unread: role assignment a of azure/t1/s1"},
		{"the members of a group that has something elsewhere", func(e *estate) {
			e.object("entra:t1/groups/guid-far", "entra.group", "far", `{"owners":[],"eligibilitySchedules":[]}`)
			e.assign("a", "guid-far", contributor, sub+"/resourcegroups/other", "")
		}, "denied, unread: members of group/far"},
		{"a role that somebody has elsewhere", func(e *estate) {
			e.assign("a", ann, custom, sub+"/resourcegroups/other", "")
		}, "denied, unread: role definition " + custom + " of " + sub + "/resourcegroups/other"},
		{"assignments in the vault, which goes by policies that roles let one write", func(e *estate) {
			e.policies("")
			e.gaps = append(e.gaps, inventory.Gap{Scope: "azure/t1/s1/shop", Types: []string{"azure.role_assignment"}, What: "role assignments", Why: inventory.Denied})
		}, "denied, unread: role assignments of azure/t1/s1/shop"},
		{"the directory of another tenant", func(e *estate) {
			e.scopes["azure/t2/s2"] = ofSubscription
		}, "denied, unread: list of entra.application of azure/t2/directory, unread: list of entra.federated_credential of azure/t2/directory, " +
			"unread: list of entra.group of azure/t2/directory, unread: list of entra.service_principal of azure/t2/directory"},
		{"nothing of what a file declares", func(e *estate) {
			e.put("terraform:shop#azurerm_role_assignment.a", "azure.role_assignment", "a", map[string]any{"origin": "declared", "scope": "repo/shop"})
		}, "denied"},
		{"the identities of a machine", func(e *estate) {
			e.put(machine, "azure.compute", "vm1", map[string]any{"unknown": []inventory.Unknown{{Fact: "workload.document", Why: inventory.Denied}}})
		}, "denied, unread: compute vm1 of azure/t1/s1"},
		{"which principal an identity of a machine is", func(e *estate) {
			e.identified()
			e.drop(app)
		}, "denied, unread: managed identity app of /subscriptions/s1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := bare()
			c.make(e)
			x, err := reached(t, e).Can("ben", "getSecret", secret)
			if err != nil {
				t.Fatal(err)
			}
			if got := said(x.Direct.Decision, x.Direct.Residual, x.Unread); got != c.want {
				t.Errorf("Explain = %s, want %s", got, c.want)
			}
		})
	}
}

// TestWho lists groups and their members, and tells once of what anybody may be given.
func TestWho(t *testing.T) {
	e := bare()
	e.assign("a", team, valuesUser, shop, "")
	e.assign("b", "guid-gone", valuesUser, shop, `,"principalType":"ServicePrincipal"`)
	e.assign("c", ben, administrator, shop, `,"eligible":true`)
	e.object("entra:t1/groups/guid-far", "entra.group", "far", `{"eligibilitySchedules":[],"owners":[]}`)
	e.assign("d", "guid-far", valuesUser, shop, "")
	h, err := e.build(t).Who("getSecret", secret)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range h.Holders {
		got = append(got, x.Principal+": "+said(x.Decision, x.Residual, x.Unread))
	}
	want := []string{
		"group/far: allowed", "group/inner: allowed", "group/team: allowed", "service-principal/guid-gone: allowed", "user/ann: allowed", "user/ben: conditional if activation",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("holders (-want +got):\n%s", d)
	}
	if len(h.Unread) != 1 || h.Unread[0].Document != "members" || h.Unread[0].Of != "group/far" {
		t.Errorf("unread: %v", h.Unread)
	}
}

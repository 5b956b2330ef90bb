package azure_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/inventory/inventorytest"
	"github.com/keyreeve/keyreeve/scanner/reach/azure"
)

const (
	sub     = "/subscriptions/s1"
	group   = sub + "/resourcegroups/g"
	shop    = group + "/providers/microsoft.keyvault/vaults/shop"
	secret  = shop + "/secrets/stripe"
	key     = shop + "/keys/payload"
	app     = group + "/providers/microsoft.managedidentity/userassignedidentities/app"
	machine = group + "/providers/microsoft.compute/virtualmachines/vm1"

	ann, ben, team, inner, ci, mi = "guid-ann", "guid-ben", "guid-team", "guid-inner", "guid-ci", "guid-mi"

	valuesUser        = "4633458b-17de-408a-b874-0445c86b69e6"
	cryptoUser        = "12338af0-0e69-4776-bea7-57ae8d297424"
	administrator     = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
	owner             = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
	contributor       = "b24988ac-6180-42a0-ab88-20f7382dd24c"
	dataAdministrator = "8b54135c-b56d-4d72-a534-26097cfdc8d8"
	custom            = "11111111-2222-4333-8444-555555555555"
)

// estate is a snapshot that is being written. All of its listings were read.
type estate struct {
	scopes    map[string][]string
	resources []map[string]any
	gaps      []inventory.Gap
}

var (
	ofDirectory    = []string{"entra.application", "entra.federated_credential", "entra.group", "entra.service_principal", "entra.user"}
	ofSubscription = []string{
		"azure.compute", "azure.deny_assignment", "azure.keyvault.vault", "azure.managed_identity", "azure.role_assignment", "azure.role_definition", "azure.subscription",
		"entra.federated_credential",
	}
	ofVault = []string{"azure.keyvault.access_policy", "azure.keyvault.key", "azure.keyvault.secret"}
)

// bare has one vault that goes by roles, with a key and a secret, two users and two groups: ann is in inner, and inner in team.
func bare() *estate {
	e := &estate{scopes: map[string][]string{"azure/t1/directory": ofDirectory, "azure/t1/s1": ofSubscription, "azure/t1/s1/shop": ofVault}}
	e.put(sub, "azure.subscription", "prod", map[string]any{"account": map[string]any{"path": []string{"root", "prod"}}})
	e.put(shop, "azure.keyvault.vault", "shop", map[string]any{"store": map[string]any{"rbac": true}})
	e.put(secret, "azure.keyvault.secret", "stripe", nil)
	e.put(key, "azure.keyvault.key", "payload", nil)
	e.put("entra:t1/users/"+ann, "entra.user", "ann", nil)
	e.put("entra:t1/users/"+ben, "entra.user", "ben", nil)
	e.object("entra:t1/groups/"+team, "entra.group", "team", `{"eligibilitySchedules":[],"members":[{"@odata.type":"#microsoft.graph.group","id":"`+inner+`"}],"owners":[]}`)
	e.object("entra:t1/groups/"+inner, "entra.group", "inner", `{"eligibilitySchedules":[],"members":[{"@odata.type":"#microsoft.graph.user","id":"`+ann+`"}],"owners":[]}`)
	return e
}

// put adds a resource, or replaces the one that has its ID.
func (e *estate) put(id, typ, name string, more map[string]any) {
	info, _ := inventory.TypeOf(typ)
	r := map[string]any{"id": id, "type": typ, "kind": info.Kind, "name": name, "origin": "live", "scope": scopeOf(id)}
	for k, v := range more {
		r[k] = v
	}
	e.drop(id)
	e.resources = append(e.resources, r)
}

func (e *estate) drop(id string) {
	e.resources = slices.DeleteFunc(e.resources, func(r map[string]any) bool { return r["id"] == id })
}

func (e *estate) object(id, typ, name, document string) {
	e.put(id, typ, name, map[string]any{"document": document})
}

// scopeOf is where a resource of these tests lies.
func scopeOf(id string) string {
	switch {
	case strings.HasPrefix(id, "entra:"):
		return "azure/t1/directory"
	case strings.Contains(id, "/secrets/"), strings.Contains(id, "/keys/"), strings.HasSuffix(id, "/accesspolicies"):
		return "azure/t1/s1/shop"
	}
	return "azure/t1/s1"
}

// assign gives a role at a scope; more are fields of the assignment, with a comma before them.
func (e *estate) assign(name, who, role, scope, more string) {
	e.object(strings.TrimSuffix(scope, "/")+"/providers/microsoft.authorization/roleassignments/"+name, "azure.role_assignment", name,
		fmt.Sprintf(`{"properties":{"principalId":%q,"roleDefinitionId":"/providers/Microsoft.Authorization/roleDefinitions/%s"%s}}`, who, role, more))
}

func (e *estate) role(actions ...string) {
	list, _ := json.Marshal(actions)
	e.object(sub+"/providers/microsoft.authorization/roledefinitions/"+custom, "azure.role_definition", "custom",
		`{"properties":{"roleName":"custom","permissions":[{"actions":`+string(list)+`}]}}`)
}

func (e *estate) deny(name, rest string) {
	e.object(group+"/providers/microsoft.authorization/denyassignments/"+name, "azure.deny_assignment", name, `{"properties":{"denyAssignmentName":"`+name+`","permissions":[{"actions":["*"],"dataActions":["*"]}],`+rest+`}}`)
}

// denyOnly takes some permissions from everybody.
func (e *estate) denyOnly(name, permissions string) {
	e.object(group+"/providers/microsoft.authorization/denyassignments/"+name, "azure.deny_assignment", name,
		`{"properties":{"denyAssignmentName":"`+name+`","permissions":[{`+permissions+`}],"principals":[{"type":"SystemDefined"}],"excludePrincipals":[]}}`)
}

func (e *estate) policies(list string) {
	e.put(shop, "azure.keyvault.vault", "shop", map[string]any{"store": map[string]any{"rbac": false}})
	e.object(shop+"/accesspolicies", "azure.keyvault.access_policy", "shop", `{"properties":{"accessPolicies":[`+list+`]}}`)
}

// unread leaves out one type of what was listed in a scope.
func (e *estate) unread(scope, typ string) {
	e.scopes[scope] = slices.DeleteFunc(slices.Clone(e.scopes[scope]), func(t string) bool { return t == typ })
}

func (e *estate) snapshot(t testing.TB) *inventory.Snapshot {
	t.Helper()
	var scopes []map[string]any
	for scope, types := range e.scopes {
		scopes = append(scopes, map[string]any{"scope": scope, "types": types})
	}
	text, err := json.Marshal(map[string]any{"takenAt": "2026-01-01T00:00:00Z", "scopes": scopes, "resources": e.resources, "gaps": e.gaps})
	if err != nil {
		t.Fatal(err)
	}
	snap, err := inventorytest.ByHand(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func (e *estate) build(t testing.TB) *azure.Estate {
	t.Helper()
	out, err := azure.New(e.snapshot(t))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// said is an answer in a line: the decision, on what it hangs, what was not read.
func said(d access.Decision, residual []access.Residual, unread []access.Unread) string {
	out := string(d)
	for _, r := range residual {
		out += " if " + r.Key
	}
	for _, u := range unread {
		out += ", unread: " + u.Document + " of " + u.Of
	}
	return out
}

const getSecret = "Microsoft.KeyVault/vaults/secrets/getSecret/action"

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		name, want string
		make       func(*estate)
	}{
		{"nothing", "denied", func(*estate) {}},
		{"a role on the secret", "allowed", func(e *estate) { e.assign("a", ann, valuesUser, secret, "") }},
		{"on another secret", "denied", func(e *estate) { e.assign("a", ann, valuesUser, shop+"/secrets/other", "") }},
		{"on a secret whose name begins alike", "denied", func(e *estate) { e.assign("a", ann, valuesUser, shop+"/secrets/strip", "") }},
		{"at the root", "allowed", func(e *estate) { e.assign("a", ann, valuesUser, "/", "") }},
		{"letters of another case", "allowed", func(e *estate) { e.assign("a", strings.ToUpper(ann), strings.ToUpper(valuesUser), group, "") }},
		{"by a group within a group", "allowed", func(e *estate) { e.assign("a", team, valuesUser, shop, "") }},
		{"a role for keys", "denied", func(e *estate) { e.assign("a", ann, cryptoUser, shop, "") }},
		{"owner, of the other plane", "denied", func(e *estate) { e.assign("a", ann, owner, "/", "") }},
		{"to be activated", "conditional if activation", func(e *estate) { e.assign("a", ann, valuesUser, shop, `,"eligible":true`) }},
		{"a management group above", "allowed", func(e *estate) {
			e.assign("a", ann, valuesUser, "/providers/microsoft.management/managementgroups/prod", "")
		}},
		{"a management group elsewhere", "denied", func(e *estate) {
			e.assign("a", ann, valuesUser, "/providers/microsoft.management/managementgroups/dev", "")
		}},
		{"a management group, and it is not read which are above", "conditional if management_groups, unread: management groups of /subscriptions/s1", func(e *estate) {
			e.assign("a", ann, valuesUser, "/providers/microsoft.management/managementgroups/prod", "")
			e.drop(sub)
		}},
		{"a condition of the assignment", "conditional if @Environment[UtcNow]", func(e *estate) {
			e.assign("a", ann, valuesUser, shop, `,"condition":"@Environment[UtcNow] DateTimeLessThan '2027-01-01T00:00:00Z'","conditionVersion":"2.0"`)
		}},

		{"denied to everyone", "denied", func(e *estate) {
			e.assign("a", ann, valuesUser, shop, "")
			e.deny("d", `"principals":[{"id":"00000000-0000-0000-0000-000000000000","type":"SystemDefined"}],"excludePrincipals":[]`)
		}},
		{"denied to everyone but a group", "allowed", func(e *estate) {
			e.assign("a", ann, valuesUser, shop, "")
			e.deny("d", `"principals":[{"id":"00000000-0000-0000-0000-000000000000","type":"SystemDefined"}],"excludePrincipals":[{"id":"`+team+`","type":"Group"}]`)
		}},
		{"denied to everyone but a group whose members are not known", "conditional, unread: members of group/far", func(e *estate) {
			e.assign("a", ann, valuesUser, shop, "")
			e.object("entra:t1/groups/guid-far", "entra.group", "far", `{"eligibilitySchedules":[],"owners":[]}`)
			e.deny("d", `"principals":[{"id":"00000000-0000-0000-0000-000000000000","type":"SystemDefined"}],"excludePrincipals":[{"id":"guid-far","type":"Group"}]`)
		}},
		{"denied to a group whose members are not known", "conditional, unread: members of group/far", func(e *estate) {
			e.assign("a", ann, valuesUser, shop, "")
			e.object("entra:t1/groups/guid-far", "entra.group", "far", `{"eligibilitySchedules":[],"owners":[]}`)
			e.deny("d", `"principals":[{"id":"guid-far","type":"Group"}],"excludePrincipals":[]`)
		}},
		{"the same, and the role was not read", "conditional, unread: role definition " + custom + " of " + shop + ", unread: members of group/far", func(e *estate) {
			e.assign("a", ann, custom, shop, "")
			e.object("entra:t1/groups/guid-far", "entra.group", "far", `{"eligibilitySchedules":[],"owners":[]}`)
			e.deny("d", `"principals":[{"id":"guid-far","type":"Group"}],"excludePrincipals":[]`)
		}},
		{"denied but to such a group, and the role was not read", "conditional, unread: role definition " + custom + " of " + shop + ", unread: members of group/far", func(e *estate) {
			e.assign("a", ann, custom, shop, "")
			e.object("entra:t1/groups/guid-far", "entra.group", "far", `{"eligibilitySchedules":[],"owners":[]}`)
			e.deny("d", `"principals":[{"type":"SystemDefined"}],"excludePrincipals":[{"id":"guid-far","type":"Group"}]`)
		}},
		{"deny assignments were not listed", "conditional, unread: list of azure.deny_assignment of azure/s1/shop", func(e *estate) {
			e.assign("a", ann, valuesUser, shop, "")
			e.unread("azure/t1/s1", "azure.deny_assignment")
		}},
		{"deny assignments were not listed, and nothing is given", "denied", func(e *estate) { e.unread("azure/t1/s1", "azure.deny_assignment") }},
		{"a deny assignment is not understood", "conditional, unread: deny assignment d of azure/t1/s1", func(e *estate) {
			e.assign("a", ann, valuesUser, shop, "")
			e.object(group+"/providers/microsoft.authorization/denyassignments/d", "azure.deny_assignment", "d", `{"properties":`)
		}},
		{"a deny assignment elsewhere is not understood", "allowed", func(e *estate) {
			e.assign("a", ann, valuesUser, shop, "")
			e.object(sub+"/resourcegroups/other/providers/microsoft.authorization/denyassignments/d", "azure.deny_assignment", "d", `{"properties":`)
		}},

		{"role assignments were not listed", "conditional, unread: list of azure.role_assignment of azure/s1/shop", func(e *estate) { e.unread("azure/t1/s1", "azure.role_assignment") }},
		{"they were not, and it is given all the same", "allowed", func(e *estate) {
			e.unread("azure/t1/s1", "azure.role_assignment")
			e.assign("a", ann, valuesUser, shop, "")
		}},
		{"role assignments have a gap", "conditional, unread: role assignments of azure/t1/s1", func(e *estate) {
			e.gaps = append(e.gaps, inventory.Gap{Scope: "azure/t1/s1", Types: []string{"azure.role_assignment"}, What: "role assignments", Why: inventory.Throttled})
		}},
		{"an assignment says too little", "conditional, unread: role assignment a of azure/t1/s1", func(e *estate) {
			e.object(group+"/providers/microsoft.authorization/roleassignments/a", "azure.role_assignment", "a", `{"properties":{}}`)
		}},
		{"a role that was not read", "conditional, unread: role definition " + custom + " of " + shop, func(e *estate) { e.assign("a", ann, custom, shop, "") }},
		{"a role that was not read, elsewhere", "denied", func(e *estate) { e.assign("a", ann, custom, shop+"/keys/payload", "") }},
		{"a role that was not read beside one that gives it", "allowed", func(e *estate) {
			e.assign("a", ann, custom, shop, "")
			e.assign("b", ann, valuesUser, shop, "")
		}},
		{"a group whose members are not known", "conditional, unread: members of group/far", func(e *estate) {
			e.object("entra:t1/groups/guid-far", "entra.group", "far", `{"eligibilitySchedules":[],"owners":[]}`)
			e.assign("a", "guid-far", valuesUser, shop, "")
		}},
		{"a group in which one is whose members are not known", "conditional, unread: members of group/far", func(e *estate) {
			e.object("entra:t1/groups/guid-far", "entra.group", "far", `{"eligibilitySchedules":[],"owners":[]}`)
			e.object("entra:t1/groups/guid-wide", "entra.group", "wide", `{"eligibilitySchedules":[],"members":[{"@odata.type":"#microsoft.graph.group","id":"guid-far"}],"owners":[]}`)
			e.assign("a", "guid-wide", valuesUser, shop, "")
		}},
		{"groups were not listed, and somebody has it who may be one", "conditional, unread: members of principal/guid-x", func(e *estate) {
			e.unread("azure/t1/directory", "entra.group")
			e.assign("a", "guid-x", valuesUser, shop, "")
		}},
		{"somebody else has it who is a user", "denied", func(e *estate) { e.assign("a", "guid-x", valuesUser, shop, `,"principalType":"User"`) }},

		{"an access policy", "allowed", func(e *estate) {
			e.policies(`{"objectId":"` + ann + `","permissions":{"secrets":["Get"]}}`)
		}},
		{"an access policy of a group", "allowed", func(e *estate) {
			e.policies(`{"objectId":"` + team + `","permissions":{"secrets":["all"]}}`)
		}},
		{"an access policy for keys", "denied", func(e *estate) { e.policies(`{"objectId":"` + ann + `","permissions":{"keys":["all"]}}`) }},
		{"a role in a vault that goes by policies", "denied", func(e *estate) {
			e.policies("")
			e.assign("a", ann, administrator, shop, "")
		}},
		{"policies that were not read", "conditional, unread: access policies of shop", func(e *estate) {
			e.policies("")
			e.drop(shop + "/accesspolicies")
		}},
		{"a policy that says too little", "conditional, unread: access policies of shop", func(e *estate) { e.policies(`{"permissions":{}}`) }},
		{"a policy of an application on its behalf", "conditional if applicationId", func(e *estate) {
			e.policies(`{"objectId":"` + ann + `","applicationId":"x","permissions":{"secrets":["get"]}}`)
		}},
		{"it was not read by which the vault goes, and the role would do", "conditional, unread: enableRbacAuthorization of shop", func(e *estate) {
			e.policies("")
			e.put(shop, "azure.keyvault.vault", "shop", nil)
			e.assign("a", ann, valuesUser, shop, "")
		}},
		{"it was not read, and both would do", "allowed", func(e *estate) {
			e.policies(`{"objectId":"` + ann + `","permissions":{"secrets":["get"]}}`)
			e.put(shop, "azure.keyvault.vault", "shop", nil)
			e.assign("a", ann, valuesUser, shop, "")
		}},
		{"it was not read, and neither would do", "denied", func(e *estate) {
			e.policies("")
			e.put(shop, "azure.keyvault.vault", "shop", nil)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := bare()
			c.make(e)
			x, err := e.build(t).Explain("ann", "getSecret", secret)
			if err != nil {
				t.Fatal(err)
			}
			if got := said(x.Direct.Decision, x.Direct.Residual, x.Unread); got != c.want {
				t.Errorf("Explain = %s\nwant      %s", got, c.want)
			}
			if x.Action != getSecret || x.Direct.Error != "" {
				t.Errorf("action %q, error %q", x.Action, x.Direct.Error)
			}
		})
	}
}

// TestFix takes away what gives it, and nothing else, and says where that does not suffice.
func TestFix(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(*estate)
		want []string
		note string
	}{
		{"one of two", func(e *estate) {
			e.assign("a", ann, valuesUser, shop, "")
			e.assign("b", ann, cryptoUser, shop, "")
		}, []string{"role assignment a: Key Vault Secrets User at " + shop}, ""},
		{"two that each give it", func(e *estate) {
			e.assign("a", ann, valuesUser, shop, "")
			e.assign("b", ann, administrator, group, "")
		}, []string{"role assignment a: Key Vault Secrets User at " + shop, "role assignment b: Key Vault Administrator at " + group}, ""},
		{"of a group", func(e *estate) { e.assign("a", team, valuesUser, shop, "") }, []string{"role assignment a (group/team): Key Vault Secrets User at " + shop}, "by leaving the group"},
		{"also where it has to be activated", func(e *estate) {
			e.assign("a", ann, valuesUser, shop, "")
			e.assign("b", ann, administrator, shop, `,"eligible":true`)
		}, []string{"role assignment a: Key Vault Secrets User at " + shop, "role assignment b: Key Vault Administrator at " + shop}, ""},
		{"a policy", func(e *estate) {
			e.policies(`{"objectId":"` + ann + `","permissions":{"secrets":["get"]}},{"objectId":"` + ann + `","permissions":{"keys":["get"]}}`)
		}, []string{"access policy of guid-ann: secrets/get"}, ""},
		{"with something unread", func(e *estate) {
			e.assign("a", ann, valuesUser, shop, "")
			e.unread("azure/t1/s1", "azure.role_assignment")
		}, []string{"role assignment a: Key Vault Secrets User at " + shop}, "was not read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := bare()
			c.make(e)
			x, err := e.build(t).Explain("ann", "getSecret", secret)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range x.Fix {
				got = append(got, f.Document+": "+f.Statement)
			}
			if !slices.Equal(got, c.want) || !strings.Contains(x.FixNote, c.note) || (c.note == "") != (x.FixNote == "") {
				t.Errorf("Fix = %q, %q; want %q, %q", got, x.FixNote, c.want, c.note)
			}
		})
	}
}

// TestQuestions are names of keys, of principals and of actions.
func TestQuestions(t *testing.T) {
	e := bare()
	e.put(shop+"/keys/stripe", "azure.keyvault.key", "stripe", nil)
	e.put("entra:t1/users/guid-ann2", "entra.user", "Ann", nil)
	x := e.build(t)
	for name, want := range map[string]int{
		"stripe": 2, "shop/stripe": 2, "shop/secrets/stripe": 1, "https://shop.vault.azure.net/secrets/stripe": 1, "https://shop.vault.azure.net/secrets/stripe/": 1,
		strings.ToUpper(secret): 1, "payload": 1, "strip": 0,
	} {
		if got := x.Find(name); len(got) != want {
			t.Errorf("Find(%q) = %q, want %d", name, got, want)
		}
	}
	for _, c := range []struct{ who, action, want string }{
		{"ben", "getsecret", ""},
		{"user/ben", "secrets/getSecret", ""},
		{"GUID-BEN", getSecret, ""},
		{"entra:t1/users/" + ben, "SECRETS/GETSECRET/ACTION", ""},
		{"ben", "Microsoft.Authorization/roleAssignments/write", ""},
		{"ann", "getSecret", "means several"},
		{"eve", "getSecret", "is called"},
		{"ben", "decrypt", "is no action on azure.keyvault.secret; it is one of backup, delete, getSecret"},
		{"ben", "keys/decrypt", "is no action"},
		{"ben", "", "is no action"},
	} {
		_, err := x.Explain(c.who, c.action, secret)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("Explain(%q, %q): %v, want %q", c.who, c.action, err, c.want)
		}
	}
}

// TestStrangers are those who may be where nobody looked.
func TestStrangers(t *testing.T) {
	e := bare()
	e.unread("azure/t1/directory", "entra.user")
	x, err := e.build(t).Explain("eve", "getSecret", secret)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := said(x.Direct.Decision, x.Direct.Residual, x.Unread), "conditional, unread: list of entra.user of azure/t1/directory"; got != want {
		t.Errorf("Explain = %s, want %s", got, want)
	}
}

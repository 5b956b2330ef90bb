package azure_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/azure"
)

const (
	alice = "aaaaaaaa-0000-0000-0000-000000000001"
	bob   = "bbbbbbbb-0000-0000-0000-000000000002"
	team  = "cccccccc-0000-0000-0000-000000000003"
	all   = "00000000-0000-0000-0000-000000000000"

	sub   = "/subscriptions/11111111-1111-1111-1111-111111111111"
	group = sub + "/resourceGroups/payments"
	vault = group + "/providers/Microsoft.KeyVault/vaults/pay"
	key   = vault + "/keys/order"
	pin   = vault + "/secrets/pin"
	mgmt  = "/providers/Microsoft.Management/managementGroups/"

	getSecret   = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
	decrypt     = "Microsoft.KeyVault/vaults/keys/decrypt/action"
	vaultWrite  = "Microsoft.KeyVault/vaults/write"
	assignWrite = "Microsoft.Authorization/roleAssignments/write"
)

// builtIns holds the IDs of built-in roles by name: Azure's from the embedded file, and of Managed HSM those that the cases use.
var builtIns = sync.OnceValue(func() map[string]string {
	ids := map[string]string{
		"Managed HSM Administrator":  "a290e904-7015-4bba-90c8-60543313cdb4",
		"Managed HSM Crypto Officer": "515eb02d-2335-4d2d-92f2-b1cbdf9c3778",
		"Managed HSM Crypto User":    "21dbd100-6940-42c2-9190-5d6cb909625b",
	}
	b, err := os.ReadFile("roles.json")
	if err != nil {
		panic(err)
	}
	var file struct{ Roles []struct{ ID, Name string } }
	if err := json.Unmarshal(b, &file); err != nil {
		panic(err)
	}
	for _, r := range file.Roles {
		ids[r.Name] = r.ID
	}
	return ids
})

// has gives a principal a built-in role at a scope.
func has(principal, role, scope string) azure.RoleAssignment {
	id, ok := builtIns()[role]
	if !ok {
		panic("no role " + role)
	}
	return azure.RoleAssignment{
		PrincipalID: principal, Scope: scope,
		RoleDefinitionID: sub + "/providers/Microsoft.Authorization/roleDefinitions/" + id,
	}
}

// request asks whether alice, who is in team, may do an action by the assignments given.
func request(plane azure.Plane, action, scope string, assignments ...azure.RoleAssignment) azure.Request {
	return azure.Request{
		Principal: azure.Principal{ID: alice, Groups: []string{team}},
		Plane:     plane, Action: action, Scope: scope, RoleAssignments: assignments,
	}
}

// custom is a request by a role of one's own, assigned to alice at the subscription.
func custom(plane azure.Plane, action string, blocks ...azure.Permission) azure.Request {
	const id = "dddddddd-0000-0000-0000-000000000004"
	r := request(plane, action, pin, azure.RoleAssignment{PrincipalID: alice, Scope: sub, RoleDefinitionID: id})
	r.RoleDefinitions = []azure.RoleDefinition{{ID: id, RoleName: "custom", Permissions: blocks}}
	return r
}

// denying adds a deny assignment to a request.
func denying(r azure.Request, d azure.DenyAssignment) azure.Request {
	r.DenyAssignments = append(slices.Clone(r.DenyAssignments), d)
	return r
}

func under(r azure.Request, groups ...string) azure.Request {
	r.ManagementGroups = map[string][]string{strings.ToUpper(sub): groups}
	return r
}

// twoLists places one management group under different ones.
func twoLists(r azure.Request) azure.Request {
	r.ManagementGroups = map[string][]string{sub: {mgmt + "prod", mgmt + "a"}, "/subscriptions/2": {mgmt + "prod", mgmt + "b"}}
	return r
}

func inVault(r azure.Request, v azure.Vault) azure.Request {
	r.Vault = &v
	return r
}

func with(a azure.RoleAssignment, change func(*azure.RoleAssignment)) azure.RoleAssignment {
	change(&a)
	return a
}

var everyoneSecrets = azure.DenyAssignment{
	Name: "no secrets", Scope: group,
	Principals:  []azure.DenyPrincipal{{ID: all, Type: "SystemDefined"}},
	Permissions: []azure.Permission{{DataActions: []string{"Microsoft.KeyVault/vaults/secrets/*"}}},
}

func denyWith(change func(*azure.DenyAssignment)) azure.DenyAssignment {
	d := everyoneSecrets
	change(&d)
	return d
}

const onlyCryptoUser = `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR
	(@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {12338af0-0e69-4776-bea7-57ae8d297424}))`

var cases = []struct {
	name    string
	request azure.Request
	want    string // the decision; "explicit" if a deny surely matches; classes and keys of what is left
}{
	// https://learn.microsoft.com/azure/role-based-access-control/role-definitions
	{"Owner has every action and no data action", request(azure.Data, getSecret, pin, has(alice, "Owner", sub)), "denied"},
	{"Owner may write a vault", request(azure.Control, vaultWrite, vault, has(alice, "Owner", sub)), "allowed"},
	{"notActions take from a wildcard", request(azure.Control, assignWrite, vault, has(alice, "Contributor", sub)), "denied"},
	{
		"notActions of one role take nothing from another",
		request(azure.Control, assignWrite, vault, has(alice, "Contributor", sub), has(alice, "User Access Administrator", group)), "allowed",
	},
	{"notDataActions take from their own block", custom(azure.Data, getSecret, azure.Permission{
		DataActions: []string{"Microsoft.KeyVault/vaults/*"}, NotDataActions: []string{"*/getSecret/action"},
	}), "denied"},
	{"notDataActions take nothing from another block of the role", custom(azure.Data, getSecret,
		azure.Permission{DataActions: []string{"Microsoft.KeyVault/vaults/*"}, NotDataActions: []string{getSecret}},
		azure.Permission{DataActions: []string{"microsoft.keyvault/VAULTS/secrets/*/ACTION"}}), "allowed"},
	{"actions count for nothing in the data plane", custom(azure.Data, getSecret, azure.Permission{Actions: []string{"*", getSecret}}), "denied"},
	{"dataActions count for nothing in the control plane", custom(azure.Control, vaultWrite, azure.Permission{DataActions: []string{"*"}}), "denied"},
	{"notActions take nothing from dataActions", custom(azure.Data, getSecret, azure.Permission{
		NotActions: []string{"*"}, DataActions: []string{getSecret},
	}), "allowed"},
	{"an asterisk spans segments", custom(azure.Data, getSecret, azure.Permission{DataActions: []string{"Microsoft.KeyVault/*/action"}}), "allowed"},
	{"a pattern without asterisk is the whole action", custom(azure.Data, getSecret, azure.Permission{
		DataActions: []string{"Microsoft.KeyVault/vaults/secrets/getSecret"},
	}), "denied"},
	{"a question mark is no wildcard", custom(azure.Data, getSecret, azure.Permission{DataActions: []string{"Microsoft.KeyVault/vaults/secrets/getSecre?/action"}}), "denied"},

	// https://learn.microsoft.com/azure/role-based-access-control/overview: groups, scopes
	{"through a group", request(azure.Data, getSecret, pin, has(team, "Key Vault Secrets User", vault)), "allowed"},
	{"of another", request(azure.Data, getSecret, pin, has(bob, "Key Vault Secrets User", vault)), "denied"},
	{"at the secret itself, in another case", request(azure.Data, strings.ToUpper(getSecret), strings.ToUpper(pin), has(strings.ToUpper(alice), "Key Vault Secrets User", pin+"/")), "allowed"},
	{"at another secret whose name begins the same", request(azure.Data, getSecret, pin+"2", has(alice, "Key Vault Secrets User", pin)), "denied"},
	{"at a vault whose name begins the same", request(azure.Data, getSecret, vault+"roll/secrets/pin", has(alice, "Key Vault Secrets User", vault)), "denied"},
	{"beneath what is asked about", request(azure.Data, getSecret, vault, has(alice, "Key Vault Secrets User", pin)), "denied"},
	{"at the root", request(azure.Data, getSecret, pin, has(alice, "Key Vault Secrets User", "/")), "allowed"},
	{"at a management group above", under(request(azure.Data, getSecret, pin, has(alice, "Key Vault Secrets User", mgmt+"root")), mgmt+"prod", mgmt+"ROOT"), "allowed"},
	{"at a management group elsewhere", under(request(azure.Data, getSecret, pin, has(alice, "Key Vault Secrets User", mgmt+"test")), mgmt+"prod", mgmt+"root"), "denied"},
	{"at a management group, of which nothing is known", request(azure.Data, getSecret, pin, has(alice, "Key Vault Secrets User", mgmt+"root")), "conditional WHAT:management_groups"},
	{"of a management group, through one above", under(request(azure.Control, assignWrite, mgmt+"prod", has(alice, "Owner", mgmt+"root")), mgmt+"prod", mgmt+"root"), "allowed"},
	{"of a management group, through one beneath", under(request(azure.Control, assignWrite, mgmt+"root", has(alice, "Owner", mgmt+"prod")), mgmt+"prod", mgmt+"root"), "denied"},
	{"of a management group that two lists place differently", twoLists(request(azure.Control, assignWrite, mgmt+"prod", has(alice, "Owner", mgmt+"b"))), "allowed"},
	{"at a management group whose name begins the same", under(request(azure.Data, getSecret, pin, has(alice, "Key Vault Secrets User", mgmt+"pro")), mgmt+"prod"), "denied"},

	// https://learn.microsoft.com/azure/key-vault/general/rbac-guide
	{"Reader of the subscription reads no secret", request(azure.Data, getSecret, pin, has(alice, "Reader", sub)), "denied"},
	{"Key Vault Reader sees metadata only", request(azure.Data, getSecret, pin, has(alice, "Key Vault Reader", vault)), "denied"},
	{"Key Vault Reader sees keys", request(azure.Data, "Microsoft.KeyVault/vaults/keys/read", key, has(alice, "Key Vault Reader", vault)), "allowed"},
	{"Key Vault Contributor reads no secret", request(azure.Data, getSecret, pin, has(alice, "Key Vault Contributor", vault)), "denied"},
	{"Crypto User decrypts", request(azure.Data, decrypt, key, has(alice, "Key Vault Crypto User", vault)), "allowed"},
	{"Crypto User backs keys up", request(azure.Data, "Microsoft.KeyVault/vaults/keys/backup/action", key, has(alice, "Key Vault Crypto User", vault)), "allowed"},
	{"Crypto User deletes no key", request(azure.Data, "Microsoft.KeyVault/vaults/keys/delete", key, has(alice, "Key Vault Crypto User", vault)), "denied"},
	{"Crypto Officer decrypts", request(azure.Data, decrypt, key, has(alice, "Key Vault Crypto Officer", vault)), "allowed"},
	{"Crypto Officer purges", request(azure.Data, "Microsoft.KeyVault/vaults/keys/purge/action", key, has(alice, "Key Vault Crypto Officer", vault)), "allowed"},
	{"Secrets Officer reads no key", request(azure.Data, "Microsoft.KeyVault/vaults/keys/read", key, has(alice, "Key Vault Secrets Officer", vault)), "denied"},
	{"Secrets User reads the private key of a certificate", request(azure.Data, getSecret, vault+"/certificates/tls", has(alice, "Key Vault Secrets User", vault+"/secrets/tls")), "allowed"},
	{"a secret of another certificate", request(azure.Data, getSecret, vault+"/certificates/tls", has(alice, "Key Vault Secrets User", vault+"/secrets/tl")), "denied"},

	// https://learn.microsoft.com/azure/role-based-access-control/deny-assignments
	{"a deny of everyone wins over a role", denying(request(azure.Data, getSecret, pin, has(alice, "Key Vault Secrets User", vault)), everyoneSecrets), "denied explicit"},
	{"a deny wins without a role", denying(request(azure.Data, getSecret, pin), everyoneSecrets), "denied explicit"},
	{"a deny of other actions", denying(request(azure.Data, decrypt, key, has(alice, "Key Vault Crypto User", vault)), everyoneSecrets), "allowed"},
	{"a deny of the other plane", denying(request(azure.Control, vaultWrite, vault, has(alice, "Owner", sub)), denyWith(func(d *azure.DenyAssignment) {
		d.Permissions = []azure.Permission{{DataActions: []string{"*"}}}
	})), "allowed"},
	{"a deny that spares the actions asked about", denying(request(azure.Data, getSecret, pin, has(alice, "Key Vault Secrets User", vault)), denyWith(func(d *azure.DenyAssignment) {
		d.Permissions = []azure.Permission{{DataActions: []string{"*"}, NotDataActions: []string{"*/getSecret/*"}}}
	})), "allowed"},
	{"a deny that exempts a group of the principal", denying(request(azure.Data, getSecret, pin, has(alice, "Key Vault Secrets User", vault)), denyWith(func(d *azure.DenyAssignment) {
		d.ExcludePrincipals = []azure.DenyPrincipal{{ID: strings.ToUpper(team), Type: "Group"}}
	})), "allowed"},
	{"a deny that exempts somebody else", denying(request(azure.Data, getSecret, pin, has(alice, "Key Vault Secrets User", vault)), denyWith(func(d *azure.DenyAssignment) {
		d.ExcludePrincipals = []azure.DenyPrincipal{{ID: bob}}
	})), "denied explicit"},
	{"a deny of a group of the principal", denying(request(azure.Data, getSecret, pin, has(alice, "Key Vault Secrets User", vault)), denyWith(func(d *azure.DenyAssignment) {
		d.Principals = []azure.DenyPrincipal{{ID: team}}
	})), "denied explicit"},
	{"a deny of somebody else", denying(request(azure.Data, getSecret, pin, has(alice, "Key Vault Secrets User", vault)), denyWith(func(d *azure.DenyAssignment) {
		d.Principals = []azure.DenyPrincipal{{ID: bob, Type: "User"}}
	})), "allowed"},
	{"a deny that spares child scopes", denying(request(azure.Data, getSecret, pin, has(alice, "Key Vault Secrets User", vault)), denyWith(func(d *azure.DenyAssignment) {
		d.ChildrenExempt = true
	})), "allowed"},
	{"a deny that spares child scopes, at its own", denying(request(azure.Data, getSecret, pin, has(alice, "Key Vault Secrets User", vault)), denyWith(func(d *azure.DenyAssignment) {
		d.ChildrenExempt, d.Scope = true, pin
	})), "denied explicit"},
	{"a deny with a condition is possible", denying(request(azure.Data, getSecret, pin, has(alice, "Key Vault Secrets User", vault)), denyWith(func(d *azure.DenyAssignment) {
		d.Condition = `@Resource[Microsoft.KeyVault/vaults/secrets:name] StringEquals 'pin'`
	})), "conditional WHAT:@Resource[Microsoft.KeyVault/vaults/secrets:name]"},
	{"a possible deny of what nothing grants", denying(request(azure.Data, getSecret, pin), denyWith(func(d *azure.DenyAssignment) {
		d.Condition = `@Resource[x:name] StringEquals 'pin'`
	})), "denied"},
	{"a deny at a management group, of which nothing is known", denying(request(azure.Data, getSecret, pin, has(alice, "Key Vault Secrets User", vault)), denyWith(func(d *azure.DenyAssignment) {
		d.Scope = mgmt + "root"
	})), "conditional WHAT:management_groups"},

	// https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-overview
	{"delegation limits the action it names", request(azure.Control, assignWrite, vault, has(alice, "Key Vault Data Access Administrator", vault)), "conditional HOW:@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"},
	{"deleting asks what is there", request(azure.Control, "Microsoft.Authorization/roleAssignments/delete", vault, has(alice, "Key Vault Data Access Administrator", vault)), "conditional WHAT:@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"},
	{"delegation limits no other action", request(azure.Control, "Microsoft.KeyVault/vaults/keys/read", key, has(alice, "Key Vault Data Access Administrator", vault)), "allowed"},
	{"a condition of the assignment", request(azure.Control, assignWrite, vault, with(has(alice, "Owner", sub), func(a *azure.RoleAssignment) { a.Condition = onlyCryptoUser })), "conditional HOW:@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"},
	{"a condition and an assignment without one", request(azure.Control, assignWrite, vault, has(team, "User Access Administrator", sub), with(has(alice, "Owner", sub), func(a *azure.RoleAssignment) { a.Condition = onlyCryptoUser })), "allowed"},
	{"a condition that cannot be true", request(azure.Control, vaultWrite, vault, with(has(alice, "Owner", sub), func(a *azure.RoleAssignment) { a.Condition = "ActionMatches{'Microsoft.Authorization/*'}" })), "denied"},
	{"a condition that cannot be read", request(azure.Control, vaultWrite, vault, with(has(alice, "Owner", sub), func(a *azure.RoleAssignment) { a.Condition = "whatever" })), "conditional HOW:condition (not understood at byte 8)"},
	{"AND beside OR without parentheses is not guessed at", request(azure.Control, vaultWrite, vault, with(has(alice, "Owner", sub), func(a *azure.RoleAssignment) {
		a.Condition = "ActionMatches{'*'} OR ActionMatches{'x'} AND ActionMatches{'y'}"
	})), "conditional HOW:condition (not understood at byte 42)"},
	{"a condition of a version there is not", request(azure.Control, vaultWrite, vault, with(has(alice, "Owner", sub), func(a *azure.RoleAssignment) {
		a.Condition, a.Version = "ActionMatches{'*'}", "3.0"
	})), "conditional HOW:condition"},
	{"conditions on principal, network and time", request(azure.Control, vaultWrite, vault, with(has(alice, "Owner", sub), func(a *azure.RoleAssignment) {
		a.Condition = `@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:A_B] StringEquals @Resource[t:p] AND @Environment[isPrivateLink] BoolEquals true && @Environment[UtcNow] DateTimeGreaterThan '2026-05-01T13:00:00Z'`
	})), "conditional WHAT:@Resource[t:p] WHEN:@Environment[UtcNow] WHERE:@Environment[isPrivateLink] WHO:@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:A_B]"},

	// https://learn.microsoft.com/entra/id-governance/privileged-identity-management/pim-resource-roles-assign-roles
	{"eligible", request(azure.Data, getSecret, pin, with(has(alice, "Key Vault Secrets User", vault), func(a *azure.RoleAssignment) { a.Eligible = true })), "conditional WHO:activation"},
	{"active until", request(azure.Data, getSecret, pin, with(has(alice, "Key Vault Secrets User", vault), func(a *azure.RoleAssignment) { a.EndDateTime = "2027-01-01T00:00:00Z" })), "allowed"},
	{"eligible and denied", denying(request(azure.Data, getSecret, pin, with(has(alice, "Key Vault Secrets User", vault), func(a *azure.RoleAssignment) { a.Eligible = true })), everyoneSecrets), "denied explicit"},

	// https://learn.microsoft.com/azure/key-vault/general/assign-access-policy
	{"RBAC is ignored by a vault of access policies", inVault(request(azure.Data, getSecret, pin, has(alice, "Key Vault Administrator", sub)), azure.Vault{}), "denied"},
	{"a policy", policy(getSecret, azure.AccessPolicy{ObjectID: strings.ToUpper(alice), Permissions: azure.PolicyPermissions{Secrets: []string{"Get"}}}), "allowed"},
	{"a policy of a group", policy(getSecret, azure.AccessPolicy{ObjectID: team, Permissions: azure.PolicyPermissions{Secrets: []string{"get"}}}), "allowed"},
	{"a policy of somebody else", policy(getSecret, azure.AccessPolicy{ObjectID: bob, Permissions: azure.PolicyPermissions{Secrets: []string{"get"}}}), "denied"},
	{"a policy on keys gives no secret", policy(getSecret, azure.AccessPolicy{ObjectID: alice, Permissions: azure.PolicyPermissions{Keys: []string{"get", "all"}}}), "denied"},
	{"wrapping is called otherwise", policy("Microsoft.KeyVault/vaults/keys/unwrap/action", azure.AccessPolicy{ObjectID: alice, Permissions: azure.PolicyPermissions{Keys: []string{"unwrapKey"}}}), "allowed"},
	{"all", policy(decrypt, azure.AccessPolicy{ObjectID: alice, Permissions: azure.PolicyPermissions{Keys: []string{"All"}}}), "allowed"},
	{"all has no purge", policy("Microsoft.KeyVault/vaults/keys/purge/action", azure.AccessPolicy{ObjectID: alice, Permissions: azure.PolicyPermissions{Keys: []string{"all"}}}), "denied"},
	{"purge", policy("Microsoft.KeyVault/vaults/keys/purge/action", azure.AccessPolicy{ObjectID: alice, Permissions: azure.PolicyPermissions{Keys: []string{"purge"}}}), "allowed"},
	{"listing is a part of reading", policy("Microsoft.KeyVault/vaults/keys/read", azure.AccessPolicy{ObjectID: alice, Permissions: azure.PolicyPermissions{Keys: []string{"list"}}}), "conditional HOW:operation"},
	{"compound identity", policy(getSecret, azure.AccessPolicy{ObjectID: alice, ApplicationID: bob, Permissions: azure.PolicyPermissions{Secrets: []string{"get"}}}), "conditional WHO:applicationId"},
	{"the control plane is under RBAC all the same", inVault(request(azure.Control, vaultWrite, vault, has(alice, "Contributor", sub)), azure.Vault{}), "allowed"},
	{"an RBAC vault ignores policies", inVault(request(azure.Data, getSecret, pin), azure.Vault{RBAC: true, AccessPolicies: []azure.AccessPolicy{{ObjectID: alice, Permissions: azure.PolicyPermissions{Secrets: []string{"get"}}}}}), "denied"},
	{"a data action that is not Key Vault's", policy("Microsoft.KeyVault/vaults/other/action", azure.AccessPolicy{ObjectID: alice, Permissions: azure.PolicyPermissions{Keys: []string{"all"}}}), "error"},

	// https://learn.microsoft.com/azure/key-vault/managed-hsm/access-control and built-in-roles
	{"HSM Crypto User at all keys decrypts", request(azure.Data, hsmDecrypt, "/keys/order", has(alice, "Managed HSM Crypto User", "/keys")), "allowed"},
	{"at the HSM", request(azure.Data, hsmDecrypt, "/keys/order", has(alice, "Managed HSM Crypto User", "/")), "allowed"},
	{"at another key", request(azure.Data, hsmDecrypt, "/keys/order", has(alice, "Managed HSM Crypto User", "/keys/orde")), "denied"},
	{"a key named by its resource ID", request(azure.Data, hsmDecrypt, hsm+"/keys/order", has(alice, "Managed HSM Crypto User", "/keys/order")), "allowed"},
	{"Owner of the subscription uses no key of an HSM", request(azure.Data, hsmDecrypt, hsm+"/keys/order", has(alice, "Owner", sub), has(alice, "Managed HSM contributor", hsm)), "denied"},
	{"a role of Azure RBAC gives no key of an HSM", request(azure.Data, hsmDecrypt, hsm+"/keys/order", has(alice, "Managed HSM Crypto User", sub)), "denied"},
	{"HSM Administrator uses no key", request(azure.Data, hsmDecrypt, "/keys/order", has(alice, "Managed HSM Administrator", "/")), "denied"},
	{"HSM Administrator downloads the security domain", request(azure.Data, "Microsoft.KeyVault/managedHsm/securitydomain/download/action", "/", has(alice, "Managed HSM Administrator", "/")), "allowed"},
	{"HSM Crypto Officer assigns roles", request(azure.Data, "Microsoft.KeyVault/managedHsm/roleAssignments/write/action", "/keys", has(alice, "Managed HSM Crypto Officer", "/")), "allowed"},
	{"HSM Crypto User purges nothing", request(azure.Data, "Microsoft.KeyVault/managedHsm/keys/deletedKeys/delete", "/keys", has(alice, "Managed HSM Crypto User", "/")), "denied"},
	{"Managed HSM contributor deletes the HSM", request(azure.Control, "Microsoft.KeyVault/managedHSMs/delete", hsm, has(alice, "Managed HSM contributor", group)), "allowed"},
	{"a scope that is in no HSM", request(azure.Data, hsmDecrypt, vault), "error"},

	// What a request lacks or gets wrong.
	{"a role that is nowhere", request(azure.Data, getSecret, pin, azure.RoleAssignment{PrincipalID: alice, Scope: vault, RoleDefinitionID: "eeeeeeee-0000-0000-0000-000000000005"}), "error"},
	{"a role that is nowhere and does not matter", request(azure.Data, getSecret, pin, has(alice, "Key Vault Secrets User", vault), azure.RoleAssignment{PrincipalID: alice, Scope: vault, RoleDefinitionID: "x"}), "allowed"},
	{"a role that is nowhere, of somebody else", request(azure.Data, getSecret, pin, azure.RoleAssignment{PrincipalID: bob, Scope: vault, RoleDefinitionID: "x"}), "denied"},
	{"a role that is nowhere, and denied", denying(request(azure.Data, getSecret, pin, azure.RoleAssignment{PrincipalID: alice, Scope: vault, RoleDefinitionID: "x"}), everyoneSecrets), "denied explicit"},
	{"the plane is in the action", request("", getSecret, pin, has(alice, "Key Vault Secrets User", vault)), "allowed"},
	{"the plane is not in the action", request("", "Microsoft.KeyVault/vaults/keys/read", pin), "error"},
	{"a plane there is not", request("astral", getSecret, pin), "error"},
	{"no action", request(azure.Data, "", pin), "error"},
	{"many actions", request(azure.Data, "Microsoft.KeyVault/vaults/*", pin), "error"},
	{"no scope", request(azure.Data, getSecret, ""), "error"},
	{"an assignment without scope", request(azure.Data, getSecret, pin, has(alice, "Reader", "")), "error"},
	{"an assignment without principal", request(azure.Data, getSecret, pin, has("", "Reader", vault)), "error"},
	{"no principal", azure.Request{Plane: azure.Data, Action: getSecret, Scope: pin, RoleAssignments: []azure.RoleAssignment{has(all, "Key Vault Secrets User", vault)}}, "denied"},
}

const (
	hsm        = group + "/providers/Microsoft.KeyVault/managedHSMs/vaulted"
	hsmDecrypt = "Microsoft.KeyVault/managedHsm/keys/decrypt/action"
)

// policy asks a vault with one access policy.
func policy(action string, p azure.AccessPolicy) azure.Request {
	return inVault(request(azure.Data, action, vault), azure.Vault{AccessPolicies: []azure.AccessPolicy{p}})
}

// summary writes an answer as the cases do.
func summary(a access.Answer) string {
	words := []string{string(a.Decision)}
	if a.Explicit {
		words = append(words, "explicit")
	}
	for _, r := range a.Residual {
		words = append(words, string(r.Class)+":"+r.Key)
	}
	return strings.Join(words, " ")
}

func TestCases(t *testing.T) {
	e := azure.New()
	for _, c := range cases {
		a := e.Decide(c.request)
		if got := summary(a); got != c.want {
			t.Errorf("%s: %s, want %s (%s)", c.name, got, c.want, a.Error)
		}
		if (a.Decision == access.Failed) != (a.Error != "") {
			t.Errorf("%s: decision %s with error %q", c.name, a.Decision, a.Error)
		}
		if decided := a.Decision == access.Allowed || a.Decision == access.Conditional || a.Explicit; decided != (len(a.Because) > 0) {
			t.Errorf("%s: %s because of %v", c.name, a.Decision, a.Because)
		}
	}
}

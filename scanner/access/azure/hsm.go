package azure

import "strings"

// A Managed HSM authorizes its data plane by roles and assignments of its own, which Azure Resource Manager does not see: their
// scopes are "/", "/keys" and "/keys/NAME". Roles of Azure RBAC, Owner included, give no use of its keys, and Azure's deny
// assignments take none.
// https://learn.microsoft.com/azure/key-vault/managed-hsm/access-control

const hsmActions = "microsoft.keyvault/managedhsm/"

// localScope is a normal scope within a Managed HSM, given as it is or after the resource ID of the HSM. False if it is neither.
// To an action on keys "/" is "/keys": an assignment at either is for every key.
func localScope(action, scope string) (string, bool) {
	const hsms = "/providers/microsoft.keyvault/managedhsms/"
	if i := strings.Index(scope, hsms); i >= 0 {
		_, within, _ := strings.Cut(scope[i+len(hsms):], "/")
		scope = "/" + within
	}
	if scope == "/" && strings.HasPrefix(action, hsmActions+"keys/") {
		scope = "/keys"
	}
	return scope, scope == "/" || beneath(scope, "/keys")
}

// hsmRole is a built-in role of Managed HSM: data actions, without "Microsoft.KeyVault/managedHsm/", apart by spaces.
type hsmRole struct{ id, name, actions string }

func (r hsmRole) dataActions() []string {
	list := strings.Fields(r.actions)
	for i, a := range list {
		list[i] = hsmActions + a
	}
	return list
}

const hsmRoleManagement = ` roleAssignments/read/action roleAssignments/write/action roleAssignments/delete/action
	roleDefinitions/read/action roleDefinitions/write/action roleDefinitions/delete/action`

// hsmRoles are the nine built-in roles of https://learn.microsoft.com/azure/key-vault/managed-hsm/built-in-roles. The table there,
// the descriptions above it and what the service itself once listed differ: that Crypto Auditor purges deleted keys is in the table
// only; that it reads them, that Crypto User derives keys and takes random numbers, and that Administrator sees how a download goes
// is in the list only; that Crypto Officer exports keys is in its description and the list. All is taken here, since a power that is
// there and not seen is the worse mistake.
var hsmRoles = []hsmRole{
	{"a290e904-7015-4bba-90c8-60543313cdb4", "Managed HSM Administrator", `
		securitydomain/download/action securitydomain/download/read securitydomain/upload/action securitydomain/upload/read
		securitydomain/transferkey/read
		backup/start/action backup/status/action restore/start/action restore/status/action` + hsmRoleManagement},
	{"515eb02d-2335-4d2d-92f2-b1cbdf9c3778", "Managed HSM Crypto Officer", `
		keys/export/action keys/deletedKeys/read/action keys/deletedKeys/recover/action keys/deletedKeys/delete` + hsmRoleManagement},
	{"21dbd100-6940-42c2-9190-5d6cb909625b", "Managed HSM Crypto User", `
		keys/read/action keys/write/action keys/rotate/action keys/create keys/delete keys/backup/action keys/restore/action
		keys/release/action keys/import/action keys/encrypt/action keys/decrypt/action keys/wrap/action keys/unwrap/action
		keys/sign/action keys/verify/action keys/derive/action rng/action roleAssignments/read/action roleDefinitions/read/action`},
	{"4bd23610-cdcf-4971-bdee-bdc562cc28e4", "Managed HSM Policy Administrator", hsmRoleManagement},
	{"33413926-3206-4cdd-b39a-83574fe37a17", "Managed HSM Crypto Service Encryption User", `
		keys/read/action keys/wrap/action keys/unwrap/action`},
	{"7b127d3c-77bd-4e3e-bbe0-dbb8971fa7f8", "Managed HSM Backup", `keys/backup/action backup/start/action backup/status/action`},
	{"2c18b078-7c48-4d3a-af88-5a3a1b3f82b3", "Managed HSM Crypto Auditor", `
		keys/read/action keys/deletedKeys/read/action keys/deletedKeys/delete roleAssignments/read/action roleDefinitions/read/action`},
	{"21dbd100-6940-42c2-9190-5d6cb909625c", "Managed HSM Crypto Service Release User", `keys/release/action`},
	{"6efe6056-5259-49d2-8b3d-d3d73544b20b", "Managed HSM Restore", `keys/restore/action restore/start/action restore/status/action`},
}

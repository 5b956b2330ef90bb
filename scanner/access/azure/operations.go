package azure

import (
	"strings"
	"sync"
)

// Power says what an operation lets its holder do with keys and secrets. Separation of duties sets RevealUse and SignUse on one
// side, Control, Destroy and Material on the other.
type Power string

const (
	RevealUse Power = "USE-reveal" // learn plaintext, a secret's value or a private key
	SignUse   Power = "USE-sign"   // sign or authenticate
	BlindUse  Power = "USE-blind"  // encrypt, wrap or verify: nothing secret is learned
	Manage    Power = "CONTROL"    // change who may do what, how, from where or for how long
	Destroy   Power = "DESTROY"    // delete or purge
	Material  Power = "MATERIAL"   // make, replace, copy or put back key material
	View      Power = "VIEW"       // see that things exist, and their properties
	Write     Power = "WRITE"      // set a secret's value
)

// Operation is an action that bears on keys and secrets.
type Operation struct {
	Action string // as Azure spells it
	Plane  Plane
	Power  Power
}

// operationTable lists Key Vault's operations, from
// https://learn.microsoft.com/azure/role-based-access-control/permissions/security#microsoftkeyvault and, for Managed HSM, the data
// actions of its role API; then those of other providers that decide who reaches a key. The classes are keyreeve's own. Whoever may
// read an asymmetric key has its public half and can encrypt and verify without the vault; that is no permission, and not counted.
// A line is a plane, a class, what the actions begin with, and the rest of each.
const operationTable = `
data USE-reveal Microsoft.KeyVault/vaults/keys/ decrypt/action unwrap/action release/action
data USE-sign   Microsoft.KeyVault/vaults/keys/ sign/action
data USE-blind  Microsoft.KeyVault/vaults/keys/ encrypt/action wrap/action verify/action
data CONTROL    Microsoft.KeyVault/vaults/keys/ update/action recover/action
data DESTROY    Microsoft.KeyVault/vaults/keys/ delete purge/action
data MATERIAL   Microsoft.KeyVault/vaults/keys/ create/action import/action rotate/action backup/action restore/action
data VIEW       Microsoft.KeyVault/vaults/keys/ read
data MATERIAL   Microsoft.KeyVault/vaults/keyrotationpolicies/ write
data VIEW       Microsoft.KeyVault/vaults/keyrotationpolicies/ read

data USE-reveal Microsoft.KeyVault/vaults/secrets/ getSecret/action
data WRITE      Microsoft.KeyVault/vaults/secrets/ setSecret/action
data CONTROL    Microsoft.KeyVault/vaults/secrets/ update/action recover/action
data DESTROY    Microsoft.KeyVault/vaults/secrets/ delete purge/action
data MATERIAL   Microsoft.KeyVault/vaults/secrets/ backup/action restore/action
data VIEW       Microsoft.KeyVault/vaults/secrets/ readMetadata/action

data MATERIAL   Microsoft.KeyVault/vaults/certificates/ create/action import/action backup/action restore/action
data CONTROL    Microsoft.KeyVault/vaults/certificates/ update/action recover/action
data DESTROY    Microsoft.KeyVault/vaults/certificates/ delete purge/action
data VIEW       Microsoft.KeyVault/vaults/certificates/ read
data CONTROL    Microsoft.KeyVault/vaults/certificatecas/ write delete
data VIEW       Microsoft.KeyVault/vaults/certificatecas/ read
data CONTROL    Microsoft.KeyVault/vaults/certificatecontacts/ write

data MATERIAL   Microsoft.KeyVault/vaults/storageaccounts/ regeneratekey/action backup/action restore/action
data CONTROL    Microsoft.KeyVault/vaults/storageaccounts/ set/action recover/action sas/set/action
data DESTROY    Microsoft.KeyVault/vaults/storageaccounts/ delete purge/action sas/delete
data VIEW       Microsoft.KeyVault/vaults/storageaccounts/ read sas/read

data USE-reveal Microsoft.KeyVault/managedHsm/keys/ decrypt/action unwrap/action release/action export/action
data USE-sign   Microsoft.KeyVault/managedHsm/keys/ sign/action
data USE-blind  Microsoft.KeyVault/managedHsm/keys/ encrypt/action wrap/action verify/action
data CONTROL    Microsoft.KeyVault/managedHsm/keys/ write/action deletedKeys/recover/action
data DESTROY    Microsoft.KeyVault/managedHsm/keys/ delete deletedKeys/delete
data MATERIAL   Microsoft.KeyVault/managedHsm/keys/ create import/action rotate/action backup/action restore/action
data VIEW       Microsoft.KeyVault/managedHsm/keys/ read/action deletedKeys/read/action
data CONTROL    Microsoft.KeyVault/managedHsm/ roleAssignments/write/action roleAssignments/delete/action
data CONTROL    Microsoft.KeyVault/managedHsm/ roleDefinitions/write/action roleDefinitions/delete/action
data VIEW       Microsoft.KeyVault/managedHsm/ roleAssignments/read/action roleDefinitions/read/action
data MATERIAL   Microsoft.KeyVault/managedHsm/ securitydomain/download/action securitydomain/upload/action
data VIEW       Microsoft.KeyVault/managedHsm/ securitydomain/download/read securitydomain/upload/read securitydomain/transferkey/read
data MATERIAL   Microsoft.KeyVault/managedHsm/ backup/start/action restore/start/action
data VIEW       Microsoft.KeyVault/managedHsm/ backup/status/action restore/status/action
data USE-blind  Microsoft.KeyVault/managedHsm/ rng/action

control CONTROL    Microsoft.KeyVault/ register/action unregister/action
control VIEW       Microsoft.KeyVault/ checkNameAvailability/read operations/read deletedVaults/read deletedManagedHsms/read
control VIEW       Microsoft.KeyVault/hsmPools/ read
control CONTROL    Microsoft.KeyVault/hsmPools/ write joinVault/action
control DESTROY    Microsoft.KeyVault/hsmPools/ delete
control VIEW       Microsoft.KeyVault/locations/ deletedVaults/read deletedManagedHsms/read operationResults/read managedHsmOperationResults/read
control DESTROY    Microsoft.KeyVault/locations/ deletedVaults/purge/action deletedManagedHsms/purge/action deletedManagedHsms/delete
control CONTROL    Microsoft.KeyVault/locations/ deleteVirtualNetworkOrSubnets/action notifyNetworkSecurityPerimeterUpdatesAvailable/action
control VIEW       Microsoft.KeyVault/vaults/ read keys/read keys/versions/read secrets/read eventGridFilters/read privateLinkResources/read
control CONTROL    Microsoft.KeyVault/vaults/ write accessPolicies/write eventGridFilters/write eventGridFilters/delete joinPerimeter/action
control DESTROY    Microsoft.KeyVault/vaults/ delete
control USE-reveal Microsoft.KeyVault/vaults/ deploy/action
control MATERIAL   Microsoft.KeyVault/vaults/ keys/write
control WRITE      Microsoft.KeyVault/vaults/ secrets/write
control CONTROL    Microsoft.KeyVault/vaults/ PrivateEndpointConnectionsApproval/action privateEndpointConnections/write privateEndpointConnections/delete
control VIEW       Microsoft.KeyVault/vaults/ privateEndpointConnections/read privateEndpointConnectionProxies/read
control CONTROL    Microsoft.KeyVault/vaults/privateEndpointConnectionProxies/ write delete validate/action
control CONTROL    Microsoft.KeyVault/vaults/networkSecurityPerimeterAssociationProxies/ write delete
control VIEW       Microsoft.KeyVault/vaults/networkSecurityPerimeterAssociationProxies/ read
control CONTROL    Microsoft.KeyVault/vaults/networkSecurityPerimeterConfigurations/ reconcile/action
control VIEW       Microsoft.KeyVault/vaults/networkSecurityPerimeterConfigurations/ read
control CONTROL    Microsoft.KeyVault/vaults/providers/Microsoft.Insights/ diagnosticSettings/Write
control VIEW       Microsoft.KeyVault/vaults/providers/Microsoft.Insights/ diagnosticSettings/Read logDefinitions/read metricDefinitions/read
control VIEW       Microsoft.KeyVault/managedHSMs/ read keys/read keys/versions/read privateLinkResources/read
control CONTROL    Microsoft.KeyVault/managedHSMs/ write
control DESTROY    Microsoft.KeyVault/managedHSMs/ delete
control MATERIAL   Microsoft.KeyVault/managedHSMs/ keys/write
control CONTROL    Microsoft.KeyVault/managedHSMs/ PrivateEndpointConnectionsApproval/action privateEndpointConnections/write privateEndpointConnections/delete
control VIEW       Microsoft.KeyVault/managedHSMs/ privateEndpointConnections/read privateEndpointConnectionProxies/read
control CONTROL    Microsoft.KeyVault/managedHSMs/privateEndpointConnectionProxies/ write delete validate/action
control CONTROL    Microsoft.KeyVault/managedHSMs/providers/Microsoft.Insights/ diagnosticSettings/Write
control VIEW       Microsoft.KeyVault/managedHSMs/providers/Microsoft.Insights/ diagnosticSettings/Read logDefinitions/read metricDefinitions/read

control CONTROL    Microsoft.Authorization/ roleAssignments/write roleAssignments/delete roleDefinitions/write roleDefinitions/delete
control CONTROL    Microsoft.Authorization/ elevateAccess/action denyAssignments/write denyAssignments/delete locks/write locks/delete
control CONTROL    Microsoft.ManagedIdentity/userAssignedIdentities/ assign/action federatedIdentityCredentials/write
`

// Operations lists every operation that has a class, as Azure spells them.
var Operations = sync.OnceValue(func() []Operation {
	var list []Operation
	for line := range strings.Lines(operationTable) {
		f := strings.Fields(line)
		for i := 3; i < len(f); i++ {
			list = append(list, Operation{f[2] + f[i], Plane(f[0]), Power(f[1])})
		}
	}
	return list
})

// planeOf tells the plane of an action in lower case, where only one has it.
func planeOf(action string) (Plane, bool) {
	plane, ok := planes()[action]
	return plane, ok && plane != ""
}

// planes holds the plane of every operation by its action in lower case; none for what both planes have.
var planes = sync.OnceValue(func() map[string]Plane {
	m := map[string]Plane{}
	for _, o := range Operations() {
		action := strings.ToLower(o.Action)
		if other, ok := m[action]; ok && other != o.Plane {
			m[action] = ""
		} else {
			m[action] = o.Plane
		}
	}
	return m
})

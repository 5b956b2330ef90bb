package azure

import (
	"strings"
	"sync"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// Operation is an action that bears on keys and secrets.
type Operation struct {
	Action string // as Azure spells it
	Plane  Plane
	Power  access.Power
}

// operationTable lists Key Vault's operations, from
// https://learn.microsoft.com/azure/role-based-access-control/permissions/security#microsoftkeyvault and, for Managed HSM, the data
// actions of its role API; then those of other providers that decide who reaches a key. The powers are our own judgement. Whoever may
// read an asymmetric key has its public half and can encrypt and verify without the vault; that is no permission, and not counted.
// A line is a plane, a power, what the actions begin with, and the rest of each.
const operationTable = `
data reveal   Microsoft.KeyVault/vaults/keys/ decrypt/action unwrap/action release/action
data sign     Microsoft.KeyVault/vaults/keys/ sign/action
data blind    Microsoft.KeyVault/vaults/keys/ encrypt/action wrap/action verify/action
data control  Microsoft.KeyVault/vaults/keys/ update/action recover/action
data destroy  Microsoft.KeyVault/vaults/keys/ delete purge/action
data material Microsoft.KeyVault/vaults/keys/ create/action import/action rotate/action backup/action restore/action
data view     Microsoft.KeyVault/vaults/keys/ read
data material Microsoft.KeyVault/vaults/keyrotationpolicies/ write
data view     Microsoft.KeyVault/vaults/keyrotationpolicies/ read

data reveal   Microsoft.KeyVault/vaults/secrets/ getSecret/action
data write    Microsoft.KeyVault/vaults/secrets/ setSecret/action
data control  Microsoft.KeyVault/vaults/secrets/ update/action recover/action
data destroy  Microsoft.KeyVault/vaults/secrets/ delete purge/action
data material Microsoft.KeyVault/vaults/secrets/ backup/action restore/action
data view     Microsoft.KeyVault/vaults/secrets/ readMetadata/action

data material Microsoft.KeyVault/vaults/certificates/ create/action import/action backup/action restore/action
data control  Microsoft.KeyVault/vaults/certificates/ update/action recover/action
data destroy  Microsoft.KeyVault/vaults/certificates/ delete purge/action
data view     Microsoft.KeyVault/vaults/certificates/ read
data control  Microsoft.KeyVault/vaults/certificatecas/ write delete
data view     Microsoft.KeyVault/vaults/certificatecas/ read
data control  Microsoft.KeyVault/vaults/certificatecontacts/ write

data material Microsoft.KeyVault/vaults/storageaccounts/ regeneratekey/action backup/action restore/action
data control  Microsoft.KeyVault/vaults/storageaccounts/ set/action recover/action sas/set/action
data destroy  Microsoft.KeyVault/vaults/storageaccounts/ delete purge/action sas/delete
data view     Microsoft.KeyVault/vaults/storageaccounts/ read sas/read

data reveal   Microsoft.KeyVault/managedHsm/keys/ decrypt/action unwrap/action derive/action release/action export/action
data sign     Microsoft.KeyVault/managedHsm/keys/ sign/action
data blind    Microsoft.KeyVault/managedHsm/keys/ encrypt/action wrap/action verify/action
data control  Microsoft.KeyVault/managedHsm/keys/ write/action deletedKeys/recover/action
data destroy  Microsoft.KeyVault/managedHsm/keys/ delete deletedKeys/delete
data material Microsoft.KeyVault/managedHsm/keys/ create import/action rotate/action backup/action restore/action
data view     Microsoft.KeyVault/managedHsm/keys/ read/action deletedKeys/read/action
data control  Microsoft.KeyVault/managedHsm/ roleAssignments/write/action roleAssignments/delete/action
data control  Microsoft.KeyVault/managedHsm/ roleDefinitions/write/action roleDefinitions/delete/action
data view     Microsoft.KeyVault/managedHsm/ roleAssignments/read/action roleDefinitions/read/action
data material Microsoft.KeyVault/managedHsm/ securitydomain/download/action securitydomain/upload/action
data view     Microsoft.KeyVault/managedHsm/ securitydomain/download/read securitydomain/upload/read securitydomain/transferkey/read
data material Microsoft.KeyVault/managedHsm/ backup/start/action restore/start/action
data view     Microsoft.KeyVault/managedHsm/ backup/status/action restore/status/action
data blind    Microsoft.KeyVault/managedHsm/ rng/action

control control  Microsoft.KeyVault/ register/action unregister/action
control view     Microsoft.KeyVault/ checkNameAvailability/read operations/read deletedVaults/read deletedManagedHsms/read
control view     Microsoft.KeyVault/hsmPools/ read
control control  Microsoft.KeyVault/hsmPools/ write joinVault/action
control destroy  Microsoft.KeyVault/hsmPools/ delete
control view     Microsoft.KeyVault/locations/ deletedVaults/read deletedManagedHsms/read operationResults/read managedHsmOperationResults/read
control destroy  Microsoft.KeyVault/locations/ deletedVaults/purge/action deletedManagedHsms/purge/action deletedManagedHsms/delete
control control  Microsoft.KeyVault/locations/ deleteVirtualNetworkOrSubnets/action notifyNetworkSecurityPerimeterUpdatesAvailable/action
control view     Microsoft.KeyVault/vaults/ read keys/read keys/versions/read secrets/read eventGridFilters/read privateLinkResources/read
control control  Microsoft.KeyVault/vaults/ write accessPolicies/write eventGridFilters/write eventGridFilters/delete joinPerimeter/action
control destroy  Microsoft.KeyVault/vaults/ delete
control reveal   Microsoft.KeyVault/vaults/ deploy/action
control material Microsoft.KeyVault/vaults/ keys/write
control write    Microsoft.KeyVault/vaults/ secrets/write
control control  Microsoft.KeyVault/vaults/ PrivateEndpointConnectionsApproval/action privateEndpointConnections/write privateEndpointConnections/delete
control view     Microsoft.KeyVault/vaults/ privateEndpointConnections/read privateEndpointConnectionProxies/read
control control  Microsoft.KeyVault/vaults/privateEndpointConnectionProxies/ write delete validate/action
control control  Microsoft.KeyVault/vaults/networkSecurityPerimeterAssociationProxies/ write delete
control view     Microsoft.KeyVault/vaults/networkSecurityPerimeterAssociationProxies/ read
control control  Microsoft.KeyVault/vaults/networkSecurityPerimeterConfigurations/ reconcile/action
control view     Microsoft.KeyVault/vaults/networkSecurityPerimeterConfigurations/ read
control control  Microsoft.KeyVault/vaults/providers/Microsoft.Insights/ diagnosticSettings/Write
control view     Microsoft.KeyVault/vaults/providers/Microsoft.Insights/ diagnosticSettings/Read logDefinitions/read metricDefinitions/read
control view     Microsoft.KeyVault/managedHSMs/ read keys/read keys/versions/read privateLinkResources/read
control control  Microsoft.KeyVault/managedHSMs/ write
control destroy  Microsoft.KeyVault/managedHSMs/ delete
control material Microsoft.KeyVault/managedHSMs/ keys/write
control control  Microsoft.KeyVault/managedHSMs/ PrivateEndpointConnectionsApproval/action privateEndpointConnections/write privateEndpointConnections/delete
control view     Microsoft.KeyVault/managedHSMs/ privateEndpointConnections/read privateEndpointConnectionProxies/read
control control  Microsoft.KeyVault/managedHSMs/privateEndpointConnectionProxies/ write delete validate/action
control control  Microsoft.KeyVault/managedHSMs/providers/Microsoft.Insights/ diagnosticSettings/Write
control view     Microsoft.KeyVault/managedHSMs/providers/Microsoft.Insights/ diagnosticSettings/Read logDefinitions/read metricDefinitions/read

control control  Microsoft.Authorization/ roleAssignments/write roleAssignments/delete roleDefinitions/write roleDefinitions/delete
control control  Microsoft.Authorization/ elevateAccess/action denyAssignments/write denyAssignments/delete locks/write locks/delete
control control  Microsoft.ManagedIdentity/userAssignedIdentities/ assign/action federatedIdentityCredentials/write
`

// Operations lists every operation that gives a power, as Azure spells them.
var Operations = sync.OnceValue(func() []Operation {
	var list []Operation
	for line := range strings.Lines(operationTable) {
		f := strings.Fields(line)
		for i := 3; i < len(f); i++ {
			list = append(list, Operation{f[2] + f[i], Plane(f[0]), access.Power(f[1])})
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

# METADATA
# title: Key Vault answers the whole internet
# description: >-
#   A vault that any address reaches is guarded by credentials alone, and a leaked one works from anywhere. Switch public access off and
#   use a private endpoint (`public_network_access_enabled = false`), or at least let the firewall refuse what no rule names:
#   `network_acls { default_action = "Deny" }` with the networks that need it, and `bypass = "AzureServices"` only if one of those
#   services reads the vault. Left out, both are open. Whether the rules of the firewall are narrow is not judged, and the benchmark of
#   CIS asks for more: it wants public access off altogether.
# related_resources:
#   - ref: https://learn.microsoft.com/en-us/azure/key-vault/general/network-security
#     description: "Azure Key Vault: firewall and virtual networks"
#   - ref: https://learn.microsoft.com/en-us/azure/key-vault/general/private-link-service
#     description: "Azure Key Vault: private endpoints"
# custom:
#   severity: {production: medium, default: low}
#   applies_to: [azure.keyvault.vault]
#   controls:
#     cis-azure-6.0.0: ["8.3.7"]
#     cis-azure-5.0.0: ["8.3.7"]
#     cis-azure-4.0.0: ["9.3.7"]
#     mcsb-1: [DP-8]
#     nist-800-53-r5: [SC-7]
#     soc2-2017: [CC6.6]
#   remedy: configure
package keyreeve.privilege["network-open"]

deny contains {"message": "public access is on and the firewall lets everybody in"} if {
	input.resource.store.public_network == true
	input.resource.store.firewall == "allow"
}

# METADATA
# title: Key can be destroyed at once
# description: >-
#   Deleting a key destroys everything that was encrypted under it. Vault Transit deletes at once, with no waiting period and no way back,
#   as soon as `deletion_allowed` is set, so one mistaken or malicious call is final. Turn it off: `vault write transit/keys/NAME/config
#   deletion_allowed=false`, and set it only for the minutes of a planned deletion. An Azure Key Vault keeps what is deleted for its
#   soft-delete days, but without purge protection whoever may purge ends that at once: set `purge_protection_enabled = true`
#   (`enablePurgeProtection` in templates). Left out, it is off; once on, it cannot be turned off.
# related_resources:
#   - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit#update-key-configuration
#     description: "Vault Transit: update key configuration"
#   - ref: https://learn.microsoft.com/en-us/azure/key-vault/general/soft-delete-overview
#     description: "Azure Key Vault: soft delete and purge protection"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [vault.transit.key, azure.keyvault.vault]
#   controls:
#     cis-azure-6.0.0: ["8.3.5"]
#     cis-azure-5.0.0: ["8.3.5"]
#     cis-azure-4.0.0: ["9.3.5"]
#     cis-azure-3.0.0: ["3.3.5"]
#     mcsb-1: [DP-8]
#     nist-800-53-r5: [SC-12, SC-12(1)]
#     iso-27001-2022: [A.8.24]
#     soc2-2017: [CC6.1]
#   remedy: configure
package keyreeve.lifecycle["purge-unprotected"]

deny contains {"message": "deletion is allowed and takes effect at once"} if input.resource.key.deletion_allowed == true

deny contains {"message": "purge protection is off, so what is deleted can be purged at once"} if {
	input.resource.store.purge_protection == false
}

# METADATA
# title: No expiry is set
# description: >-
#   What never expires is still accepted when everybody has forgotten it. Set an expiry somewhat later than the next rotation
#   (`expiration_date` in Terraform, `exp` in templates), alarm on its approach, and let it end what a rotation missed. Mind what uses a
#   key first: a key that wraps the keys of storage, SQL or disks needs a rotation policy and consumers that name it without a version
#   instead, because its expiry by itself takes the data offline. So a key that rotates itself is left out. Secrets for the purpose
#   config are left out, too, and so are certificates, which always end. A password of an application counts as limited by a date or a
#   length of validity.
# related_resources:
#   - ref: https://learn.microsoft.com/en-us/azure/key-vault/keys/about-keys-details
#     description: "Azure Key Vault: attributes of keys"
#   - ref: https://learn.microsoft.com/en-us/azure/key-vault/general/secure-key-vault
#     description: "Azure Key Vault: security best practices"
# custom:
#   severity: {production: medium, default: low}
#   applies_to: [azure.keyvault.key, azure.keyvault.secret, entra.password]
#   controls:
#     cis-azure-6.0.0: ["8.3.1", "8.3.2", "8.3.3", "8.3.4"]
#     cis-azure-5.0.0: ["8.3.1", "8.3.2", "8.3.3", "8.3.4"]
#     cis-azure-4.0.0: ["9.3.1", "9.3.2", "9.3.3", "9.3.4"]
#     cis-azure-3.0.0: ["3.3.1", "3.3.2", "3.3.3", "3.3.4"]
#     mcsb-1: [DP-6]
#     nist-800-53-r5: [SC-12, IA-5]
#     pci-dss-4.0.1: ["3.7.4", "8.6.3"]
#     iso-27001-2022: [A.8.24, A.5.17]
#     soc2-2017: [CC6.1]
#   remedy: configure
#   tags: [cwe-324]
package keyreeve.rotation["expiry-missing"]

import data.lib.rotation

applies if {
	input.resource.key.rotation.automatic == false
	rotation.serves
}

applies if {
	input.resource.kind == "secret"
	not input.resource.purpose == "config"
	rotation.serves
}

applies if input.resource.kind == "credential"

deny contains {"message": "it never expires"} if {
	input.resource.kind == "key"
	not input.resource.key.expires_at
}

deny contains {"message": "it never expires"} if {
	input.resource.kind == "secret"
	not input.resource.secret.expires_at
}

deny contains {"message": "it never expires"} if {
	input.resource.kind == "credential"
	not input.resource.credential.expires_at
	not input.resource.credential.valid_days
}

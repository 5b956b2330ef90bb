# METADATA
# title: Key material can leave its back end
# description: >-
#   A key is worth its protection only while nobody can copy it. With `exportable` any holder of the permission reads the raw key, and
#   with `allow_plaintext_backup` a backup contains it; the copy then works elsewhere, unseen by the audit log. Vault cannot take either
#   setting back, and a copy may already exist: create a new key without them, move its users there, re-wrap or re-sign what still
#   matters, and retire this one. In code, where the key may not exist yet, leave the setting out. A key of Azure Key Vault is exportable
#   here where no release policy decides who may have it; how narrow that policy is, the rule does not judge.
# related_resources:
#   - ref: https://developer.hashicorp.com/vault/api-docs/secret/transit#create-key
#     description: "Vault Transit: create a key"
#   - ref: https://learn.microsoft.com/en-us/azure/key-vault/keys/policy-grammar
#     description: "Azure Key Vault: release policies"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [vault.transit.key, azure.keyvault.key]
#   controls:
#     nist-800-53-r5: [SC-12]
#     pci-dss-4.0.1: ["3.6.1.2"]
#     iso-27001-2022: [A.8.24]
#     soc2-2017: [CC6.1]
#   remedy: replace
#   tags: [cwe-522]
package keyreeve.lifecycle["material-exportable"]

deny contains {"message": "the key may be exported, and Vault cannot take that back", "at": "exportable"} if {
	input.resource.type == "vault.transit.key"
	input.resource.key.exportable == true
}

deny contains {"message": "the key may be exported", "at": "exportable"} if {
	input.resource.type == "azure.keyvault.key"
	input.resource.key.exportable == true
}

deny contains {"message": "a plaintext backup may be taken, and Vault cannot take that back", "at": "plaintext_backup"} if {
	input.resource.key.plaintext_backup == true
}

# METADATA
# title: Key Vault is opened by access policies, not by roles
# description: >-
#   With access policies, whoever may write to the vault resource may add a policy for himself: every Contributor of the resource group
#   can read every secret, and no activation or approval stands before it. Access policies also open all keys, or all secrets, of a
#   vault, never one. Switch the vault to Azure role-based access control (`rbac_authorization_enabled = true`,
#   `enableRbacAuthorization` in templates) after assigning the data roles that its users need, for the access policies stop counting at
#   once. Left out, it is off in Terraform's azurerm provider up to version 4, and for vaults made through an API version before
#   2026-02-01. Who holds which role is judged by other rules.
# related_resources:
#   - ref: https://learn.microsoft.com/en-us/azure/key-vault/general/rbac-access-policy
#     description: "Azure Key Vault: roles and access policies"
#   - ref: https://learn.microsoft.com/en-us/azure/key-vault/general/rbac-migration
#     description: "Azure Key Vault: migrate from access policies to roles"
#   - ref: https://learn.microsoft.com/en-us/azure/key-vault/general/access-control-default
#     description: "Azure Key Vault: roles as the default from API version 2026-02-01 on"
# custom:
#   severity: {production: medium, default: low}
#   applies_to: [azure.keyvault.vault]
#   controls:
#     cis-azure-6.0.0: ["8.3.6"]
#     cis-azure-5.0.0: ["8.3.6"]
#     cis-azure-4.0.0: ["9.3.6"]
#     cis-azure-3.0.0: ["3.3.6"]
#     mcsb-1: [DP-8, PA-7]
#     nist-800-53-r5: [AC-6]
#     pci-dss-4.0.1: ["7.2.5"]
#     iso-27001-2022: [A.8.3]
#     soc2-2017: [CC6.3]
#   remedy: configure
#   tags: [cwe-269]
package keyreeve.privilege["rbac-not-enabled"]

deny contains {"message": "access policies decide who may use it, not roles"} if input.resource.store.rbac == false

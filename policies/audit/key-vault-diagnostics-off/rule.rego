# METADATA
# title: Diagnostic setting of a Key Vault leaves out audit events
# description: >-
#   A Key Vault records who used or read its keys and secrets only where a diagnostic setting asks for it. One that sends metrics or other
#   logs only leaves no trace of an access. Any of three suffices: the category group `audit`, the group `allLogs`, or the category
#   `AuditEvent`. Send them to a Log Analytics workspace or a storage account that those who use the vault cannot change. A vault without
#   any setting is not judged from code, because its setting may be declared elsewhere or assigned by Azure Policy; nor is it asked
#   whether another setting of the same vault records what this one leaves out.
# related_resources:
#   - ref: https://learn.microsoft.com/en-us/azure/key-vault/general/logging
#     description: "Azure Key Vault: logging"
#   - ref: https://learn.microsoft.com/en-us/azure/azure-monitor/platform/diagnostic-settings
#     description: "Azure Monitor: diagnostic settings"
# custom:
#   severity: {production: high, default: medium}
#   applies_to: [azure.diagnostic_setting]
#   controls:
#     cis-azure-6.0.0: ["6.1.1.4"]
#     nist-800-53-r5: [AU-2, AU-12]
#     pci-dss-4.0.1: ["10.2.1"]
#     iso-27001-2022: [A.8.15]
#     soc2-2017: [CC7.2]
#   remedy: configure
#   tags: [cwe-778]
package keyreeve.audit["key-vault-diagnostics-off"]

applies if input.resource.audit.records == "azure.keyvault.vault"

deny contains {"message": "it does not record accesses to the vault"} if {
	input.resource.audit.audit_events == false
}

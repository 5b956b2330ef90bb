package keyreeve.audit["key-vault-diagnostics-off_test"]

import data.keyreeve.audit["key-vault-diagnostics-off"] as rule

setting(records, events) := {"device": "diagnostic_setting", "records": records, "audit_events": events}

test_denies_a_vault_without_audit_events if {
	rule.applies with input.resource.audit as setting("azure.keyvault.vault", false)
	count(rule.deny) == 1 with input.resource.audit as setting("azure.keyvault.vault", false)
}

test_accepts_audit_events if {
	count(rule.deny) == 0 with input.resource.audit as setting("azure.keyvault.vault", true)
}

test_leaves_other_resources_alone if {
	not rule.applies with input.resource.audit as setting("azurerm_storage_account", false)
}

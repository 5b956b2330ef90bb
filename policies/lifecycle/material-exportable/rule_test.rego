package keyreeve.lifecycle["material-exportable_test"]

import data.keyreeve.lifecycle["material-exportable"] as rule

parts(exportable, backup) := found if {
	found := {v.at | some v in rule.deny} with input.resource as {
		"type": "vault.transit.key",
		"key": {"exportable": exportable, "plaintext_backup": backup},
	}
}

test_each_way_out_is_a_finding if {
	parts(true, false) == {"exportable"}
	parts(false, true) == {"plaintext_backup"}
	parts(true, true) == {"exportable", "plaintext_backup"}
	parts(false, false) == set()
}

test_a_key_of_key_vault if {
	count(rule.deny) == 1 with input.resource as {"type": "azure.keyvault.key", "key": {"exportable": true}}
	count(rule.deny) == 0 with input.resource as {"type": "azure.keyvault.key", "key": {"exportable": false}}
}

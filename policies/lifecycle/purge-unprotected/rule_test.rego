package keyreeve.lifecycle["purge-unprotected_test"]

import data.keyreeve.lifecycle["purge-unprotected"] as rule

test_denies_deletion_allowed if {
	count(rule.deny) == 1 with input.resource.key.deletion_allowed as true
}

test_accepts_deletion_refused if {
	count(rule.deny) == 0 with input.resource.key.deletion_allowed as false
}

test_denies_a_vault_without_purge_protection if {
	count(rule.deny) == 1 with input.resource.store.purge_protection as false
	count(rule.deny) == 0 with input.resource.store.purge_protection as true
}

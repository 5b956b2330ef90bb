package keyreeve.privilege["vault-power-minting_test"]

import data.keyreeve.privilege["vault-power-minting"] as rule

mints(list) := {"access": {"mints": list}}

test_denies_each_rule_that_mints if {
	count(rule.deny) == 1 with input.resource as mints([{"at": "ops: sys/policies/acl/*", "path": "sys/policies/acl/ops", "gain": "any policy"}])
}

test_accepts_none if {
	count(rule.deny) == 0 with input.resource as mints([])
}

package keyreeve.privilege["external_test"]

import data.keyreeve.privilege["external"] as rule

vendor := {"principal": "444455556666", "account": "444455556666", "at": "Vendor", "actions": ["kms:Decrypt"], "certain": false}

outsiders(list) := {"access": {"outsiders": list}}

test_denies_another_account if {
	count(rule.deny) == 1 with input.resource as outsiders([vendor]) with input.settings.trusted_accounts as []
	count(rule.deny) == 1 with input.resource as outsiders([object.union(vendor, {"certain": true})]) with input.settings.trusted_accounts as ["777788889999"]
}

test_accepts_a_trusted_account if {
	count(rule.deny) == 0 with input.resource as outsiders([vendor]) with input.settings.trusted_accounts as ["444455556666"]
}

test_accepts_nobody if {
	count(rule.deny) == 0 with input.resource as outsiders([]) with input.settings.trusted_accounts as []
}

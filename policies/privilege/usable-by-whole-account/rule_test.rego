package keyreeve.privilege["usable-by-whole-account_test"]

import data.keyreeve.privilege["usable-by-whole-account"] as rule

wide(n) := {"access": {"account_wide": [{"at": "Enable IAM", "actions": ["kms:Decrypt"], "beneficiaries": n, "worst": []}]}}

test_denies_more_than_the_limit if {
	count(rule.deny) == 1 with input.resource as wide(11) with input.settings.max_beneficiaries as 10
}

test_accepts_up_to_the_limit if {
	count(rule.deny) == 0 with input.resource as wide(10) with input.settings.max_beneficiaries as 10
	count(rule.deny) == 0 with input.resource as {"access": {"account_wide": []}} with input.settings.max_beneficiaries as 10
}

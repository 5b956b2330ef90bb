package keyreeve.lifecycle["nobody-can-administer_test"]

import data.keyreeve.lifecycle["nobody-can-administer"] as rule

counted(certain, possible) := {"access": {"administrators": {"certain": certain, "possible": possible, "worst": []}}}

test_denies_nobody if {
	count(rule.deny) == 1 with input.resource as counted(0, 0)
}

test_accepts_somebody if {
	count(rule.deny) == 0 with input.resource as counted(1, 0)
	count(rule.deny) == 0 with input.resource as counted(0, 1)
}

test_leaves_keys_of_the_provider if {
	not rule.applies with input.resource as {"key": {"manager": "provider"}}
	rule.applies with input.resource as {"key": {"manager": "customer"}}
}

package keyreeve.privilege["public_test"]

import data.keyreeve.privilege["public"] as rule

policy(openings) := {"access": {"everyone": openings}}

test_denies_everybody if {
	count(rule.deny) == 1 with input.resource as policy([{"at": "#1", "actions": ["kms:Decrypt"], "certain": true}])
}

test_denies_everybody_who_meets_a_condition if {
	count(rule.deny) == 1 with input.resource as policy([{"at": "#1", "actions": ["kms:Decrypt"], "certain": false}])
}

test_names_each_statement if {
	{d.at | some d in rule.deny} == {"A", "B"} with input.resource as policy([
		{"at": "A", "actions": ["kms:Decrypt"], "certain": true},
		{"at": "B", "actions": ["kms:Sign"], "certain": true},
	])
}

test_accepts_somebody if {
	count(rule.deny) == 0 with input.resource as policy([])
}

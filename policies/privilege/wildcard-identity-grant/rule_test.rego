package keyreeve.privilege["wildcard-identity-grant_test"]

import data.keyreeve.privilege["wildcard-identity-grant"] as rule

policy(wildcards) := {"access": {"wildcards": wildcards, "reaches": {"keys": 0, "secrets": 0, "possible": 0}}}

test_denies_power_over_everything if {
	found := rule.deny with input.resource as policy([{"at": "#1", "actions": ["kms:Decrypt"]}])
	{d.at | some d in found} == {"#1"}
	{d.severity | some d in found} == {"low"}
}

test_accepts_what_gives_no_power if {
	count(rule.deny) == 0 with input.resource as policy([])
}

test_a_boundary_grants_nothing if {
	not rule.applies with input.resource as {"policy": {"boundaries": 1, "attachments": 0}}
	rule.applies with input.resource as {"policy": {"boundaries": 1, "attachments": 1}}
	rule.applies with input.resource as {"policy": {}}
}

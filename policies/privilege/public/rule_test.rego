package keyreeve.privilege["public_test"]

import data.keyreeve.privilege["public"] as rule

policy(changes) := {"policy": {"guards": "aws.kms.key", "statements": [object.union(
	{"at": "#1", "effect": "allow", "actions": ["decrypt"], "everyone": true, "restricted": false, "all_resources": false},
	changes,
)]}}

test_denies_everybody if {
	count(rule.deny) == 1 with input.resource as policy({})
	count(rule.deny) == 1 with input.resource as policy({"actions": ["read"]})
}

test_accepts_somebody if {
	count(rule.deny) == 0 with input.resource as policy({"everyone": false})
	count(rule.deny) == 0 with input.resource as policy({"restricted": true})
	count(rule.deny) == 0 with input.resource as policy({"effect": "deny"})
}

test_accepts_what_gives_no_access_to_the_key if {
	count(rule.deny) == 0 with input.resource as policy({"actions": []})
}

test_a_restriction_that_is_not_stated_is_none if {
	count(rule.deny) == 1 with input.resource as {"policy": {"statements": [{
		"at": "#1",
		"effect": "allow",
		"actions": ["decrypt"],
		"everyone": true,
	}]}}
}

package keyreeve.privilege["wildcard-identity-grant_test"]

import data.keyreeve.privilege["wildcard-identity-grant"] as rule

policy(changes) := {"policy": {"statements": [object.union(
	{"at": "#1", "effect": "allow", "actions": ["decrypt"], "everyone": false, "restricted": false, "all_resources": true},
	changes,
)]}}

test_denies_power_over_everything if {
	every action in ["decrypt", "sign", "mac", "read_secret", "grant", "administer", "delete"] {
		count(rule.deny) == 1 with input.resource as policy({"actions": ["read", action]})
	}
}

test_accepts_what_gives_no_power if {
	count(rule.deny) == 0 with input.resource as policy({"actions": ["encrypt", "read", "write_secret"]})
	count(rule.deny) == 0 with input.resource as policy({"all_resources": false})
	count(rule.deny) == 0 with input.resource as policy({"effect": "deny"})
}

test_a_restriction_of_callers_picks_no_keys if {
	count(rule.deny) == 1 with input.resource as policy({"restricted": true})
}

test_a_restriction_that_is_not_stated_is_none if {
	count(rule.deny) == 1 with input.resource as {"policy": {"statements": [{
		"at": "#1",
		"effect": "allow",
		"actions": ["decrypt"],
		"all_resources": true,
	}]}}
}

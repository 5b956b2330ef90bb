package keyreeve.credentials["vault-root-token_test"]

import data.keyreeve.credentials["vault-root-token"] as rule

live(policies) := {"origin": "live", "credential": {"policies": policies, "age_days": 0}}

declared(policies) := {"origin": "declared", "credential": {"policies": policies}}

test_denies_the_root_policy_among_others if {
	every resource in [live(["root"]), live(["default", "root"]), declared(["root"]), declared(["default", "root"])] {
		count(rule.deny) == 1 with input.resource as resource
	}
}

test_accepts_similar_names if {
	count(rule.deny) == 0 with input.resource as live(["default", "root-ca", "Root"])
	count(rule.deny) == 0 with input.resource as declared(["default", "root-ca", "Root"])
}

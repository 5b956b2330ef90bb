package keyreeve.credentials["vault-root-token_test"]

import data.keyreeve.credentials["vault-root-token"] as rule

test_denies_the_root_policy_among_others if {
	count(rule.deny) == 1 with input.resource.credential as {"policies": ["root"], "age_days": 0}
	count(rule.deny) == 1 with input.resource.credential as {"policies": ["default", "root"], "age_days": 0}
}

test_accepts_similar_names if {
	count(rule.deny) == 0 with input.resource.credential as {"policies": ["default", "root-ca", "Root"], "age_days": 0}
}

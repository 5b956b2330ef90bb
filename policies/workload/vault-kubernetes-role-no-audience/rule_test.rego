package keyreeve.workload["vault-kubernetes-role-no-audience_test"]

import data.keyreeve.workload["vault-kubernetes-role-no-audience"] as rule

test_denies_a_role_without_an_audience if {
	count(rule.deny) == 1 with input.resource.trust as {"method": "kubernetes", "namespaces": ["shop"]}
}

test_accepts_an_audience if {
	count(rule.deny) == 0 with input.resource.trust as {"method": "kubernetes", "audience": "vault"}
}

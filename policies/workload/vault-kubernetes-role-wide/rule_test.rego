package keyreeve.workload["vault-kubernetes-role-wide_test"]

import data.keyreeve.workload["vault-kubernetes-role-wide"] as rule

parts(accounts, namespaces) := found if {
	found := {v.at | some v in rule.deny} with input.resource.trust as {"service_accounts": accounts, "namespaces": namespaces}
}

test_a_star_is_everyone if {
	parts(["*"], ["shop"]) == {"service_accounts"}
	parts(["web"], ["*"]) == {"namespaces"}
	parts(["*"], ["*"]) == {"service_accounts", "namespaces"}
}

test_names_are_not if {
	parts(["web"], ["shop"]) == set()
	parts(["web-*"], []) == set()
}

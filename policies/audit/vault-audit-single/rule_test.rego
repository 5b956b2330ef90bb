package keyreeve.audit["vault-audit-single_test"]

import data.keyreeve.audit["vault-audit-single"] as rule

cluster(hosted_by, devices) := {"hosted_by": hosted_by, "audit_devices": devices}

test_denies_exactly_one if {
	rule.applies with input.resource.account as cluster("self", 1)
	count(rule.deny) == 1 with input.resource.account as cluster("self", 1)
	count(rule.deny) == 0 with input.resource.account as cluster("self", 2)
}

test_leaves_none_and_hcp_alone if {
	not rule.applies with input.resource.account as cluster("self", 0)
	not rule.applies with input.resource.account as cluster("hcp", 1)
}

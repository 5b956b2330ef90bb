package keyreeve.audit["vault-audit-off_test"]

import data.keyreeve.audit["vault-audit-off"] as rule

cluster(hosted_by, devices) := {"resource": {"account": {"hosted_by": hosted_by, "audit_devices": devices}}}

test_denies_a_cluster_without_devices if {
	count(rule.deny) == 1 with input as cluster("self", 0)
}

test_accepts_one_device if {
	rule.applies with input as cluster("self", 1)
	count(rule.deny) == 0 with input as cluster("self", 1)
}

test_leaves_hcp_to_hcp if {
	not rule.applies with input as cluster("hcp", 0)
}

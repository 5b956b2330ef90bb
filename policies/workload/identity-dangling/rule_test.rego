package keyreeve.workload["identity-dangling_test"]

import data.keyreeve.workload["identity-dangling"] as rule

pods(identity, label) := {"service_account": "api", "azure_identity": identity, "azure_label": label}

test_denies_an_identity_without_the_label if {
	rule.applies with input.resource.workload as pods(true, false)
	count(rule.deny) == 1 with input.resource.workload as pods(true, false)
}

test_accepts_the_label if {
	rule.applies with input.resource.workload as pods(true, true)
	count(rule.deny) == 0 with input.resource.workload as pods(true, true)
	count(rule.deny) == 0 with input.resource.workload as pods(false, true)
}

test_leaves_workloads_without_azure_alone if {
	not rule.applies with input.resource.workload as pods(false, false)
}

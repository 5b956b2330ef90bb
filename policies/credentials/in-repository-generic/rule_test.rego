package keyreeve.credentials["in-repository-generic_test"]

import data.keyreeve.credentials["in-repository-generic"] as rule

found(class, head) := {"class": class, "in_head": head, "detector": "d", "preview": "p"}

test_denies_what_the_current_revision_holds if {
	rule.applies with input.resource.credential as found("generic", true)
	count(rule.deny) == 1 with input.resource.credential as found("generic", true)
}

test_accepts_what_only_the_history_holds if {
	count(rule.deny) == 0 with input.resource.credential as found("generic", false)
}

test_leaves_other_classes_alone if {
	not rule.applies with input.resource.credential as found("specific", true)
	not rule.applies with input.resource.credential as found("token", true)
}

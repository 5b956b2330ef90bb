package keyreeve.audit["cloudtrail-incomplete_test"]

import data.keyreeve.audit["cloudtrail-incomplete"] as rule

full := {"logging": true, "multi_region": true, "management_events": true, "kms_events": true, "log_validation": true, "customer_key": false}

found(trail) := parts if {
	parts := {d.at | some d in rule.deny} with input.resource.audit as trail
}

test_accepts_a_full_trail if found(full) == set()

test_denies_each_defect if {
	every fact in ["logging", "multi_region", "management_events", "kms_events", "log_validation"] {
		found(object.union(full, {fact: false})) == {fact}
	}
}

test_defects_add_up if {
	found(object.union(full, {"logging": false, "kms_events": false})) == {"logging", "kms_events"}
}

test_missing_management_events_are_one_defect if {
	found(object.union(full, {"management_events": false, "kms_events": false})) == {"management_events"}
}

package keyreeve.rotation["overlap-missing_test"]

import data.keyreeve.rotation["overlap-missing"] as rule

retired(overlap, more) := {
	"resource": {"rotation": object.union({"purpose": "token_signing", "pattern": "overlap", "old_disabled_days": 3, "overlap_minutes": overlap}, more)},
	"settings": {"min_hours": 24, "look_back_days": 90},
}

test_wants_what_the_plan_waits_for if {
	rule.applies with input as retired(74, {"window_minutes": 75})
	count(rule.deny) == 1 with input as retired(74, {"window_minutes": 75})
	count(rule.deny) == 0 with input as retired(75, {"window_minutes": 75})
}

test_wants_a_day_where_the_plan_says_nothing if {
	count(rule.deny) == 1 with input as retired(1439, {})
	count(rule.deny) == 0 with input as retired(1440, {})
}

test_leaves_emergencies_and_other_keys_alone if {
	not rule.applies with input as retired(0, {"pattern": "emergency"})
	not rule.applies with input as retired(0, {"purpose": "encryption"})
}

package keyreeve.rotation["canary-skipped_test"]

import data.keyreeve.rotation["canary-skipped"] as rule

rotated(more) := {
	"resource": {"rotation": object.union({"tier": "production", "pattern": "overlap", "counterparts": 1, "created_days": 3}, more)},
	"settings": {"within_days": 30, "look_back_days": 90},
}

test_wants_a_counterpart_first if {
	rule.applies with input as rotated({})
	count(rule.deny) == 1 with input as rotated({})
	count(rule.deny) == 0 with input as rotated({"counterpart_days": 0})
	count(rule.deny) == 0 with input as rotated({"counterpart_days": 30})
	count(rule.deny) == 1 with input as rotated({"counterpart_days": 31})
}

test_leaves_others_alone if {
	not rule.applies with input as rotated({"tier": "staging"})
	not rule.applies with input as rotated({"counterparts": 0})
	not rule.applies with input as rotated({"pattern": "emergency"})
}

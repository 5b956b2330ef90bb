package keyreeve.response["review-overdue_test"]

import data.keyreeve.response["review-overdue"] as rule

emergency(days, more) := {"resource": {"rotation": {"emergency": object.union({"drill": false, "began_days": days}, more)}}, "settings": {"max_days": 7}}

test_denies_what_nobody_has_reviewed if {
	count(rule.deny) == 1 with input as emergency(8, {})
	count(rule.deny) == 0 with input as emergency(7, {})
	count(rule.deny) == 0 with input as emergency(8, {"reviewed_at": "2025-12-03T09:00:00Z"})
}

test_leaves_drills_alone if not rule.applies with input as emergency(8, {"drill": true})

package keyreeve.response["emergency-without-approval_test"]

import data.keyreeve.response["emergency-without-approval"] as rule

emergency(more) := {
	"resource": {"rotation": {"emergency": object.union({"ticket": "INC-1", "drill": false, "began_days": 3, "within_minutes": 0, "approve_by_in_days": -3}, more)}},
	"settings": {"look_back_days": 365},
}

approved(minutes, within) := emergency({"approved_at": "2025-12-01T09:00:00Z", "approval_minutes": minutes, "within_minutes": within})

test_wants_an_approval_in_time if {
	rule.applies with input as approved(0, 0)
	count(rule.deny) == 0 with input as approved(0, 0)
	count(rule.deny) == 0 with input as approved(60, 60)
	count(rule.deny) == 1 with input as approved(61, 60)
	count(rule.deny) == 1 with input as emergency({})
}

test_waits_while_it_may_still_come if count(rule.deny) == 0 with input as emergency({"within_minutes": 1440, "approve_by_in_days": 0})

test_wants_a_ticket if count(rule.deny) == 1 with input as json.remove(approved(0, 0), ["resource/rotation/emergency/ticket"])

test_leaves_drills_alone if not rule.applies with input as emergency({"drill": true})

package keyreeve.rotation["rotation-stuck_test"]

import data.keyreeve.rotation["rotation-stuck"] as rule

recorded(more) := {"resource": {"rotation": object.union({"state": "under_way", "stage": "CREATED"}, more)}, "settings": {"after_days": 1}}

test_denies_recorded_rotations_that_do_not_go_on if {
	rule.applies with input as recorded({})
	count(rule.deny) == 0 with input as recorded({"due_in_days": -1, "stopped_days": 1, "expires_in_days": -1})
	count(rule.deny) == 3 with input as recorded({"due_in_days": -2, "stopped_days": 2, "expires_in_days": -2})
}

test_leaves_ended_ones_alone if not rule.applies with input as recorded({"state": "done"})

key(typ, age) := {
	"resource": {
		"type": typ,
		"kind": "key",
		"key": {"manager": "customer", "state": "enabled", "age_days": age, "rotation": {"automatic": true, "period_days": 90}},
	},
	"settings": {"after_days": 1},
}

test_denies_transit_keys_whose_period_has_elapsed if {
	rule.applies with input as key("vault.transit.key", 92)
	count(rule.deny) == 1 with input as key("vault.transit.key", 92)
	count(rule.deny) == 0 with input as key("vault.transit.key", 91)
	count(rule.deny) == 0 with input as key("aws.kms.key", 92)
}

test_denies_schedules_in_the_past if {
	count(rule.deny) == 1 with input as json.patch(key("aws.kms.key", 92), [{"op": "add", "path": "/resource/key/rotation/next_in_days", "value": -2}])
	count(rule.deny) == 0 with input as json.patch(key("aws.kms.key", 92), [{"op": "add", "path": "/resource/key/rotation/next_in_days", "value": -1}])
}

test_leaves_what_a_file_declares_alone if {
	not rule.applies with input as json.patch(key("vault.transit.key", 92), [{"op": "add", "path": "/resource/origin", "value": "declared"}])
}

package keyreeve.response["reauthentication-missing_test"]

import data.keyreeve.response["reauthentication-missing"] as rule

emergency(more, rotation) := {
	"resource": {"rotation": object.union(
		{"of": "vault.approle.role", "state": "done", "stage": "DONE", "emergency": object.union({"drill": false, "began_days": 3}, more)},
		rotation,
	)},
	"settings": {"after_days": 1, "look_back_days": 365},
}

test_denies_sessions_that_live_on if {
	rule.applies with input as emergency({}, {})
	count(rule.deny) == 1 with input as emergency({}, {})
	count(rule.deny) == 0 with input as emergency({"reauthenticated_at": "2025-12-01T09:04:00Z"}, {})
}

test_waits_a_day_while_it_is_under_way if {
	count(rule.deny) == 0 with input as emergency({"began_days": 0}, {"state": "under_way"})
	count(rule.deny) == 1 with input as emergency({"began_days": 1}, {"state": "under_way"})
}

test_judges_what_has_sessions if {
	rule.applies with input as emergency({}, {"of": "vault.transit.key", "purpose": "token_signing"})
	not rule.applies with input as emergency({}, {"of": "vault.transit.key", "purpose": "encryption"})
	not rule.applies with input as emergency({"drill": true}, {})
}

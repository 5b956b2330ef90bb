package keyreeve.rotation["nonprod-not-exercised_test"]

import data.keyreeve.rotation["nonprod-not-exercised"] as rule

key(age, more) := {
	"resource": object.union(
		{
			"kind": "key",
			"tier": "staging",
			"edges": [{"type": "counterpart", "way": "in", "to": "ledger:rotations/1f/jwt"}],
			"key": {"manager": "customer", "state": "enabled", "age_days": age},
		},
		more,
	),
	"settings": {"max_days": 90},
}

test_wants_a_rotation_a_quarter if {
	rule.applies with input as key(91, {})
	count(rule.deny) == 1 with input as key(91, {})
	count(rule.deny) == 0 with input as key(90, {})
}

test_judges_counterparts_only if {
	not rule.applies with input as key(91, {"tier": "production"})
	not rule.applies with input as key(91, {"edges": []})
	not rule.applies with input as key(91, {"edges": [{"type": "rotates", "way": "in", "to": "ledger:rotations/1f/jwt"}]})
}

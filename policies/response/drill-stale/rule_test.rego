package keyreeve.response["drill-stale_test"]

import data.keyreeve.response["drill-stale"] as rule

log(facts) := {"resource": {"ledger": object.union({"verified": "consistent", "opened_days": 91}, facts)}, "settings": {"max_days": 90}}

drilled(days) := log({"drilled_at": "2025-12-01T09:00:00Z", "drilled_days": days})

test_wants_a_drill_a_quarter if {
	count(rule.deny) == 0 with input as drilled(90)
	count(rule.deny) == 1 with input as drilled(91)
	count(rule.deny) == 1 with input as log({})
	count(rule.deny) == 0 with input as log({"opened_days": 90})
}

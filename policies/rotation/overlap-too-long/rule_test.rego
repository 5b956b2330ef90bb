package keyreeve.rotation["overlap-too-long_test"]

import data.keyreeve.rotation["overlap-too-long"] as rule

key(age, accepted, series) := {
	"resource": {
		"kind": "key",
		"purpose": "token_signing",
		"series": series,
		"key": {"manager": "customer", "state": "enabled", "age_days": age, "versions": {"accepted": accepted}},
	},
	"settings": {"max_days": 14},
}

test_denies_old_versions_after_two_weeks if {
	rule.applies with input as key(15, 2, {"role": "current"})
	count(rule.deny) == 1 with input as key(15, 2, {"role": "current"})
	count(rule.deny) == 0 with input as key(14, 2, {"role": "current"})
	count(rule.deny) == 0 with input as key(15, 1, {"role": "current"})
}

test_accepts_what_the_ledger_keeps_open if {
	count(rule.deny) == 0 with input as key(15, 2, {"role": "current", "overlap_closes_in_days": 0})
	count(rule.deny) == 1 with input as key(15, 2, {"role": "current", "overlap_closes_in_days": -1})
}

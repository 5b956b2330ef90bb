package keyreeve.rotation["old-key_test"]

import data.keyreeve.rotation["old-key"] as rule

key(days) := {
	"resource": {"key": {"state": "enabled", "age_days": days, "bits": 256}},
	"settings": {"max_age_days": 90, "grace_days": 7},
}

test_denies_an_old_key if count(rule.deny) == 1 with input as key(98)

test_accepts_a_key_within_grace if count(rule.deny) == 0 with input as key(97)

package keyreeve.rotation["very-old-key_test"]

import data.keyreeve.rotation["very-old-key"] as rule

test_denies if {
	count(rule.deny) == 1 with input as {
		"resource": {"key": {"age_days": 181}},
		"settings": {"factor": 2, "old": {"max_age_days": 90}},
	}
}

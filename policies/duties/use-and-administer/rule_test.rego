package keyreeve.duties["use-and-administer_test"]

import data.keyreeve.duties["use-and-administer"] as rule

with_conflicts(list) := {"access": {"conflicts": list}}

both := {"principal": "arn:aws:iam::111122223333:role/ops", "use": ["kms:Decrypt"], "administer": ["kms:PutKeyPolicy"]}

test_denies_each_identity if {
	count(rule.deny) == 1 with input.resource as with_conflicts([both])
	count(rule.deny) == 2 with input.resource as with_conflicts([both, object.union(both, {"principal": "arn:aws:iam::111122223333:role/app"})])
}

test_accepts_separate_duties if {
	count(rule.deny) == 0 with input.resource as with_conflicts([])
}

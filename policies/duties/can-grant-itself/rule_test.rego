package keyreeve.duties["can-grant-itself_test"]

import data.keyreeve.duties["can-grant-itself"] as rule

self_grants(list) := {"access": {"self_grants": list}}

test_denies_who_can_become_a_user if {
	count(rule.deny) == 1 with input.resource as self_grants([{"principal": "arn:aws:iam::111122223333:role/admin", "by": "kms:PutKeyPolicy"}])
}

test_accepts_nobody if {
	count(rule.deny) == 0 with input.resource as self_grants([])
}

package keyreeve.privilege["boundary-bypassed_test"]

import data.keyreeve.privilege["boundary-bypassed"] as rule

bypasses(list) := {"access": {"bypasses": list}}

test_denies_a_user_named_directly if {
	count(rule.deny) == 1 with input.resource as bypasses([{"principal": "arn:aws:iam::111122223333:user/bob", "at": "Use", "actions": ["kms:Decrypt"]}])
}

test_accepts_none if {
	count(rule.deny) == 0 with input.resource as bypasses([])
}

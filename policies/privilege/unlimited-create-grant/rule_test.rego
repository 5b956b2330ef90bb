package keyreeve.privilege["unlimited-create-grant_test"]

import data.keyreeve.privilege["unlimited-create-grant"] as rule

grantors(list) := {"access": {"grantors": list}}

test_denies_each_grantor if {
	count(rule.deny) == 1 with input.resource as grantors([{"principal": "arn:aws:iam::111122223333:role/app", "at": "Use", "certain": true}])
	count(rule.deny) == 1 with input.resource as grantors([{"principal": "arn:aws:iam::111122223333:role/app", "at": "Use", "certain": false}])
}

test_accepts_none if {
	count(rule.deny) == 0 with input.resource as grantors([])
}

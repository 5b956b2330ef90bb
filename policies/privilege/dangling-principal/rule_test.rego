package keyreeve.privilege["dangling-principal_test"]

import data.keyreeve.privilege["dangling-principal"] as rule

gone := {"name": "AROAEXAMPLEEXAMPLEXX", "at": "Use", "reusable": false}

named := {"name": "arn:aws:iam::111122223333:role/old", "at": "Use", "reusable": true}

policy(origin, dangling) := {"origin": origin, "access": {"dangling": dangling}}

test_tells_ids_and_names_apart if {
	{d.message | some d in rule.deny} == {"it names somebody who does not exist"} with input.resource as policy("live", [gone])
	{d.message | some d in rule.deny} == {"whoever makes a principal of this name gets what the policy gives"} with input.resource as policy("live", [named])
}

test_code_without_ids_is_not_judged if {
	not rule.applies with input.resource as policy("declared", [])
	rule.applies with input.resource as policy("declared", [gone])
	rule.applies with input.resource as policy("live", [])
}

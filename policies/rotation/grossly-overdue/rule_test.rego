package keyreeve.rotation["grossly-overdue_test"]

import data.keyreeve.rotation["grossly-overdue"] as rule

settings := {
	"factor": 2,
	"signing": {
		"max_age_days": 90,
		"code_signing_max_age_days": 365,
		"certificate_authority_max_age_days": 1095,
		"grace_days": 7,
		"yearly_grace_days": 30,
	},
	"encryption": {"max_age_days": 365, "grace_days": 30},
	"secret": {"max_age_days": 90, "grace_days": 7},
}

key(purpose, age) := {
	"resource": {"kind": "key", "purpose": purpose, "key": {"manager": "customer", "state": "enabled", "age_days": age}},
	"settings": settings,
}

test_twice_the_limit_of_each_purpose if {
	every c in [
		["token_signing", 180],
		["code_signing", 730],
		["certificate_authority", 2190],
		["encryption", 730],
		["api_key", 180],
		["connection", 180],
		["unclassified", 180],
	] {
		rule.applies with input as key(c[0], c[1])
		count(rule.deny) == 0 with input as key(c[0], c[1])
		count(rule.deny) == 1 with input as key(c[0], c[1] + 1)
	}
}

test_never_fails_what_the_ordinary_rule_passes if {
	short := json.patch(key("api_key", 12), [{"op": "replace", "path": "/settings/secret", "value": {"max_age_days": 5, "grace_days": 7}}])
	count(rule.deny) == 0 with input as short
	count(rule.deny) == 1 with input as json.patch(short, [{"op": "replace", "path": "/resource/key/age_days", "value": 13}])
}

test_leaves_what_has_no_limit_alone if {
	not rule.applies with input as key("config", 5000)
	not rule.applies with input as key("other", 5000)
}

test_leaves_what_a_file_declares_alone if {
	not rule.applies with input as json.patch(key("encryption", 1000), [{"op": "add", "path": "/resource/origin", "value": "declared"}])
}

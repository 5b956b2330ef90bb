package keyreeve.rotation["signing-key-overdue_test"]

import data.keyreeve.rotation["signing-key-overdue"] as rule

settings := {
	"max_age_days": 90,
	"code_signing_max_age_days": 365,
	"certificate_authority_max_age_days": 1095,
	"grace_days": 7,
	"yearly_grace_days": 30,
}

key(purpose, age) := {
	"resource": {"kind": "key", "purpose": purpose, "key": {"manager": "customer", "state": "enabled", "age_days": age}},
	"settings": settings,
}

test_each_purpose_has_a_limit_with_grace if {
	every c in [["token_signing", 97], ["code_signing", 395], ["certificate_authority", 1125]] {
		rule.applies with input as key(c[0], c[1])
		count(rule.deny) == 0 with input as key(c[0], c[1])
		count(rule.deny) == 1 with input as key(c[0], c[1] + 1)
	}
}

test_facts_name_age_and_limit if {
	some v in rule.deny with input as key("code_signing", 400)
	v.facts == {"age_days": 400, "limit_days": 365}
}

test_leaves_other_purposes_alone if {
	not rule.applies with input as key("encryption", 400)
	not rule.applies with input as key("api_key", 400)
}

test_leaves_what_a_file_declares_alone if {
	not rule.applies with input as json.patch(key("token_signing", 98), [{"op": "add", "path": "/resource/origin", "value": "declared"}])
}

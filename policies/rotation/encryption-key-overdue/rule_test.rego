package keyreeve.rotation["encryption-key-overdue_test"]

import data.keyreeve.rotation["encryption-key-overdue"] as rule

key(purpose, age) := {
	"resource": {"kind": "key", "purpose": purpose, "key": {"manager": "customer", "state": "enabled", "age_days": age}},
	"settings": {"max_age_days": 365, "grace_days": 30},
}

test_a_year_and_thirty_days if {
	rule.applies with input as key("encryption", 395)
	count(rule.deny) == 0 with input as key("encryption", 395)
	count(rule.deny) == 1 with input as key("encryption", 396)
}

test_leaves_signing_keys_alone if {
	not rule.applies with input as key("token_signing", 396)
}

test_leaves_what_a_file_declares_alone if {
	not rule.applies with input as json.patch(key("encryption", 396), [{"op": "add", "path": "/resource/origin", "value": "declared"}])
}

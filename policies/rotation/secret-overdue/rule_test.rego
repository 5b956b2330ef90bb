package keyreeve.rotation["secret-overdue_test"]

import data.keyreeve.rotation["secret-overdue"] as rule

secret(purpose, age) := {
	"resource": {
		"kind": "secret",
		"purpose": purpose,
		"secret": {"state": "enabled", "service_managed": false, "replica": false, "age_days": age},
	},
	"settings": {"max_age_days": 90, "grace_days": 7},
}

test_ninety_days_and_seven if {
	every purpose in ["api_key", "connection", "unclassified"] {
		rule.applies with input as secret(purpose, 97)
		count(rule.deny) == 0 with input as secret(purpose, 97)
		count(rule.deny) == 1 with input as secret(purpose, 98)
	}
}

test_leaves_what_is_no_secret_alone if {
	not rule.applies with input as secret("config", 98)
	not rule.applies with input as secret("other", 98)
}

test_leaves_what_a_file_declares_alone if {
	not rule.applies with input as json.patch(secret("api_key", 98), [{"op": "add", "path": "/resource/origin", "value": "declared"}])
}

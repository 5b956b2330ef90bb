package keyreeve.rotation["rotation-period-too-long_test"]

import data.keyreeve.rotation["rotation-period-too-long"] as rule

settings := {
	"signing": {"max_age_days": 90, "grace_days": 7},
	"encryption": {"max_age_days": 365, "grace_days": 30},
	"secret": {"max_age_days": 90, "grace_days": 7},
}

key(purpose, days) := {
	"resource": {
		"kind": "key",
		"purpose": purpose,
		"key": {"manager": "customer", "state": "enabled", "rotation": {"automatic": true, "period_days": days}},
	},
	"settings": settings,
}

secret(days) := {
	"resource": {
		"kind": "secret",
		"purpose": "api_key",
		"secret": {
			"state": "enabled",
			"service_managed": false,
			"replica": false,
			"rotation": {"automatic": true, "period_days": days},
		},
	},
	"settings": settings,
}

test_the_limit_itself_is_fine if {
	count(rule.deny) == 0 with input as key("token_signing", 90)
	count(rule.deny) == 0 with input as key("encryption", 365)
	count(rule.deny) == 0 with input as secret(90)
}

test_one_day_more_is_not if {
	count(rule.deny) == 1 with input as key("token_signing", 91)
	count(rule.deny) == 1 with input as key("encryption", 366)
	rule.applies with input as secret(91)
	count(rule.deny) == 1 with input as secret(91)
}

test_leaves_manual_rotation_alone if {
	not rule.applies with input as json.patch(key("encryption", 366), [{
		"op": "replace",
		"path": "/resource/key/rotation/automatic",
		"value": false,
	}])
}

test_leaves_what_has_no_limit_alone if {
	not rule.applies with input as key("other", 366)
}

test_leaves_secrets_alone_likewise if {
	not rule.applies with input as json.patch(secret(91), [{"op": "replace", "path": "/resource/purpose", "value": "config"}])
	not rule.applies with input as json.patch(secret(91), [{"op": "replace", "path": "/resource/secret/replica", "value": true}])
}

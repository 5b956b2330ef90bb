package keyreeve.rotation["rotation-never-proven_test"]

import data.keyreeve.rotation["rotation-never-proven"] as rule

key(created, age) := {
	"resource": {
		"kind": "key",
		"tier": "production",
		"key": {"manager": "customer", "state": "enabled", "age_days": age, "created_days": created, "rotation": {"automatic": true, "period_days": 90}},
	},
	"settings": {"grace_days": 30},
}

secret(created, age) := {
	"resource": {
		"kind": "secret",
		"tier": "production",
		"secret": {
			"state": "enabled",
			"service_managed": false,
			"replica": false,
			"age_days": age,
			"created_days": created,
			"rotation": {"automatic": true, "period_days": 90},
		},
	},
	"settings": {"grace_days": 30},
}

test_denies_what_was_never_rotated if {
	rule.applies with input as key(121, 121)
	count(rule.deny) == 1 with input as key(121, 121)
	count(rule.deny) == 0 with input as key(120, 120)
	count(rule.deny) == 0 with input as key(500, 121)
	count(rule.deny) == 1 with input as secret(121, 121)
	count(rule.deny) == 0 with input as secret(500, 121)
}

test_judges_production if not rule.applies with input as json.patch(key(121, 121), [{"op": "replace", "path": "/resource/tier", "value": "staging"}])

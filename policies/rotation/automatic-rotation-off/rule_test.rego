package keyreeve.rotation["automatic-rotation-off_test"]

import data.keyreeve.rotation["automatic-rotation-off"] as rule

key(supported, automatic) := {"resource": {
	"kind": "key",
	"purpose": "encryption",
	"key": {"manager": "customer", "state": "enabled", "rotation": {"supported": supported, "automatic": automatic}},
}}

secret(purpose, automatic) := {"resource": {
	"kind": "secret",
	"purpose": purpose,
	"secret": {"state": "enabled", "service_managed": false, "replica": false, "rotation": {"supported": true, "automatic": automatic}},
}}

test_denies_off if {
	rule.applies with input as key(true, false)
	count(rule.deny) == 1 with input as key(true, false)
	rule.applies with input as secret("api_key", false)
	count(rule.deny) == 1 with input as secret("api_key", false)
}

test_accepts_on if {
	count(rule.deny) == 0 with input as key(true, true)
	count(rule.deny) == 0 with input as secret("api_key", true)
}

test_leaves_alone_what_cannot_rotate_itself if {
	not rule.applies with input as key(false, false)
}

test_leaves_settings_that_are_no_secret_alone if {
	not rule.applies with input as secret("config", false)
}

test_leaves_replicas_of_secrets_alone if {
	not rule.applies with input as json.patch(secret("api_key", false), [{"op": "replace", "path": "/resource/secret/replica", "value": true}])
}

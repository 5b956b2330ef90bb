package keyreeve.rotation["expiry-missing_test"]

import data.keyreeve.rotation["expiry-missing"] as rule

key(automatic) := {
	"kind": "key",
	"origin": "declared",
	"key": {"manager": "customer", "state": "enabled", "rotation": {"automatic": automatic}},
}

secret(purpose) := {
	"kind": "secret",
	"origin": "declared",
	"purpose": purpose,
	"secret": {"service_managed": false, "replica": false},
}

with_fact(resource, path, value) := json.patch(resource, [{"op": "add", "path": path, "value": value}])

test_denies_what_never_expires if {
	rule.applies with input.resource as key(false)
	count(rule.deny) == 1 with input.resource as key(false)
	rule.applies with input.resource as secret("unclassified")
	count(rule.deny) == 1 with input.resource as secret("unclassified")
	count(rule.deny) == 1 with input.resource as {"kind": "credential", "credential": {"class": "password"}}
}

test_accepts_an_end if {
	end := "2026-12-01T00:00:00Z"
	count(rule.deny) == 0 with input.resource as with_fact(key(false), "/key/expires_at", end)
	count(rule.deny) == 0 with input.resource as with_fact(secret("api_key"), "/secret/expires_at", end)
	count(rule.deny) == 0 with input.resource as {"kind": "credential", "credential": {"expires_at": end}}
	count(rule.deny) == 0 with input.resource as {"kind": "credential", "credential": {"valid_days": 180}}
}

test_leaves_alone_what_rotates_serves_nothing_or_is_no_secret if {
	not rule.applies with input.resource as key(true)
	not rule.applies with input.resource as with_fact(key(false), "/key/state", "disabled")
	not rule.applies with input.resource as secret("config")
	not rule.applies with input.resource as with_fact(secret("api_key"), "/secret/service_managed", true)
}

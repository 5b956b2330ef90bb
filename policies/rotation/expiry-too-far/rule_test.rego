package keyreeve.rotation["expiry-too-far_test"]

import data.keyreeve.rotation["expiry-too-far"] as rule

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

key(purpose, days) := {"settings": settings, "resource": {
	"kind": "key",
	"origin": "declared",
	"purpose": purpose,
	"key": {
		"manager": "customer",
		"state": "enabled",
		"expires_at": "2027-01-01T00:00:00Z",
		"expires_in_days": days,
		"rotation": {"automatic": false},
	},
}}

secret(days) := {"settings": settings, "resource": {
	"kind": "secret",
	"origin": "declared",
	"purpose": "api_key",
	"secret": {"service_managed": false, "replica": false, "expires_at": "2027-01-01T00:00:00Z", "expires_in_days": days},
}}

password(facts) := {"settings": settings, "resource": {"kind": "credential", "credential": facts}}

test_twice_the_limit_of_its_purpose if {
	every c in [["token_signing", 180], ["encryption", 730], ["certificate_authority", 2190]] {
		rule.applies with input as key(c[0], c[1])
		count(rule.deny) == 0 with input as key(c[0], c[1])
		count(rule.deny) == 1 with input as key(c[0], c[1] + 1)
	}
	rule.applies with input as secret(180)
	count(rule.deny) == 0 with input as secret(180)
	count(rule.deny) == 1 with input as secret(181)
}

test_a_password_has_the_limit_of_secrets if {
	rule.applies with input as password({"valid_days": 180})
	count(rule.deny) == 0 with input as password({"valid_days": 180})
	count(rule.deny) == 1 with input as password({"valid_days": 181})
	rule.applies with input as password({"expires_at": "2027-01-01T00:00:00Z", "expires_in_days": 180})
	count(rule.deny) == 0 with input as password({"expires_at": "2027-01-01T00:00:00Z", "expires_in_days": 180})
	count(rule.deny) == 1 with input as password({"expires_at": "2027-01-01T00:00:00Z", "expires_in_days": 181})
}

test_a_known_length_decides_over_a_date if {
	count(rule.deny) == 0 with input as password({"valid_days": 90, "expires_at": "2027-01-01T00:00:00Z", "expires_in_days": 365})
	count(rule.deny) == 1 with input as password({"valid_days": 365, "expires_at": "2026-02-01T00:00:00Z", "expires_in_days": 30})
}

test_leaves_the_rest_to_others if {
	not rule.applies with input as json.patch(key("encryption", 900), [{"op": "replace", "path": "/resource/key/rotation/automatic", "value": true}])
	not rule.applies with input as json.patch(key("encryption", 900), [{"op": "remove", "path": "/resource/key/expires_at"}])
	not rule.applies with input as password({"class": "password"})
	not rule.applies with input as key("other", 900)
	not rule.applies with input as json.patch(key("encryption", 900), [{"op": "replace", "path": "/resource/key/state", "value": "disabled"}])
	not rule.applies with input as json.patch(secret(900), [{"op": "replace", "path": "/resource/purpose", "value": "config"}])
	not rule.applies with input as json.patch(secret(900), [{"op": "replace", "path": "/resource/secret/service_managed", "value": true}])
}

package lib.rotation_test

import data.lib.rotation

key := {"kind": "key", "key": {"manager": "customer", "state": "enabled", "age_days": 10}}

secret := {"kind": "secret", "secret": {"state": "enabled", "service_managed": false, "replica": false, "age_days": 20}}

changed(resource, path, value) := json.patch(resource, [{"op": "add", "path": path, "value": value}])

test_an_enabled_customer_key_serves if {
	rotation.serves with input.resource as key
	rotation.serves with input.resource as changed(key, "/key/state", "updating")
	rotation.serves with input.resource as changed(key, "/key/multi_region", "primary")
	rotation.serves with input.resource as changed(key, "/series", {"name": "jwt", "role": "current"})
}

test_what_does_not_serve if {
	not rotation.serves with input.resource as changed(key, "/key/manager", "provider")
	not rotation.serves with input.resource as changed(key, "/key/state", "disabled")
	not rotation.serves with input.resource as changed(key, "/key/state", "pending_deletion")
	not rotation.serves with input.resource as changed(key, "/key/multi_region", "replica")
	not rotation.serves with input.resource as changed(key, "/series", {"name": "jwt", "role": "predecessor"})
	not rotation.serves with input.resource as changed(secret, "/secret/state", "destroyed")
	not rotation.serves with input.resource as changed(secret, "/secret/service_managed", true)
	not rotation.serves with input.resource as changed(secret, "/secret/replica", true)
	not rotation.serves with input.resource as changed(secret, "/series", {"name": "jwt", "role": "predecessor"})
}

test_an_enabled_secret_serves if rotation.serves with input.resource as secret

declared_secret := {"kind": "secret", "origin": "declared", "secret": {"service_managed": false, "replica": false}}

test_what_a_file_declares_serves_without_a_state if {
	rotation.serves with input.resource as declared_secret
	not rotation.serves with input.resource as changed(declared_secret, "/origin", "live")
}

test_what_a_file_declares_and_is_not_ours_to_rotate if {
	not rotation.serves with input.resource as changed(declared_secret, "/secret/service_managed", true)
	not rotation.serves with input.resource as changed(declared_secret, "/secret/replica", true)
}

test_a_declared_key_is_judged_whatever_its_series if {
	declared := changed(key, "/origin", "declared")
	rotation.serves with input.resource as changed(declared, "/series", {"name": "jwt", "role": "predecessor"})
	not rotation.serves with input.resource as changed(declared, "/key/state", "disabled")
}

test_what_a_file_declares_has_no_age if {
	rotation.has_age with input.resource as changed(key, "/origin", "live")
	not rotation.has_age with input.resource as changed(key, "/origin", "declared")
}

test_the_age_stands_in_the_facet_of_the_kind if {
	rotation.age_days == 10 with input.resource as key
	rotation.age_days == 20 with input.resource as secret
}

settings := {
	"signing": {
		"max_age_days": 1,
		"code_signing_max_age_days": 2,
		"certificate_authority_max_age_days": 3,
		"grace_days": 4,
		"yearly_grace_days": 5,
	},
	"encryption": {"max_age_days": 6, "grace_days": 7},
	"secret": {"max_age_days": 8, "grace_days": 9},
}

test_every_purpose_has_its_own_limit if {
	rotation.limit("token_signing", settings) == {"days": 1, "grace": 4}
	rotation.limit("code_signing", settings) == {"days": 2, "grace": 5}
	rotation.limit("certificate_authority", settings) == {"days": 3, "grace": 5}
	rotation.limit("encryption", settings) == {"days": 6, "grace": 7}
	every purpose in ["api_key", "connection", "unclassified"] {
		rotation.limit(purpose, settings) == {"days": 8, "grace": 9}
	}
}

test_what_is_no_secret_has_no_limit if {
	not rotation.limit("config", settings)
	not rotation.limit("other", settings)
}

package keyreeve.credentials["created-in-code_test"]

import data.keyreeve.credentials["created-in-code"] as rule

credential(origin) := {"origin": origin, "kind": "credential", "credential": {"class": "access_key"}}

secret(origin, purpose, in_code) := {"origin": origin, "kind": "secret", "purpose": purpose, "secret": {"value_in_code": in_code}}

test_denies_declared_credentials if {
	rule.applies with input as {"resource": credential("declared"), "settings": {"secret": {"max_age_days": 90}}}
	count(rule.deny) == 1 with input as {"resource": credential("declared"), "settings": {"secret": {"max_age_days": 90}}}
}

test_leaves_live_ones_alone if {
	not rule.applies with input.resource as credential("live")
	not rule.applies with input.resource as secret("live", "api_key", false)
}

test_denies_values_in_code if {
	rule.applies with input.resource as secret("declared", "api_key", true)
	count(rule.deny) == 1 with input.resource as secret("declared", "api_key", true)
}

test_accepts_secrets_without_a_value if {
	count(rule.deny) == 0 with input.resource as secret("declared", "api_key", false)
	count(rule.deny) == 0 with input.resource as {"origin": "declared", "kind": "secret", "secret": {"replica": false}}
}

test_leaves_settings_that_are_no_secret_alone if {
	not rule.applies with input.resource as secret("declared", "config", true)
}

package keyreeve.credentials["vault-token-without-end_test"]

import data.keyreeve.credentials["vault-token-without-end"] as rule

token(changes) := {
	"resource": {"origin": "live", "credential": object.union(
		{"policies": ["app"], "age_days": 31, "expires_at": "2026-01-02T00:00:00Z", "period_seconds": 3600, "renewable": true, "bound_cidrs": []},
		changes,
	)},
	"settings": {"min_age_days": 30},
}

endless := object.remove(token({"period_seconds": 0}).resource.credential, ["expires_at"])

test_denies_periodic_tokens_from_anywhere if {
	rule.applies with input as token({})
	count(rule.deny) == 1 with input as token({})
	count(rule.deny) == 1 with input as token({"bound_cidrs": ["::/0"]})
}

test_accepts_bound_ending_and_young_tokens if {
	count(rule.deny) == 0 with input as token({"bound_cidrs": ["10.0.0.0/8"]})
	count(rule.deny) == 0 with input as token({"period_seconds": 0})
	count(rule.deny) == 0 with input as token({"renewable": false})
	count(rule.deny) == 0 with input as token({"age_days": 30})
}

test_denies_endless_tokens_once_they_are_old if {
	count(rule.deny) == 1 with input as {"resource": {"origin": "live", "credential": endless}, "settings": {"min_age_days": 30}}
	count(rule.deny) == 0 with input as {"resource": {"origin": "live", "credential": endless}, "settings": {"min_age_days": 31}}
}

test_a_token_is_denied_once if {
	both := object.union(endless, {"period_seconds": 3600})
	count(rule.deny) == 1 with input as {"resource": {"origin": "live", "credential": both}, "settings": {"min_age_days": 30}}
}

test_leaves_root_tokens_alone if {
	not rule.applies with input as token({"policies": ["root"]})
}

declared(terms) := {"resource": {"origin": "declared", "credential": object.union({"policies": ["app"], "renewable": true, "bound_cidrs": []}, terms)}}

test_denies_declared_periodic_tokens_without_an_age if {
	rule.applies with input as declared({"period_seconds": 3600})
	count(rule.deny) == 1 with input as declared({"period_seconds": 3600})
}

test_accepts_declared_tokens_that_end if {
	count(rule.deny) == 0 with input as declared({"period_seconds": 0})
	count(rule.deny) == 0 with input as declared({"period_seconds": 3600, "renewable": false})
	count(rule.deny) == 0 with input as declared({"period_seconds": 3600, "valid_days": 30})
	count(rule.deny) == 0 with input as declared({"period_seconds": 3600, "bound_cidrs": ["10.0.0.0/8"]})
}

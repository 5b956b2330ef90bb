package keyreeve.privilege["vault-policy-shadowed_test"]

import data.keyreeve.privilege["vault-policy-shadowed"] as rule

shadow(effect) := {"access": {"shadows": [{"at": "app: secret/app", "over": "base: secret/*", "effect": effect, "paths": ["secret/app"]}]}}

both := ["grants_denied", "drops_granted"]

test_denies_both_effects if {
	count(rule.deny) == 1 with input.resource as shadow("grants_denied") with input.settings.effects as both
	count(rule.deny) == 1 with input.resource as shadow("drops_granted") with input.settings.effects as both
}

test_tells_only_what_is_asked_for if {
	count(rule.deny) == 0 with input.resource as shadow("drops_granted") with input.settings.effects as ["grants_denied"]
	count(rule.deny) == 0 with input.resource as shadow("grants_denied") with input.settings.effects as ["drops_granted"]
}

test_accepts_none if {
	count(rule.deny) == 0 with input.resource as {"access": {"shadows": []}} with input.settings.effects as both
}

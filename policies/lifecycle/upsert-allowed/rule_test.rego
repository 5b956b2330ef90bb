package keyreeve.lifecycle["upsert-allowed_test"]

import data.keyreeve.lifecycle["upsert-allowed"] as rule

policy(path, capabilities) := {"policy": {"builtin": false, "statements": [{
	"at": path,
	"effect": "allow",
	"path": path,
	"capabilities": capabilities,
}]}}

test_denies_create_on_names_that_nobody_chose if {
	every path in [
		"transit/encrypt/*", "transit/encrypt/+", "transit/encrypt/app-*", "transit/encrypt*", "transit/*", "transit*", "transit/+/*",
		"transit-eu/encrypt/*", "payments_transit/encrypt/*", "team/transit/encrypt/*", "+/encrypt/*", "+/encrypt/+", "+/+/*", "+/*", "*",
	] {
		count(rule.deny) == 1 with input.resource as policy(path, ["create", "update"])
	}
}

test_accepts_create_elsewhere if {
	every path in [
		"transit/encrypt/orders", "transit/keys/*", "transit/decrypt/*", "transit/encrypt", "kv/data/*", "kv/+/*", "kv/encrypt/*", "payments/+/+/*",
		"transition/encrypt/*", "kv/data/transit/*", "+", "+/+", "auth/*",
	] {
		count(rule.deny) == 0 with input.resource as policy(path, ["create", "update"])
	}
}

test_accepts_update if {
	count(rule.deny) == 0 with input.resource as policy("transit/encrypt/*", ["update"])
}

test_the_narrower_path_decides if {
	wide := {"at": "transit/*", "effect": "allow", "path": "transit/*", "capabilities": ["create", "read", "update"]}
	every c in [[["update"], 0], [["deny"], 0], [["create"], 2]] {
		narrow := {"at": "transit/encrypt/*", "effect": "allow", "path": "transit/encrypt/*", "capabilities": c[0]}
		count(rule.deny) == c[1] with input.resource.policy.statements as [wide, narrow]
	}
	elsewhere := {"at": "transit/keys/*", "effect": "allow", "path": "transit/keys/*", "capabilities": ["read"]}
	count(rule.deny) == 1 with input.resource.policy.statements as [wide, elsewhere]
}

test_a_denial_grants_nothing if {
	denial := {"at": "transit/encrypt/*", "effect": "deny", "path": "transit/encrypt/*", "capabilities": ["create"]}
	count(rule.deny) == 0 with input.resource.policy.statements as [denial]
}

test_leaves_what_was_not_read_and_what_vault_made_alone if {
	rule.applies with input.resource as policy("transit/encrypt/*", ["create"])
	not rule.applies with input.resource as {"policy": {"builtin": false}}
	not rule.applies with input.resource as {"policy": {"builtin": true, "statements": []}}
}

package keyreeve.privilege["vault-policy-everything_test"]

import data.keyreeve.privilege["vault-policy-everything"] as rule

policy(path, capabilities) := {"policy": {"builtin": false, "statements": [{
	"at": path,
	"effect": "allow",
	"path": path,
	"capabilities": capabilities,
}]}}

test_denies_every_path if {
	every path in ["*", "+/*", "+/+/*"] {
		every c in ["create", "read", "update", "delete", "patch", "sudo"] {
			count(rule.deny) == 1 with input.resource as policy(path, ["list", c])
		}
	}
}

test_tells_how_much if {
	{v.facts.capabilities | some v in rule.deny} == {["read", "sudo"]} with input.resource as policy("*", ["read", "sudo"])
}

test_accepts_lists_and_denials if {
	every capabilities in [["list"], ["deny"], []] {
		count(rule.deny) == 0 with input.resource as policy("*", capabilities)
	}
}

test_a_denial_grants_nothing if {
	denial := {"at": "*", "effect": "deny", "path": "*", "capabilities": ["read"]}
	count(rule.deny) == 0 with input.resource.policy.statements as [denial]
}

test_accepts_narrower_paths if {
	every path in ["kv/*", "+/data/*", "sys/*", "+", "+/+", "k*"] {
		count(rule.deny) == 0 with input.resource as policy(path, ["read", "sudo"])
	}
}

test_leaves_what_vault_made_and_what_was_not_read_alone if {
	rule.applies with input.resource as policy("*", ["read"])
	not rule.applies with input.resource.policy as {"builtin": true, "statements": []}
	not rule.applies with input.resource.policy as {"builtin": false}
}

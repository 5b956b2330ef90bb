package keyreeve.workload["approle-unbounded_test"]

import data.keyreeve.workload["approle-unbounded"] as rule

role(ttl, secret_blocks, token_blocks) := {
	"resource": {"trust": {"secret_id": {"required": true, "ttl_seconds": ttl, "bound_cidrs": secret_blocks}, "token_bound_cidrs": token_blocks}},
	"settings": {"max_ttl_days": 30},
}

test_denies_long_and_endless_lives if {
	count(rule.deny) == 1 with input as role(0, [], [])
	count(rule.deny) == 1 with input as role((30 * 86400) + 1, [], [])
}

test_accepts_short_lives if {
	count(rule.deny) == 0 with input as role(1, [], [])
	count(rule.deny) == 0 with input as role(30 * 86400, [], [])
}

test_either_bound_is_enough if {
	count(rule.deny) == 0 with input as role(0, ["10.0.0.0/8"], [])
	count(rule.deny) == 0 with input as role(0, [], ["10.0.0.0/8"])
	count(rule.deny) == 1 with input as role(0, ["0.0.0.0/0"], ["::/0"])
}

test_leaves_roles_without_secret_ids_alone if {
	not rule.applies with input.resource.trust.secret_id.required as false
}

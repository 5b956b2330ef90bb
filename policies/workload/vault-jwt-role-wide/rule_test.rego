package keyreeve.workload["vault-jwt-role-wide_test"]

import data.keyreeve.workload["vault-jwt-role-wide"] as rule

role(claims, audiences, enough) := {
	"resource": {"trust": {"bound_claims": claims, "bound_audiences": audiences}},
	"settings": {"audience_is_enough": enough},
}

with_subject(role) := json.patch(role, [{"op": "add", "path": "/resource/trust/bound_subject", "value": "system:ci"}])

test_denies_a_role_without_bounds if {
	count(rule.deny) == 1 with input as role([], [], true)
	count(rule.deny) == 1 with input as role([], [], false)
}

test_an_audience_is_enough_unless_configured_otherwise if {
	count(rule.deny) == 0 with input as role([], ["vault"], true)
	count(rule.deny) == 1 with input as role([], ["vault"], false)
}

test_accepts_a_claim_or_a_subject if {
	count(rule.deny) == 0 with input as role(["project_path"], [], false)
	count(rule.deny) == 0 with input as role(["project_path"], ["vault"], false)
	count(rule.deny) == 0 with input as with_subject(role([], [], false))
}

test_an_audience_is_not_enough_where_the_public_sets_it if {
	every issuer in ["https://token.actions.githubusercontent.com", "https://gitlab.com/", "https://app.terraform.io"] {
		count(rule.deny) == 1 with input as from(issuer, role([], ["vault"], true))
		count(rule.deny) == 1 with input as from(issuer, role([], ["vault"], false))
		count(rule.deny) == 0 with input as from(issuer, role(["repository"], ["vault"], true))
	}
	count(rule.deny) == 0 with input as from("https://gitlab.example.com", role([], ["vault"], true))
	count(rule.deny) == 0 with input as from("https://token.actions.githubusercontent.com/example", role([], ["vault"], true))
}

from(issuer, role) := json.patch(role, [{"op": "add", "path": "/resource/trust/issuer", "value": issuer}])

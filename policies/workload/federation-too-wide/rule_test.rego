package keyreeve.workload["federation-too-wide_test"]

import data.keyreeve.workload["federation-too-wide"] as rule

role(admission) := {
	"trust": {"statements": [{"at": "#1", "who": "oidc"}]},
	"access": {"federation": [object.union({"at": "#1", "provider": "token.actions.githubusercontent.com", "platform": "ci", "certain": true}, admission)], "reaches": nothing},
}

nothing := {"keys": 0, "secrets": 0, "possible": 0, "onward": false}

places(found) := {d.at | some d in found}

test_denies_what_strangers_get if {
	every admits in ["everybody", "several", "pull_request"] {
		found := rule.deny with input.resource as role({"admits": admits, "subject": "repo:stranger/stranger:ref:refs/heads/main"})
		places(found) == {"#1/sub"}
		{d.severity | some d in found} == {"low"}
	}
}

test_an_audience_matters_where_it_is_an_application if {
	every platform in ["people", "saml"] {
		found := rule.deny with input.resource as role({"admits": "any_audience", "platform": platform})
		places(found) == {"#1/aud"}
	}
	count(rule.deny) == 0 with input.resource as role({"admits": "any_audience"})
}

test_leaves_service_accounts_to_another_rule if {
	count(rule.deny) == 0 with input.resource as role({"admits": "everybody", "platform": "cluster", "subject": "system:serviceaccount:stranger:stranger"})
	count(rule.deny) == 0 with input.resource as role({"admits": "several", "platform": "cluster", "subject": "system:serviceaccount:stranger:stranger"})
}

test_an_own_gitlab_is_judged if {
	count(rule.deny) == 1 with input.resource as role({"admits": "several", "platform": "cluster", "subject": "project_path:shop/stranger"})
}

test_applies_to_federation_only if {
	rule.applies with input.resource as role({"admits": "several"})
	not rule.applies with input.resource as {"trust": {"statements": [{"at": "#1", "who": "service"}]}}
}

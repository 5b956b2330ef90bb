package keyreeve.workload["irsa-open_test"]

import data.keyreeve.workload["irsa-open"] as rule

eks := {
	"at": "#1",
	"who": "oidc",
	"provider": "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE",
	"subjects": ["system:serviceaccount:shop:api"],
	"audiences": ["sts.amazonaws.com"],
	"restricted": false,
}

settings := {"other_issuers": ["token.actions.githubusercontent.com", "oidc.circleci.com"]}

role(statements) := {"resource": {"trust": {"statements": statements}, "access": {"federation": []}}, "settings": settings}

changed(changes) := role([object.union(eks, changes)])

admitting(changes) := {
	"resource": {
		"trust": {"statements": [eks]},
		"access": {"federation": [object.union({"at": "#1", "provider": eks.provider, "platform": "cluster", "certain": true}, changes)], "reaches": {"keys": 0, "secrets": 0, "possible": 0, "onward": false}},
	},
	"settings": settings,
}

places(found) := {d.at | some d in found}

test_accepts_exact_subjects if {
	rule.applies with input as role([eks])
	count(rule.deny) == 0 with input as role([eks])
}

test_denies_subjects_and_audiences_apart if {
	none := rule.deny with input as admitting({"admits": "everybody", "subject": "system:serviceaccount:stranger:stranger"})
	places(none) == {"#1/sub"}
	{d.severity | some d in none} == {"low"}
	some_ := rule.deny with input as admitting({"admits": "several", "subject": "system:serviceaccount:shop:stranger"})
	places(some_) == {"#1/sub"}
	any := rule.deny with input as admitting({"admits": "any_audience"})
	places(any) == {"#1/aud"}
}

test_leaves_what_is_no_service_account if {
	count(rule.deny) == 0 with input as admitting({"admits": "several", "subject": "project_path:shop/stranger"})
	count(rule.deny) == 0 with input as admitting({"admits": "everybody", "provider": "oidc.circleci.com/org/1"})
	count(rule.deny) == 0 with input as admitting({"admits": "everybody", "platform": "ci"})
}

test_an_issuer_that_is_not_known_may_be_a_cluster if {
	rule.applies with input as role([object.remove(object.union(eks, {"subjects": []}), ["provider"])])
	rule.applies with input as changed({"provider": "kops-state.s3.amazonaws.com/cluster", "subjects": []})
}

test_leaves_other_issuers_and_principals_alone if {
	not rule.applies with input as role([])
	not rule.applies with input as changed({"provider": "token.actions.githubusercontent.com", "subjects": []})
	not rule.applies with input as changed({"provider": "oidc.circleci.com/org/1", "subjects": ["*"]})
	not rule.applies with input as changed({"provider": "gitlab.example.com", "subjects": ["project_path:shop/*"]})
	not rule.applies with input as changed({"provider": "gitlab.example.com", "subjects": ["system"]})
	not rule.applies with input as changed({"who": "service", "subjects": []})
}

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

role(statements) := {
	"resource": {"trust": {"statements": statements}},
	"settings": {"other_issuers": ["token.actions.githubusercontent.com", "oidc.circleci.com"]},
}

changed(changes) := role([object.union(eks, changes)])

places(found) := {d.at | some d in found}

test_accepts_exact_subjects if {
	rule.applies with input as role([eks])
	count(rule.deny) == 0 with input as role([eks])
	count(rule.deny) == 0 with input as changed({"subjects": ["system:serviceaccount:shop:api", "system:serviceaccount:shop:worker"]})
}

test_denies_a_missing_subject_and_a_missing_audience_apart if {
	none := rule.deny with input as changed({"subjects": []})
	places(none) == {"#1/sub"}
	any := rule.deny with input as changed({"audiences": []})
	places(any) == {"#1/aud"}
	both := rule.deny with input as changed({"subjects": [], "audiences": []})
	places(both) == {"#1/sub", "#1/aud"}
}

test_denies_wildcards_that_service_accounts_match if {
	every subject in [
		"*",
		"?ystem:serviceaccount:shop:api",
		"system:*",
		"system:serviceaccount:*:api",
		"system:serviceaccount:shop:*",
		"system:serviceaccount:shop:api-*",
		"system:serviceaccount:pr-???:api",
		"*:shop:api",
	] {
		found := rule.deny with input as changed({"subjects": ["system:serviceaccount:shop:api", subject]})
		places(found) == {"#1/sub"}
		some d in found
		d.facts.subjects == [subject]
	}
}

test_denies_a_wildcard_alone if {
	every subject in ["*", "?ystem:serviceaccount:shop:api"] {
		rule.applies with input as changed({"subjects": [subject]})
		count(rule.deny) == 1 with input as changed({"subjects": [subject]})
	}
}

test_denies_an_audience_that_is_any if {
	every audience in ["*", "**", "?*"] {
		found := rule.deny with input as changed({"audiences": [audience]})
		places(found) == {"#1/aud"}
	}
	count(rule.deny) == 0 with input as changed({"audiences": ["sts.amazonaws.*"]})
	count(rule.deny) == 0 with input as changed({"audiences": [""]})
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

test_a_statement_for_another_issuer_is_not_judged_beside_one_for_a_cluster if {
	github := object.union(eks, {"at": "#2", "provider": "token.actions.githubusercontent.com"})
	every changes in [{"subjects": []}, {"subjects": ["*"]}, {"audiences": []}] {
		beside := role([eks, object.union(github, changes)])
		rule.applies with input as beside
		count(rule.deny) == 0 with input as beside
	}
}

test_leaves_restricted_statements_alone if {
	count(rule.deny) == 0 with input as changed({"restricted": true, "subjects": [], "audiences": []})
	count(rule.deny) == 0 with input as changed({"restricted": true, "subjects": ["*"]})
}

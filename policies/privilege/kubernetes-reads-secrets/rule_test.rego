package keyreeve.privilege["kubernetes-reads-secrets_test"]

import data.keyreeve.privilege["kubernetes-reads-secrets"] as rule

role(groups, resources, verbs) := {"policy": {"statements": [{
	"at": "#1",
	"effect": "allow",
	"groups": groups,
	"resources": resources,
	"verbs": verbs,
}]}}

test_denies_reading_all_secrets if {
	every verb in ["get", "list", "watch", "*"] {
		count(rule.deny) == 1 with input.resource as role([""], ["secrets"], [verb])
	}
	count(rule.deny) == 1 with input.resource as role(["*"], ["*"], ["*"])
	count(rule.deny) == 1 with input.resource as role(["apps", ""], ["deployments", "*"], ["get", "list"])
}

test_accepts_what_reads_no_secret if {
	count(rule.deny) == 0 with input.resource as role([""], ["secrets"], ["create", "update", "delete"])
	count(rule.deny) == 0 with input.resource as role([""], ["configmaps", "pods"], ["*"])
	count(rule.deny) == 0 with input.resource as role(["apps"], ["*"], ["*"])
	count(rule.deny) == 0 with input.resource as role(["external-secrets.io"], ["secrets"], ["get"])
}

test_a_denial_grants_nothing if {
	denial := json.patch(role(["*"], ["*"], ["*"]), [{"op": "replace", "path": "/policy/statements/0/effect", "value": "deny"}])
	count(rule.deny) == 0 with input.resource as denial
}

named(names) := json.patch(role([""], ["secrets"], ["get"]), [{"op": "add", "path": "/policy/statements/0/names", "value": names}])

test_names_narrow_it_unless_there_is_none if {
	count(rule.deny) == 0 with input.resource as named(["stripe"])
	count(rule.deny) == 1 with input.resource as named([])
}

package keyreeve.workload["static-credential-in-workload_test"]

import data.keyreeve.workload["static-credential-in-workload"] as rule

key := {"at": "app/AWS_SECRET_ACCESS_KEY", "provider": "aws", "via": "secret"}

token := {"at": "app/VAULT_TOKEN", "provider": "vault", "via": "literal"}

test_denies_each_credential if {
	count(rule.deny) == 2 with input.resource.workload.credentials as [key, token]
}

test_names_the_place_and_the_provider if {
	found := rule.deny with input.resource.workload.credentials as [key]
	some d in found
	d.at == "app/AWS_SECRET_ACCESS_KEY"
	d.facts == {"provider": "aws", "via": "secret"}
}

test_accepts_none if {
	count(rule.deny) == 0 with input.resource.workload as {"credentials": [], "federated": ["aws"]}
}

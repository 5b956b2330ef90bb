package keyreeve.workload["static-credential-in-pipeline_test"]

import data.keyreeve.workload["static-credential-in-pipeline"] as rule

key := {"at": "deploy/aws-secret-access-key", "provider": "aws", "via": "secret"}

test_denies_each_stored_credential if {
	count(rule.deny) == 1 with input.resource.workload as {"credentials": [key], "federated": []}
	count(rule.deny) == 2 with input.resource.workload as {"credentials": [key, object.union(key, {"at": "push/env"})], "federated": []}
}

test_a_token_of_the_platform_does_not_excuse_a_key if {
	count(rule.deny) == 1 with input.resource.workload as {"credentials": [key], "federated": ["aws"]}
}

test_accepts_tokens_of_the_platform_alone if {
	count(rule.deny) == 0 with input.resource.workload as {"credentials": [], "federated": ["aws"]}
}

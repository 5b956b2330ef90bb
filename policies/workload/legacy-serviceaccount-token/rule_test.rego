package keyreeve.workload["legacy-serviceaccount-token_test"]

import data.keyreeve.workload["legacy-serviceaccount-token"] as rule

test_denies_tokens_of_service_accounts if {
	count(rule.deny) == 1 with input.resource.secret.format as "kubernetes.io/service-account-token"
}

test_accepts_other_formats if {
	every format in ["Opaque", "kubernetes.io/tls", "kubernetes.io/dockerconfigjson", "bootstrap.kubernetes.io/token"] {
		count(rule.deny) == 0 with input.resource.secret.format as format
	}
}

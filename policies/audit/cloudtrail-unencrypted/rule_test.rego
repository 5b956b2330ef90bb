package keyreeve.audit["cloudtrail-unencrypted_test"]

import data.keyreeve.audit["cloudtrail-unencrypted"] as rule

test_denies_trails_without_a_key_only if {
	count(rule.deny) == 1 with input.resource.audit as {"device": "cloudtrail", "customer_key": false}
	count(rule.deny) == 0 with input.resource.audit as {"device": "cloudtrail", "customer_key": true}
}

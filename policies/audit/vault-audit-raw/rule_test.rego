package keyreeve.audit["vault-audit-raw_test"]

import data.keyreeve.audit["vault-audit-raw"] as rule

test_denies_raw_logs_only if {
	count(rule.deny) == 1 with input.resource.audit as {"device": "file", "raw": true}
	count(rule.deny) == 0 with input.resource.audit as {"device": "file", "raw": false}
}

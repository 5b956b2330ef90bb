package keyreeve.privilege["network-open_test"]

import data.keyreeve.privilege["network-open"] as rule

vault(public, firewall) := {"store": {"public_network": public, "firewall": firewall}}

test_denies_a_vault_that_everybody_reaches if count(rule.deny) == 1 with input.resource as vault(true, "allow")

test_one_of_the_two_is_enough if {
	count(rule.deny) == 0 with input.resource as vault(true, "deny")
	count(rule.deny) == 0 with input.resource as vault(false, "allow")
	count(rule.deny) == 0 with input.resource as vault(false, "deny")
}

package keyreeve.estate.unclassified_test

import data.keyreeve.estate.unclassified as rule

parts(resource) := found if {
	found := {v.at | some v in rule.deny} with input.resource as resource
}

test_each_missing_label_is_a_finding if {
	parts({"environment": "prod", "purpose": "encryption", "owner": "team"}) == set()
	parts({"purpose": "encryption", "owner": "team"}) == {"environment"}
	parts({"environment": "prod", "purpose": "unclassified", "owner": "team"}) == {"purpose"}
	parts({"environment": "prod", "purpose": "encryption"}) == {"owner"}
	parts({"purpose": "unclassified"}) == {"environment", "purpose", "owner"}
}

test_leaves_keys_of_the_provider_alone if {
	not rule.applies with input.resource as {"key": {"manager": "provider"}}
	rule.applies with input.resource as {"key": {"manager": "customer"}}
	rule.applies with input.resource as {"secret": {}}
	not rule.applies with input.resource as {"origin": "declared", "secret": {}}
}

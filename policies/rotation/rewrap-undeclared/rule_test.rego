package keyreeve.rotation["rewrap-undeclared_test"]

import data.keyreeve.rotation["rewrap-undeclared"] as rule

key(age, accepted) := {
	"resource": {
		"kind": "key",
		"purpose": "encryption",
		"key": {
			"manager": "customer",
			"state": "enabled",
			"age_days": age,
			"versions": {"accepted": accepted},
			"rotation": {"keeps_old_forever": false},
		},
	},
	"settings": {"after_days": 30},
}

test_denies_old_versions_after_thirty_days if {
	rule.applies with input as key(31, 2)
	count(rule.deny) == 1 with input as key(31, 2)
}

test_accepts_fresh_rotations_and_single_versions if {
	count(rule.deny) == 0 with input as key(30, 2)
	count(rule.deny) == 0 with input as key(31, 1)
}

test_accepts_any_declaration if {
	count(rule.deny) == 0 with input as json.patch(key(31, 2), [{"op": "add", "path": "/resource/key/rewrap", "value": "nightly"}])
}

test_leaves_alone_what_keeps_old_material_by_design if {
	not rule.applies with input as json.patch(key(31, 2), [{
		"op": "replace",
		"path": "/resource/key/rotation/keeps_old_forever",
		"value": true,
	}])
}

test_leaves_what_a_file_declares_alone if {
	not rule.applies with input as json.patch(key(31, 2), [{"op": "add", "path": "/resource/origin", "value": "declared"}])
}

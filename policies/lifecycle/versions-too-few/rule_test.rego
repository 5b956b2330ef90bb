package keyreeve.lifecycle["versions-too-few_test"]

import data.keyreeve.lifecycle["versions-too-few"] as rule

mount(versions) := {"resource": {"store": {"engine": "kv", "max_versions": versions}}, "settings": {"min_versions": 3}}

secret(versions) := {"resource": {"secret": {"max_versions": versions}}, "settings": {"min_versions": 3}}

test_denies_one_and_two if {
	every n in [1, 2] {
		count(rule.deny) == 1 with input as mount(n)
		count(rule.deny) == 1 with input as secret(n)
	}
}

test_accepts_three_and_what_the_level_above_keeps if {
	every n in [0, 3, 10] {
		rule.applies with input as mount(n)
		count(rule.deny) == 0 with input as mount(n)
		rule.applies with input as secret(n)
		count(rule.deny) == 0 with input as secret(n)
	}
}

test_leaves_mounts_without_versions_alone if {
	not rule.applies with input as {"resource": {"store": {"engine": "transit"}}}
}

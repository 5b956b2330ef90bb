package keyreeve.lifecycle["destruction-unguarded_test"]

import data.keyreeve.lifecycle["destruction-unguarded"] as rule

key(days) := {
	"resource": {"key": {"deletion_window_days": days}},
	"settings": {"min_window_days": 30},
}

secret(days) := {
	"resource": {"secret": {"recovery_days": days}},
	"settings": {"min_window_days": 30},
}

test_denies_short_windows if {
	every days in [7, 29] {
		count(rule.deny) == 1 with input as key(days)
		count(rule.deny) == 1 with input as secret(days)
	}
}

test_denies_no_window if {
	{v.facts.window_days | some v in rule.deny} == {0} with input as secret(0)
}

test_accepts_thirty_days if {
	rule.applies with input as key(30)
	count(rule.deny) == 0 with input as key(30)
	rule.applies with input as secret(30)
	count(rule.deny) == 0 with input as secret(30)
}

test_leaves_live_resources_alone if {
	not rule.applies with input as {"resource": {"key": {"manager": "customer"}}, "settings": {"min_window_days": 30}}
	not rule.applies with input as {"resource": {"secret": {"state": "enabled"}}, "settings": {"min_window_days": 30}}
}

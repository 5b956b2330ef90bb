package keyreeve.lifecycle["weak-key_test"]

import data.keyreeve.lifecycle["weak-key"] as rule

key(algorithm, bits) := {
	"resource": {"kind": "key", "key": {"algorithm": algorithm, "bits": bits, "state": "enabled"}},
	"settings": {"min_rsa_bits": 2048, "min_ec_bits": 224},
}

test_denies_weak_keys if {
	every c in [["rsa", 1024], ["rsa", 2047], ["ec", 192], ["ec", 223], ["des3", 168]] {
		count(rule.deny) == 1 with input as key(c[0], c[1])
	}
}

test_accepts_strong_keys if {
	every c in [["rsa", 2048], ["rsa", 4096], ["ec", 224], ["ec", 521], ["ed25519", 256], ["aes", 128], ["hmac", 224]] {
		count(rule.deny) == 0 with input as key(c[0], c[1])
	}
}

test_leaves_keys_that_are_about_to_go_alone if {
	not rule.applies with input.resource.key as {"state": "pending_deletion"}
	rule.applies with input.resource.key as {"state": "disabled"}
}

package lib.network_test

import data.lib.network

test_lists_that_keep_nobody_out if {
	network.unbound([])
	network.unbound(["0.0.0.0/0"])
	network.unbound(["10.0.0.0/8", "::/0"])
}

test_lists_that_restrict if {
	not network.unbound(["10.0.0.0/8"])
	not network.unbound(["10.0.0.7/32", "fd00::/8"])
}

package lib.network_test

import data.lib.network

test_lists_that_keep_nobody_out if {
	network.unbound([])
	network.unbound(["0.0.0.0/0"])
	network.unbound(["10.0.0.0/8", "::/0"])
}

test_blocks_that_together_keep_nobody_out if {
	every blocks in [
		["0.0.0.0/1", "128.0.0.0/1"],
		["128.0.0.0/1", "::/8", "0.0.0.0/1"],
		["::/1", "8000::/1"],
		["0.0.0.0/2", "128.0.0.0/1", "10.0.0.0/8", "64.0.0.0/2"],
		["10.1.2.3/0"],
		["0::0/0"],
	] {
		network.unbound(blocks)
	}
}

test_blocks_that_leave_some_out if {
	every blocks in [
		["0.0.0.0/1", "128.0.0.0/2"],
		["0.0.0.0/1", "8000::/1"],
		["::/1", "128.0.0.0/1"],
		["0.0.0.0/1", "128.0.0.1"],
		["128.0.0.0/1", "1.2.3.4", "64.0.0.1"],
		["::1", "10.0.0.7"],
		["0.0.0.0/1", "128.0.0.0/33"],
		["not an address"],
	] {
		not network.unbound(blocks)
	}
}

test_lists_that_restrict if {
	not network.unbound(["10.0.0.0/8"])
	not network.unbound(["10.0.0.7/32", "fd00::/8"])
}

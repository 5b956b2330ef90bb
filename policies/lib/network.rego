# METADATA
# description: What lists of addresses restrict.
package lib.network

# unbound holds for a list of CIDR blocks that keeps nobody out: an empty one, or one whose blocks together are all of IPv4 or of IPv6.
unbound(blocks) if count(blocks) == 0

unbound(blocks) if "0.0.0.0/0" in merged(blocks, false)

unbound(blocks) if "::/0" in merged(blocks, true)

# merged are the fewest blocks that hold the same addresses as those of one family in a list. A lone address is left out, as the
# built-in takes it for the network of its class.
merged(blocks, v6) := net.cidr_merge([b |
	some b in blocks
	contains(b, "/")
	contains(b, ":") == v6
	net.cidr_is_valid(b)
])

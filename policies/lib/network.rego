# METADATA
# description: What lists of addresses restrict.
package lib.network

# unbound holds for a list of CIDR blocks that keeps nobody out.
unbound(blocks) if count(blocks) == 0

unbound(blocks) if "0.0.0.0/0" in blocks

unbound(blocks) if "::/0" in blocks

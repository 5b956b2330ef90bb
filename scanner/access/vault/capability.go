package vault

import (
	"math/bits"
	"strings"
)

// Capabilities is a set of what a rule can allow on a path. Sudo allows nothing by itself: paths that Vault protects ask for it besides.
type Capabilities uint16

const (
	Create Capabilities = 1 << iota
	Read
	Update
	Delete
	List
	Patch
	Sudo
	Subscribe
	Recover
	deny // of a rule; what a rule with it allows is nothing

	everything = deny - 1
)

var capabilityNames = []string{"create", "read", "update", "delete", "list", "patch", "sudo", "subscribe", "recover", "deny"}

// capabilitiesOf is the set with these names; the parser knows no others.
func capabilitiesOf(names []string) (set Capabilities) {
	for _, name := range names {
		for i, n := range capabilityNames {
			if n == name {
				set |= 1 << i
			}
		}
	}
	return set
}

// String lists the capabilities by Vault's names, separated by commas.
func (c Capabilities) String() string {
	var names []string
	for ; c != 0; c &= c - 1 {
		names = append(names, capabilityNames[bits.TrailingZeros16(uint16(c))])
	}
	return strings.Join(names, ",")
}

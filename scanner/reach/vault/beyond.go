package vault

import (
	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Beyond lists where holders may be that nobody listed and that somebody may become. Roles of auth methods of which keyreeve reads no role
// at all are left out: so is the way to them.
func (e *Estate) Beyond(_, _ string, key inventory.ID) ([]access.Unread, error) {
	out := []access.Unread{}
	if t := e.targets[key]; t != nil {
		for _, c := range e.unlisted(t, false) {
			if c.reason != inventory.Unsupported {
				out = append(out, c.Unread)
			}
		}
	}
	return out, nil
}

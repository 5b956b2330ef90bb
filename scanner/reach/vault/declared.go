package vault

import (
	"cmp"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Declared summarizes a policy that code declares by its text alone: which of its rules undo one another, and what somebody who has no other
// makes of itself. Auth methods may be mounted anywhere. Where it makes keys by encrypting hangs on mounts, and is not told.
func Declared(r *inventory.Resource) access.Found {
	if r.Type != "vault.policy" {
		return access.Found{}
	}
	out := access.Found{Summary: &access.Summary{Shadows: []access.Shadow{}, Mints: []access.Mint{}}}
	if r.Document == "" {
		hint := "its text is not stated as a whole"
		if u := r.Unread("policy.statements"); u != nil {
			hint = cmp.Or(u.Hint, hint)
		}
		for _, fact := range []string{"access.mints", "access.shadows"} {
			out.Unknown = append(out.Unknown, inventory.Unknown{Fact: fact, Why: inventory.NotStated, Hint: hint})
		}
		return out
	}
	alone := *r
	alone.Origin, alone.Scope, alone.Name = inventory.Live, "vault/code/root", cmp.Or(r.Name, "policy")
	e, err := New(&inventory.Snapshot{Resources: []inventory.Resource{alone}})
	if err != nil {
		return access.Found{}
	}
	x := e.alone[alone.ID]
	if x == nil || x.admin {
		return out
	}
	out.Summary.Mints = firstFew(e.mint(x).mints, func(m access.Mint) string { return m.At + "\x00" + m.Gain })
	out.Summary.Shadows = firstFew(x.shadows(), func(s access.Shadow) string { return rank(s.Effect) + s.At + "\x00" + s.Over })
	return out
}

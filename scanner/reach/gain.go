package reach

import (
	"maps"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// gains are the last steps of those who may not by themselves and may give themselves the permission, by who they are: they write the
// key's policy, or a grant. What holds against that policy, such as a boundary or a control policy, was not asked for, so that none of
// these steps is certain.
func gains(s system, h *access.Holders, key inventory.ID) (map[string]access.Step, error) {
	may := map[string]bool{everyone: true}
	for _, holder := range h.Holders {
		may[holder.Principal] = true
	}
	out := map[string]access.Step{}
	for _, by := range s.Gains(h.Action, key) {
		found, err := s.Who(by, key)
		if err != nil {
			return nil, err
		}
		for _, g := range found.Holders {
			if _, there := out[g.Principal]; there || may[g.Principal] {
				continue
			}
			out[g.Principal] = access.Step{
				From: g.Principal, To: g.Principal, By: by, Decision: access.Conditional, Because: []access.Because{},
				Residual: append([]access.Residual{{Class: access.What, Key: "boundaries and control policies that bear on what it makes"}}, g.Residual...),
			}
		}
	}
	return out, nil
}

// withGains adds those who give themselves the permission to the holders, so that ways lead to them as well.
func withGains(holders []access.Holder, gains map[string]access.Step) []access.Holder {
	out := slices.Clone(holders)
	for _, who := range slices.Sorted(maps.Keys(gains)) {
		out = append(out, access.Holder{Principal: who, Decision: access.Conditional})
	}
	return out
}

package aws

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// The condition keys of the caller's organization.
const orgID, orgPaths = "aws:principalorgid", "aws:principalorgpaths"

// Elsewhere reports whether a principal may do one of some actions, perhaps, if its account is not of an organization: if it is of none, of one that no
// policy names, or of one that the target's policy names. So a statement that lets in its own organization alone lets nobody in from outside.
func (ix *Index) Elsewhere(principal, target, org string, actions Set) bool {
	k := ix.byARN[target]
	if k == nil {
		return false
	}
	orgs := append([]string{"", "o-elsewhere0"}, k.organizations(org)...)
	return slices.ContainsFunc(actionsOf[k.realm].Told(actions), func(action string) bool {
		return slices.ContainsFunc(orgs, func(of string) bool {
			s := Supposed{Context: map[string]Values{orgID: {of}}}
			switch of {
			case "":
				s.Context = map[string]Values{orgID: {}, orgPaths: {}}
			case orgs[1]:
				s.Context[orgPaths] = Values{of + "/r-else/"}
			}
			answer, err := ix.Suppose(principal, action, target, s)
			return err != nil || answer.Decision != access.Denied
		})
	})
}

// filler puts text in place of wildcards.
var filler = strings.NewReplacer("*", "elsewhere", "?", "0")

// organizations are those but one that conditions of a target's policy name, and one for each pattern.
func (k *target) organizations(but string) (out []string) {
	for _, d := range k.policy {
		for i := range d.paper.lines {
			for _, c := range d.paper.lines[i].conditions {
				if c.key != orgID && c.key != orgPaths {
					continue
				}
				for _, v := range c.values {
					id, _, _ := strings.Cut(v.raw, "/")
					if id = filler.Replace(id); id != but && !strings.Contains(id, "$") && !slices.Contains(out, id) {
						out = append(out, id)
					}
				}
			}
		}
	}
	return out
}

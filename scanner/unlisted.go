package scanner

import (
	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// unlisted makes, for each gap, an unknown verdict of every rule about resources that the gap may hide: a rule that had
// nothing to look at because a listing was refused has not passed.
//
// What nobody opted in to read hides nothing that was asked for, and what a file leaves open was read as far as it can be: both are
// told as gaps only.
func unlisted(snap *inventory.Snapshot, rules []finding.Rule) []finding.Finding {
	types := map[inventory.Scope][]string{}
	for _, s := range snap.Scopes {
		types[s.Scope] = s.Types
	}
	var out []finding.Finding
	seen := map[string]bool{} // fingerprints: several gaps may be about one thing
	for _, g := range snap.Gaps {
		if g.Why == inventory.NotAsked || g.Why == inventory.NotStated {
			continue
		}
		hidden := g.Types
		if len(hidden) == 0 {
			hidden = types[g.Scope]
		}
		for _, rule := range rules {
			typ := firstMatch(rule, hidden)
			if typ == "" {
				continue
			}
			info, _ := inventory.TypeOf(typ)
			id := inventory.ID(finding.Unlisted + string(g.Scope))
			at := g.What
			print := finding.Fingerprint(rule.ID, id, at)
			if seen[print] {
				continue
			}
			seen[print] = true
			out = append(out, finding.Finding{
				Fingerprint: print, Rule: rule.ID, Verdict: finding.Unknown, Severity: rule.Severity,
				Resource: &finding.Resource{ID: id, Type: typ, Kind: info.Kind, Name: g.Scope.String(), Origin: inventory.Live, Scope: g.Scope},
				At:       at, Message: "cannot tell: resources that it judges could not be listed",
				Deciding: []finding.Deciding{{Fact: g.What, Why: g.Why, Call: g.Call, Hint: g.Hint}},
			})
		}
	}
	return out
}

// firstMatch returns the first of the types that the rule is about, or "".
func firstMatch(rule finding.Rule, types []string) string {
	for _, typ := range types {
		info, ok := inventory.TypeOf(typ)
		if ok && rule.Matches(info.Type, info.Kind) {
			return typ
		}
	}
	return ""
}

package finding

import (
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/scanner/glob"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// A Trouble is a waiver that wants attention.
type Trouble struct {
	Rule    string              // the diagnostic: "meta/waiver-expired"
	Place   string              // the waiver: "waivers/2026.yaml#3"
	At      *inventory.Location // of a comment; nil for a waiver in a file of them
	Message string
	Facts   map[string]any
}

// IDs of the diagnostics about waivers.
const (
	WaiverExpired   = "meta/waiver-expired"
	WaiverUnmatched = "meta/waiver-unmatched"
	WaiverTooBroad  = "meta/waiver-too-broad"
)

// trouble says what is wrong with a waiver that covers so many resources and gaps. There is at most one trouble a diagnostic,
// the worst: a diagnostic about a waiver is told by its rule and place alone.
func (v *Waiver) trouble(r *Result, at time.Time, resources, gaps int) []Trouble {
	of := func(rule, message string, facts map[string]any) Trouble {
		return Trouble{Rule: rule, Place: v.place, Message: message, Facts: facts}
	}
	if v.expired(at) {
		return []Trouble{of(WaiverExpired, "the waiver has expired; what it covered counts again", map[string]any{"until": v.Until})}
	}
	var out []Trouble
	switch {
	case v.endless(at):
		out = append(out, of(WaiverTooBroad, "the waiver ends more than a year ahead, so it does not hold", map[string]any{"until": v.Until}))
	case v.boundless():
		out = append(out, of(WaiverTooBroad, "the waiver covers everything, so it does not hold", nil))
	case v.Gap == nil && strings.ContainsAny(v.Rule, "*?"):
		out = append(out, of(WaiverTooBroad, "the waiver covers more than one rule", map[string]any{"rule": v.Rule}))
	case resources > broad || gaps > broad:
		out = append(out, of(WaiverTooBroad, "the waiver covers many resources", map[string]any{"resources": resources + gaps, "many": broad}))
	}
	rules := v.rules(r)
	switch {
	case resources > 0 || gaps > 0:
	case v.Gap == nil && len(rules) == 0:
		out = append(out, of(WaiverUnmatched, notLoaded, v.nearest(r)))
	case v.wouldShow(r, rules):
		out = append(out, of(WaiverUnmatched, "the waiver matches nothing", nil))
	}
	return out
}

const notLoaded = "the waiver names a rule that was not loaded"

// nearest are the facts about a rule that was not loaded: its name, and that of one that may be meant.
func (v *Waiver) nearest(r *Result) map[string]any {
	facts := map[string]any{"rule": v.Rule}
	var ids []string
	for _, rule := range r.Rules {
		ids = append(ids, rule.ID)
	}
	if near := strictyaml.Nearest(v.Rule, ids); near != "" {
		facts["nearest"] = near
	}
	return facts
}

// boundless reports whether the waiver's selectors leave nothing out.
func (v *Waiver) boundless() bool {
	all := func(pattern string) bool { return strings.Trim(pattern, "*") == "" }
	if v.Gap != nil {
		return all(v.Gap.Scope) && all(v.Gap.What)
	}
	s := v.Resource
	return all(s.ID) && all(s.Type) && all(s.Name) && all(s.Scope)
}

// rules are the loaded rules that the waiver is about.
func (v *Waiver) rules(r *Result) []Rule {
	return slices.DeleteFunc(slices.Clone(r.Rules), func(rule Rule) bool { return !glob.Match(v.Rule, rule.ID) })
}

// wouldShow reports whether what the waiver is about would have been seen: some scope that may hold it was read, and no gap hides it
// there. Otherwise nobody can say that the waiver matches nothing.
func (v *Waiver) wouldShow(r *Result, rules []Rule) bool {
	seen := false
	for _, c := range r.Coverage {
		if v.Gap != nil {
			if inScope(v.Gap.Scope, c.Scope) {
				return true
			}
			continue
		}
		if c.Part {
			continue
		}
		for _, typ := range c.Types {
			if !v.mayLieIn(c.Scope, typ, rules) {
				continue
			}
			seen = true
			if slices.ContainsFunc(r.Gaps, func(g Gap) bool { return hides(&g.Gap, c.Scope, typ) }) {
				return false
			}
		}
	}
	return seen
}

func hides(g *inventory.Gap, scope inventory.Scope, typ string) bool {
	return (g.Scope.Contains(scope) || scope.Contains(g.Scope)) && g.Covers(typ)
}

// mayLieIn reports whether a resource of the type in the scope may be one that the waiver selects.
func (v *Waiver) mayLieIn(scope inventory.Scope, typ string, rules []Rule) bool {
	info, ok := inventory.TypeOf(typ)
	if !ok || !like(v.Resource.Type, typ) || !inScope(v.Resource.Scope, scope) || !idMayLieIn(v.Resource.ID, scope) {
		return false
	}
	// A key that is named may be the live one, which nobody expects in a repository.
	if s := v.Resource; scope.Backend() == "repo" && typ != "repo.credential" && s.ID == "" && s.Scope == "" {
		return false
	}
	return slices.ContainsFunc(rules, func(r Rule) bool { return r.Matches(typ, info.Kind) })
}

// idMayLieIn reports whether a resource with an ID like the pattern may lie in a scope. IDs begin with where the resource lives,
// so what stands before the first star tells; see inventory.ID.
func idMayLieIn(pattern string, scope inventory.Scope) bool {
	var begin string // how IDs of the scope begin
	switch parts := scope.Parts(); {
	case parts[0] == "vault" && len(parts) > 2:
		begin = string(inventory.VaultID(parts[1], strings.Join(parts[2:], "/")))
	case parts[0] == "repo" && len(parts) > 1:
		return declaredMayLieIn(pattern, parts[1])
	case parts[0] == "aws" && len(parts) > 3:
		return arnMayLieIn(pattern, parts[3], parts[2])
	default:
		return true
	}
	return overlap(pattern, begin)
}

// declaredMayLieIn compares the name of a repository, which follows the dialect: "repo:NAME#", "terraform:NAME/FOLDER#".
func declaredMayLieIn(pattern, name string) bool {
	dialect, rest, ok := strings.Cut(pattern, ":")
	if !ok || strings.ContainsAny(dialect, "*?") {
		return pattern == "" || strings.ContainsAny(dialect, "*?")
	}
	return dialect != "arn" && dialect != "vault" && (overlap(rest, name+"#") || overlap(rest, name+"/"))
}

// arnMayLieIn compares Region and account, the fourth and fifth part of an ARN.
func arnMayLieIn(pattern, region, account string) bool {
	if !overlap(pattern, "arn:") {
		return false
	}
	parts := strings.SplitN(pattern, ":", 6)
	for i, want := range map[int]string{3: region, 4: account} {
		if i < len(parts) && !strings.ContainsAny(strings.Join(parts[:i+1], ":"), "*?") && parts[i] != want {
			return false
		}
	}
	return true
}

// overlap reports whether a text that begins so can be like the pattern: what stands before the pattern's first star decides.
func overlap(pattern, begin string) bool {
	if pattern == "" {
		return true
	}
	literal := pattern
	if i := strings.IndexAny(pattern, "*?"); i >= 0 {
		if literal = pattern[:i]; strings.HasPrefix(begin, literal) {
			return true
		}
	}
	return strings.HasPrefix(literal, begin)
}

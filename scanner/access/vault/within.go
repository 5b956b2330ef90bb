package vault

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// Root reports whether the ACL is that of the policy root, which allows everything.
func (a *ACL) Root() bool { return a.root }

// Within lists the paths of the rules that decide, or may be outranked, on some path that a pattern matches; both are written as rules
// are, without the namespace. What a request may do on such paths hangs on the texts in these and on nothing else.
func (a *ACL) Within(pattern string) []string {
	var out []string
	at := a.pattern(pattern)
	for _, r := range a.rules {
		if _, ok := meet(r.shape(), at.shape()); ok {
			out = append(out, strings.TrimPrefix(r.String(), a.namespace))
		}
	}
	return out
}

func (a *ACL) pattern(text string) pattern {
	return patternOf(a.namespace + strings.TrimPrefix(text, "/"))
}

// An Opening is a path on which something is allowed, with the rule that decides there.
type Opening struct {
	Path      string           // one of those that the rule decides, without the namespace
	Rule      string           // the path of the rule, as it is written in the policy
	Literal   bool             // the rule is for that path alone
	Effective                  // what is allowed there
	Namespace string           // of the ACL
	Policies  []access.Because // the blocks that the rule is made of
}

// Openings finds, for each rule that may allow one of some capabilities on a path that a pattern matches and that decides there, such a
// path. Sudo is asked for beside the others if it is among the capabilities. The policy root has one opening, the pattern itself.
func (a *ACL) Openings(pattern string, c Capabilities) []Opening {
	if a.root {
		return []Opening{{Path: pattern, Rule: pattern, Effective: a.Capabilities(pattern), Namespace: a.namespace, Policies: rootBecause}}
	}
	var out []Opening
	at, further := a.pattern(pattern), 0
	for _, r := range a.rules {
		further = max(further, strings.Count(r.text, "/")+1)
	}
	for _, r := range a.rules {
		if r.possible&c == 0 || c&Sudo != 0 && r.possible&Sudo == 0 {
			continue
		}
		both, ok := meet(r.shape(), at.shape())
		if !ok {
			continue
		}
		i := slices.IndexFunc(both.samples(further), func(path string) bool {
			return a.asked(path) && a.find(path, false) == r && at.matches(path) && a.allows(path, c)
		})
		if i < 0 {
			continue
		}
		path := strings.TrimPrefix(both.samples(further)[i], a.namespace)
		out = append(out, Opening{
			Path: path, Rule: r.statement(), Literal: r.kind == exact, Effective: a.Capabilities(path), Namespace: a.namespace, Policies: r.because,
		})
	}
	if a.later != nil {
		for _, o := range a.later.Openings(pattern, c) {
			if !slices.ContainsFunc(out, func(have Opening) bool { return have.Rule == o.Rule }) {
				o.Effective = a.Capabilities(o.Path)
				out = append(out, o)
			}
		}
	}
	return out
}

// allows reports whether one of some capabilities may be had on a path, and sudo too if it is among them.
func (a *ACL) allows(path string, c Capabilities) bool {
	have := a.Capabilities(strings.TrimPrefix(path, a.namespace)).Possible
	return have&c&^Sudo != 0 && (c&Sudo == 0 || have&Sudo != 0)
}

package vault

import (
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// Shadow is a rule that decides where a reader may expect another to: rules with different paths never combine, and to deny is no more
// than a rule's way to allow nothing.
type Shadow struct {
	Denial       bool             // Under denies what By allows; otherwise By allows less than Under would
	By, Under    []access.Because // the blocks of the rule that decides, and of the one that does not
	Capabilities Capabilities     // that By allows in spite of the denial, or that are lost
	Path         string           // one on which it is so, without the namespace
	Step         string           // why By decides, a clause: "its first wildcard stands further to the right"
}

// Shadows lists, for every rule that denies, those that allow something on paths it matches and go before it; and for every rule that
// allows, those that go before it, do not deny, and allow less. Of each pair of rules there is one path, or two where LIST decides otherwise.
func (a *ACL) Shadows() []Shadow {
	var out []Shadow
	further := 0
	for _, r := range a.rules {
		further = max(further, strings.Count(r.text, "/")+1)
	}
	for _, under := range a.rules {
		for _, by := range a.rules {
			if by == under || by.can&deny != 0 {
				continue
			}
			if s, ok := a.shadow(by, under, further); ok {
				out = append(out, s)
			}
			if s, ok := a.listShadow(by, under); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

// shadow looks for a path that both rules match and by decides.
func (a *ACL) shadow(by, under *rule, further int) (Shadow, bool) {
	order, step := rank(&by.pattern, &under.pattern)
	if order < 0 || shadowed(by, under, everything) == 0 {
		return Shadow{}, false
	}
	both, ok := meet(by.shape(), under.shape())
	if !ok {
		return Shadow{}, false
	}
	for _, path := range both.samples(further) {
		if !a.asked(path) || a.find(path, false) != by || under.can&deny == 0 && a.without(by, path) != under {
			continue
		}
		of := everything
		if a.find(path, true) != by { // the path ends in "/", and LIST has another rule
			of &^= List
		}
		if capabilities := shadowed(by, under, of); capabilities != 0 {
			return a.told(by, under, capabilities, path, step), true
		}
	}
	return Shadow{}, false
}

// listShadow looks for a path with a "/" at its end on which LIST is decided by a rule for the path without it.
func (a *ACL) listShadow(by, under *rule) (Shadow, bool) {
	both, ok := meet(by.shape().slashed(), under.shape())
	lost := shadowed(by, under, List)
	if !ok || lost == 0 {
		return Shadow{}, false
	}
	for _, path := range both.samples(0) {
		if a.asked(path) && a.find(path, true) == by && a.find(path, false) == under {
			return a.told(by, under, lost, path, byList), true
		}
	}
	return Shadow{}, false
}

// asked reports whether a request may have a path, which does not begin with "/".
func (a *ACL) asked(path string) bool { return !strings.HasPrefix(path[len(a.namespace):], "/") }

// shadowed is what a rule allows in spite of one that denies, or what another allows and it does not. Sudo alone allows nothing.
func shadowed(by, under *rule, of Capabilities) Capabilities {
	c := by.possible & of
	if under.can&deny == 0 {
		c = under.possible &^ by.possible & of
	}
	if c == Sudo {
		return 0
	}
	return c
}

// without is the rule that would decide on a path if one were not there.
func (a *ACL) without(but *rule, path string) *rule {
	var best *rule
	for _, r := range a.rules {
		if r != but && r.matches(path) {
			if best != nil {
				if d, _ := rank(&r.pattern, &best.pattern); d < 0 {
					continue
				}
			}
			best = r
		}
	}
	return best
}

func (a *ACL) told(by, under *rule, c Capabilities, path, step string) Shadow {
	return Shadow{
		Denial: under.can&deny != 0, By: by.because, Under: under.because, Capabilities: c,
		Path: strings.TrimPrefix(path, a.namespace), Step: step,
	}
}

package vault

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/vaultpolicy"
)

// ACL is what a set of policies comes to for one token. It does not change; it may be used by several at once.
type ACL struct {
	root      bool
	namespace string
	rules     []*rule          // in the order in which their patterns come first
	exact     map[string]*rule // by path
	prefix    map[string]*rule // by what the path begins with
	lengths   []int            // of the keys of prefix, longest first
	segments  []*rule          // the one that would decide first
	later     *ACL             // the same without paths in which a value has a wildcard; nil if there are none
}

// source is a policy that has been read.
type source struct {
	name  string
	rules []vaultpolicy.Rule
	lines bool // its text has several
}

func newSource(p Policy, rules []vaultpolicy.Rule) source {
	return source{strings.ToLower(p.Name), rules, strings.Contains(strings.TrimSpace(p.Text), "\n")}
}

// newACL merges policies for a token in a namespace ("" or with a "/" at its end), and completes their templates for an identity.
func newACL(namespace string, policies []source, id *Identity) (*ACL, error) {
	a, wild, err := mergedACL(namespace, policies, id, true)
	if err == nil && wild {
		a.later, _, err = mergedACL(namespace, policies, id, false)
	}
	return a, err
}

// mergedACL is the ACL with or without paths in which a value has a wildcard; wild is whether there are any.
func mergedACL(namespace string, policies []source, id *Identity, with bool) (a *ACL, wild bool, err error) {
	a = &ACL{namespace: namespace, exact: map[string]*rule{}, prefix: map[string]*rule{}}
	segments := map[string]*rule{}
	for i := range policies {
		p := &policies[i]
		if p.name == "root" {
			switch {
			case namespace != "":
				return nil, false, errors.New("the policy root is one of the root namespace only")
			case len(policies) > 1:
				return nil, false, errors.New("the policy root cannot stand beside others")
			}
			a.root = true
		}
		for j := range p.rules {
			block := &p.rules[j]
			path, made, err := pathFor(namespace, block.Path, id, with)
			if err != nil {
				return nil, false, fmt.Errorf("policy %q: line %d: %w", p.name, block.Line, err)
			}
			wild = wild || made == completedWild
			if made == incomplete || made == completedWild && !with {
				continue
			}
			pat := patternOf(path)
			index, key := a.exact, pat.text
			switch pat.kind {
			case prefix:
				index = a.prefix
			case segment:
				index, key = segments, path
			}
			r := index[key]
			if r == nil {
				r = &rule{pattern: pat}
				index[key] = r
				a.rules = append(a.rules, r)
			}
			o := origin{policy: p.name, path: block.Path, line: block.Line, can: capabilitiesOf(block.Capabilities)}
			if p.lines {
				o.told = block.Line
			}
			r.add(block, o)
		}
	}
	for _, r := range a.rules {
		r.settle()
		switch r.kind {
		case prefix:
			a.lengths = append(a.lengths, len(r.text))
		case segment:
			a.segments = append(a.segments, r)
		}
	}
	slices.SortFunc(a.lengths, func(m, n int) int { return cmp.Compare(n, m) })
	a.lengths = slices.Compact(a.lengths)
	slices.SortFunc(a.segments, func(r, s *rule) int { d, _ := rank(&s.pattern, &r.pattern); return d })
	return a, wild, nil
}

// pathFor is the full path of a rule for an identity, and what has become of its template; with is whether wildcards in values work.
func pathFor(namespace, path string, id *Identity, with bool) (full string, made completion, err error) {
	if !templated(path) {
		return namespace + path, completed, nil
	}
	if path, made, err = render(path, id); made == incomplete {
		return "", made, err
	}
	if strings.Contains(path, "+*") && (with || made == completed) {
		return "", incomplete, errors.New(`its template comes to a path with "+*", so Vault refuses every request`)
	}
	return namespace + strings.TrimPrefix(path, "/"), made, nil
}

// find is the one rule that decides on a path, which has its namespace; nil if none matches.
func (a *ACL) find(path string, list bool) *rule {
	if r := a.exact[path]; r != nil {
		return r
	}
	if bare, ok := strings.CutSuffix(path, "/"); ok && list {
		if r := a.exact[bare]; r != nil {
			return r
		}
		if r := a.wild(bare); r != nil {
			return r
		}
	}
	return a.wild(path)
}

// wild is the best of the rules with wildcards.
func (a *ACL) wild(path string) *rule {
	var best *rule
	for _, n := range a.lengths {
		if n <= len(path) {
			if best = a.prefix[path[:n]]; best != nil {
				break
			}
		}
	}
	for _, r := range a.segments {
		if best != nil {
			if d, _ := rank(&r.pattern, &best.pattern); d < 0 {
				break
			}
		}
		if r.matches(path) {
			return r
		}
	}
	return best
}

// full is a path as the rules have it.
func (a *ACL) full(path string) string { return a.namespace + strings.TrimLeft(path, "/") }

// Effective is what a token can do on a path before anything is known of the request but its operation.
type Effective struct {
	Sure     Capabilities      // whatever the request holds
	Possible Capabilities      // for some request; at least what is sure
	Residual []access.Residual // what makes the difference
	Because  []access.Because  // the blocks that decide; those of LIST last, if they are others
	Explicit bool              // a rule decides that denies, and LIST has none of its own
}

// Capabilities is all that a token can do on a path at once. LIST looks for its rule in its own way, so the capability list is that of
// a rule that may be another; Vault asks for it with a "/" at the path's end. Sudo is that of the rule for all but LIST.
func (a *ACL) Capabilities(path string) Effective {
	if a.root {
		return Effective{Sure: everything, Possible: everything, Residual: []access.Residual{}, Because: rootBecause}
	}
	e := a.capabilities(path)
	if a.later != nil {
		e = e.either(a.later.capabilities(path))
	}
	return e
}

// capabilities is that of an ACL as it stands.
func (a *ACL) capabilities(path string) Effective {
	e := Effective{Residual: []access.Residual{}, Because: []access.Because{}}
	one, list := a.find(a.full(path), false), a.find(a.full(path), true)
	e.take(one, everything&^List, path)
	e.take(list, List, path)
	if list != nil && list != one {
		e.Because = append(e.Because, list.because...)
	}
	e.Explicit = one != nil && one == list && one.can&deny != 0
	e.Residual = ordered(e.Residual)
	return e
}

// take adds those of a rule's capabilities that are asked for.
func (e *Effective) take(r *rule, asked Capabilities, path string) {
	if r == nil {
		return
	}
	if asked&Read != 0 {
		e.Because = append(e.Because, r.because...)
	}
	sure, possible := r.sure&asked, r.possible&asked
	sudo := needsSudo(strings.TrimLeft(path, "/"))
	if r.can&Sudo == 0 && sudo == access.Yes {
		return
	}
	if r.can&Sudo == 0 && sudo == access.Maybe {
		sure = 0
		e.Residual = append(e.Residual, sudoResidual(r))
	}
	e.Sure |= sure
	e.Possible |= possible
	if possible&^Sudo != 0 {
		e.Residual = append(e.Residual, r.residual(possible)...)
	}
}

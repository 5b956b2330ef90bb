package vault

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/vaultpolicy"
)

// A Want is a capability on a path.
type Want struct {
	Capability Capabilities // one
	Path       string       // without the namespace
}

// Fix finds the smallest change of policies after which an identity may not have any of some wants, not even perhaps. A block that gives
// the capability and no other goes as a whole, unless a wider rule would then decide and give the same; otherwise the block stays and
// loses the capability. There is no change for the policy root, and none where nothing that is wanted is allowed.
func (e *Evaluator) Fix(namespace string, policies []Policy, id Identity, wants []Want) ([]access.Change, error) {
	namespace = canonical(namespace)
	sources, err := sourcesOf(policies)
	if err != nil {
		return nil, err
	}
	changes := []access.Change{}
	for _, w := range wants {
		acl, err := newACL(namespace, sources, &id)
		if err != nil || acl.root {
			return nil, err
		}
		if !acl.gives(w) {
			continue
		}
		r := acl.find(acl.full(w.Path), w.Capability == List)
		from := slices.Clone(r.from)
		if acl.later != nil {
			if l := acl.later.find(acl.full(w.Path), w.Capability == List); l != nil {
				from = joined(from, l.from)
			}
		}
		giving := slices.DeleteFunc(from, func(o origin) bool { return o.can&w.Capability == 0 })
		note := ""
		next := rewritten(sources, giving, nil)
		if acl, err = newACL(namespace, next, &id); err != nil {
			return nil, err
		}
		if acl.gives(w) || slices.ContainsFunc(giving, func(o origin) bool { return o.can&^w.Capability != 0 }) {
			note = without + w.Capability.String()
			next = rewritten(sources, giving, func(name string) bool { return name == w.Capability.String() })
		}
		sources = next
		for _, o := range giving {
			changes = append(changes, access.Change{Document: "policy " + o.policy, Statement: o.path, Condition: note})
		}
	}
	return changes, nil
}

// without begins the condition of a change by which a rule loses a capability.
const without = "no capability "

// Denied reports whether some changes, of those that Fix makes, leave none of some wants. Policies that they do not name stay as they are.
func (e *Evaluator) Denied(namespace string, policies []Policy, id Identity, wants []Want, changes []access.Change) (bool, error) {
	namespace = canonical(namespace)
	sources, err := sourcesOf(policies)
	if err != nil {
		return false, err
	}
	for _, c := range changes {
		var blocks []origin
		for _, s := range sources {
			for _, rule := range s.rules {
				if "policy "+s.name == c.Document && rule.Path == c.Statement {
					blocks = append(blocks, origin{policy: s.name, path: rule.Path, line: rule.Line})
				}
			}
		}
		var but func(string) bool
		if capability, ok := strings.CutPrefix(c.Condition, without); ok {
			but = func(name string) bool { return name == capability }
		}
		sources = rewritten(sources, blocks, but)
	}
	acl, err := newACL(namespace, sources, &id)
	return err == nil && !slices.ContainsFunc(wants, acl.gives), err
}

func sourcesOf(policies []Policy) ([]source, error) {
	sources := make([]source, len(policies))
	for i, p := range policies {
		rules, err := vaultpolicy.Parse(p.Text)
		if err != nil {
			return nil, fmt.Errorf("policy %q: %w", p.Name, err)
		}
		sources[i] = newSource(p, rules)
	}
	return sources, nil
}

// gives reports whether a want is allowed, at least perhaps.
func (a *ACL) gives(w Want) bool { return a.Capabilities(w.Path).Possible&w.Capability != 0 }

// rewritten are the policies without some blocks, or with fewer capabilities in them.
func rewritten(sources []source, blocks []origin, but func(capability string) bool) []source {
	out := make([]source, len(sources))
	for i, s := range sources {
		out[i] = source{name: s.name, lines: s.lines}
		for _, rule := range s.rules {
			if slices.ContainsFunc(blocks, func(o origin) bool { return o.policy == s.name && o.line == rule.Line && o.path == rule.Path }) {
				if but == nil {
					continue
				}
				rule.Capabilities = slices.DeleteFunc(slices.Clone(rule.Capabilities), but)
			}
			out[i].rules = append(out[i].rules, rule)
		}
	}
	return out
}

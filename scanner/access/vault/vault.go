// Package vault decides, as HashiCorp Vault does, what a token with certain policies may do.
//
// It reads nothing and asks no server: policies and the identity they are for are given. What the handlers of a path refuse beyond the
// policies (the policies of a child token, paths that need no token at all) is left to those who know the mounts.
// The semantics are those of "Policies" in Vault's documentation and of Vault 1.21 as it behaves.
package vault

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/vaultpolicy"
)

// cacheLimit bounds the policies that an Evaluator keeps, in bytes of their text.
const cacheLimit = 8 << 20

// Evaluator decides requests. It keeps what policies come to, so that those that come again cost little. It may be used by several at
// once.
type Evaluator struct {
	mu         sync.Mutex
	key        []byte          // of the request at hand
	read       cache[[]Policy] // by their JSON
	identities cache[Identity] // by their JSON
	parsed     cache[[]vaultpolicy.Rule]
	sets       cache[*set]
	acls       cache[*ACL]
}

// set is a list of policies for one namespace.
type set struct {
	policies  []source
	templates []string // the paths that are completed for each caller
	acl       *ACL     // where there are none
	err       error
}

// New makes an Evaluator.
func New() *Evaluator {
	return &Evaluator{
		read: cache[[]Policy]{limit: cacheLimit}, identities: cache[Identity]{limit: cacheLimit}, parsed: cache[[]vaultpolicy.Rule]{limit: cacheLimit},
		sets: cache[*set]{limit: cacheLimit}, acls: cache[*ACL]{limit: cacheLimit},
	}
}

// ACL is what policies come to for an identity in a namespace ("" is the root namespace). Its errors name the policy and the line.
func (e *Evaluator) ACL(namespace string, policies []Policy, id Identity) (*ACL, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.key = appendText(e.key[:0], namespace)
	for i := range policies {
		e.key = appendText(appendText(e.key, policies[i].Name), policies[i].Text)
	}
	s, ok := e.sets.get(e.key)
	if !ok {
		s = e.newSet(canonical(namespace), policies)
		e.sets.put(string(e.key), s)
	}
	if s.acl != nil || s.err != nil {
		return s.acl, s.err
	}
	for _, path := range s.templates {
		text, made, _ := render(path, &id)
		e.key = append(appendText(e.key, text), byte(made))
	}
	if acl, ok := e.acls.get(e.key); ok {
		return acl, nil
	}
	acl, err := newACL(canonical(namespace), s.policies, &id)
	if err == nil {
		e.acls.put(string(e.key), acl)
	}
	return acl, err
}

// newSet reads policies.
func (e *Evaluator) newSet(namespace string, policies []Policy) *set {
	s := &set{}
	for _, p := range policies {
		rules, ok := e.parsed.get([]byte(p.Text))
		if !ok {
			var err error
			if rules, err = vaultpolicy.Parse(p.Text); err != nil {
				s.err = fmt.Errorf("policy %q: %w", p.Name, err)
				return s
			}
			e.parsed.put(p.Text, rules)
		}
		for i := range rules {
			if path := rules[i].Path; templated(path) && !slices.Contains(s.templates, path) {
				s.templates = append(s.templates, path)
			}
		}
		s.policies = append(s.policies, newSource(p, rules))
	}
	if s.templates == nil {
		s.acl, s.err = newACL(namespace, s.policies, &Identity{})
	}
	return s
}

func appendText(to []byte, text string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

// canonical is a namespace with a "/" at its end and none at its beginning; the root namespace is "".
func canonical(namespace string) string {
	if namespace = strings.Trim(namespace, "/"); namespace == "" || namespace == "root" {
		return ""
	}
	return namespace + "/"
}

var rootBecause = []access.Because{{Document: "policy root"}}

// Decide answers a request.
func (e *Evaluator) Decide(r Request) access.Answer {
	out := access.Answer{ID: r.ID, Decision: access.Denied, Residual: []access.Residual{}, Because: []access.Because{}}
	needs, ttl, err := r.check()
	var acl *ACL
	if err == nil {
		acl, err = e.ACL(r.Namespace, r.Policies, r.Identity)
	}
	switch {
	case err != nil:
		out.Decision, out.Error = access.Failed, err.Error()
	case r.Identity.Entity != nil && r.Identity.Entity.Disabled:
	default:
		other := out
		acl.decide(&r, needs, ttl, &out)
		if acl.later != nil {
			acl.later.decide(&r, needs, ttl, &other)
			out = either(out, other)
		}
	}
	return out
}

// decide fills in the answer to a request that needs a capability.
func (a *ACL) decide(q *Request, needs Capabilities, ttl time.Duration, out *access.Answer) {
	if a.root {
		out.Decision, out.Because = access.Allowed, rootBecause
		return
	}
	path := a.full(q.Path)
	r := a.find(path, needs == List)
	if r == nil {
		return
	}
	if r.can&needs == 0 {
		out.Explicit, out.Because = r.can&deny != 0, r.because
		return
	}
	out.Because = r.granting(needs)
	sudo := access.No
	if r.can&Sudo == 0 {
		sudo = needsSudo(path[len(a.namespace):])
	}
	if sudo == access.Yes || !r.wraps(q.WrapTTL != "", ttl) || needs&holdParameters != 0 && r.limited && !r.admits(q.data()) {
		return
	}
	out.Decision = access.Allowed
	if r.mfa || r.control != nil {
		out.Residual = r.approvals(needs)
	}
	if sudo == access.Maybe {
		out.Residual = append(out.Residual, sudoResidual(r))
	}
	if len(out.Residual) > 0 {
		out.Decision = access.Conditional
		slices.SortFunc(out.Residual, compareResidual)
	}
}

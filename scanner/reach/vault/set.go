package vault

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/keyreeve/keyreeve/scanner/access"
	acl "github.com/keyreeve/keyreeve/scanner/access/vault"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// set is the policies that a token has, put together. Tokens that have the same share it.
type set struct {
	key      string
	space    *space
	names    []string // sorted
	policies []acl.Policy
	id       acl.Identity
	acl      *acl.ACL
	open     []template // of a caller who is not known
	unread   []*cause
	admin    bool // it may do everything: told of by rules about those who may

	mu    sync.Mutex
	views map[string]*view

	once   sync.Once
	minted *minted         // see mint
	undone []access.Shadow // see shadows; nil until they are asked for
}

// put returns the set of some policies of a namespace. Without an entity it is not known whom templates are completed for; an anonymous
// token has none. Causes are what else of the token was not read.
func (e *Estate) put(s *space, names []string, of *entity, anonymous bool, causes ...*cause) *set {
	lower := make([]string, 0, len(names))
	for _, name := range names {
		lower = append(lower, strings.ToLower(strings.TrimSpace(name)))
	}
	slices.Sort(lower)
	lower = slices.Compact(lower)
	if slices.Contains(lower, "root") {
		if lower = slices.DeleteFunc(lower, func(name string) bool { return name == "root" }); s.namespace == "" {
			lower = []string{"root"}
		}
	}
	x := &set{space: s, names: lower, views: map[string]*view{}}
	templated := false
	for _, name := range lower {
		d, missing := s.document(name)
		if missing != nil {
			causes = append(causes, missing)
			continue
		}
		if name == "root" {
			x.policies = append(x.policies, acl.Policy{Name: name})
			continue
		}
		if d == nil {
			continue
		}
		x.policies = append(x.policies, acl.Policy{Name: name, Text: d.text})
		templated = templated || len(d.templated) > 0
		if of == nil && !anonymous {
			x.open = append(x.open, d.templated...)
		}
	}
	x.key = fmt.Sprintf("%s\x00%q", s.scope, lower)
	if templated && of != nil {
		x.id = of.identity
		x.key += "\x00" + of.id
	}
	if templated && of == nil && !anonymous {
		x.key += "\x00?"
	}
	seen := map[access.Unread]bool{}
	for _, c := range causes {
		if c != nil && !seen[c.Unread] {
			seen[c.Unread] = true
			x.unread = append(x.unread, c)
			x.key += fmt.Sprintf("\x00%q", c.Unread)
		}
	}
	if have := e.sets[x.key]; have != nil {
		return have
	}
	e.sets[x.key] = x
	var err error
	if x.acl, err = e.evaluator.ACL(s.namespace, x.policies, x.id); err != nil {
		x.unread = append(x.unread, &cause{access.Unread{Document: "policies " + strings.Join(lower, ", "), Of: s.scope.Short(), Why: err.Error()}, inventory.Unreadable, "", ""})
		x.acl, _ = e.evaluator.ACL(s.namespace, nil, acl.Identity{})
		x.policies = nil
	}
	const everything = acl.Create | acl.Read | acl.Update | acl.Delete | acl.List | acl.Sudo
	x.admin = x.acl.Root() || x.acl.Capabilities(nowhere).Sure&everything == everything
	return x
}

// nowhere is a path that no policy speaks of by name.
const nowhere = "\x00"

// on is what the set may do on a path. Sure and Possible are of what was read; with something unread nothing is sure.
func (x *set) on(path string) acl.Effective {
	e := x.acl.Capabilities(path)
	for _, o := range x.open {
		if w := o.Capabilities(path); len(w.Because) > 0 {
			e.Sure &= w.Possible
			e.Possible |= w.Possible
			e.Because = append(slices.Clip(e.Because), o.because...)
			e.Residual = append(slices.Clip(e.Residual), access.Residual{Class: access.Who, Key: "identity", Statement: o.because[0].Statement})
		}
	}
	if len(x.unread) > 0 && !x.acl.Root() {
		e.Sure = 0
	}
	return e
}

// may is whether one of some lists of requests is allowed, all of its requests.
func (x *set) may(any [][]acl.Want) (t access.Truth) {
	for _, all := range any {
		one := access.Yes
		for _, w := range all {
			if one = one.And(truth(x.on(w.Path), w)); one == access.No {
				break
			}
		}
		if t = t.Or(one); t == access.Yes {
			break
		}
	}
	return t
}

// truth is whether a want is allowed by what is effective on its path.
func truth(e acl.Effective, w acl.Want) access.Truth {
	switch {
	case e.Sure&w.Capability != 0:
		return access.Yes
	case e.Possible&w.Capability != 0:
		return access.Maybe
	}
	return access.No
}

package aws

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/keyreeve/keyreeve/scanner/access"
	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/reach/aws/document"
)

// Estate is the part of a snapshot that is about AWS, with all its documents put together. It may be used by several goroutines.
type Estate struct {
	world  *world
	index  *eval.Index
	names  map[string][]inventory.ID  // keys and secrets by all that they may be called
	unread map[string][]access.Unread // by whose they are

	summaries func() *Summaries      // made when the first rule asks
	roles     func() map[string]bool // "ACCOUNT/NAME" of all, without their paths; made when it is first asked for
	becoming  func() *becoming       // made when it is first asked for
}

// New puts the documents of a snapshot together. It fails on resources whose IDs are not the ARNs that AWS gives; what was not read is no
// error.
func New(snap *inventory.Snapshot) (*Estate, error) {
	w := worldOf(snap)
	ix, err := eval.Build(w.estate())
	if err != nil {
		return nil, err
	}
	e := &Estate{world: w, index: ix, names: map[string][]inventory.ID{}, unread: map[string][]access.Unread{}}
	e.summaries = sync.OnceValue(func() *Summaries { return Summarize(ix, snap) })
	e.roles = sync.OnceValue(func() map[string]bool {
		out := map[string]bool{}
		for m := range ix.Members() {
			if name := m.Name(); m.Role() && !m.Foreign() {
				out[m.Account()+"/"+name[strings.LastIndexByte(name, '/')+1:]] = true
			}
		}
		return out
	})
	e.becoming = sync.OnceValue(func() *becoming { return newBecoming(w) })
	for i := range w.targets {
		for _, name := range called(w.targets[i].resource) {
			e.names[name] = append(e.names[name], w.targets[i].resource.ID)
		}
	}
	for _, u := range ix.Unread() {
		e.unread[u.Of] = append(e.unread[u.Of], u)
	}
	return e, nil
}

// Find returns the keys and secrets that a name may mean, sorted: an ARN, the ID of a key, an alias with or without "alias/", the name of
// a secret, or its ARN without the six characters that Secrets Manager puts at the end.
func (e *Estate) Find(name string) []inventory.ID { return slices.Clone(e.names[name]) }

// Found summarizes for rules what is known about a key, secret, role, policy or root user. The summary is shared: it must not be changed.
func (e *Estate) Found(r *inventory.Resource) access.Found {
	return document.Fill(e.summaries().Found(r), r, e.exists)
}

// exists reports whether an ARN is that of a user, role or identity provider, or of a session of a role. It is not known of accounts of
// which not all were read.
func (e *Estate) exists(arn string) access.Truth {
	account := accountOf(arn)
	switch what := lastPart(arn); {
	case strings.HasPrefix(what, "oidc-provider/"), strings.HasPrefix(what, "saml-provider/"):
		typ := oidcType
		if strings.HasPrefix(what, "saml") {
			typ = samlType
		}
		return access.Known(e.world.byID[inventory.ID(arn)] != nil).Or(access.Known(!e.world.lists(account, typ)).And(access.Maybe))
	case strings.HasPrefix(what, "assumed-role/"):
		role, _, _ := strings.Cut(strings.TrimPrefix(what, "assumed-role/"), "/")
		if e.roles()[account+"/"+role] || strings.Contains(role, ":") { // names with colons are those of roles of AWS, such as "aws:ec2-infrastructure"
			return access.Yes
		}
	case e.index.Known(arn):
		return access.Yes
	}
	for i := range e.world.accounts {
		if a := &e.world.accounts[i]; a.ID == account && a.Unlisted == "" {
			return access.No
		}
	}
	return access.Maybe
}

// called is all that a key or secret may be called, each once.
func called(r *inventory.Resource) []string {
	out := []string{string(r.ID)}
	if r.Type == secretType {
		if i := len(r.ID) - len("-a1b2c3"); i > 0 && r.ID[i] == '-' {
			out = append(out, string(r.ID[:i]))
		}
		out = append(out, r.Name)
	} else {
		_, id, _ := strings.Cut(string(r.ID), ":key/")
		out = append(out, id)
		for _, ref := range r.Refs {
			if ref.Target == aliasType {
				out = append(out, string(ref.To), ref.Name, strings.TrimPrefix(ref.Name, "alias/"))
			}
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(s string) bool { return s == "" })
}

// target finds a key or secret, or nil.
func (e *Estate) target(id inventory.ID) *target {
	i, found := slices.BinarySearchFunc(e.world.targets, id, func(t target, id inventory.ID) int { return cmp.Compare(t.resource.ID, id) })
	if !found {
		return nil
	}
	return &e.world.targets[i]
}

package aws

import (
	"encoding/binary"
	"iter"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// Member is a principal that the index knows of.
type Member struct{ m *member }

// Members are the principals whose rights these are.
func (r *Rights) Members() iter.Seq[Member] {
	return func(yield func(Member) bool) {
		for id := range r.ids() {
			if !yield(Member{r.ix.members[id]}) {
				return
			}
		}
	}
}

// Name is its ARN, the name of a service, or "*" for everybody whom the index does not know.
func (m Member) Name() string { return m.m.name }

// Account is the ID of its account; empty of services, identity providers and "*".
func (m Member) Account() string { return m.m.account.ID }

// Root reports whether it is the root user of an account, which stands for the account where that is not of the estate.
func (m Member) Root() bool { return m.m.caller.kind == root && m.m.name != strangerName }

// Linked reports whether it is a role that is linked to a service, which nobody but that service assumes.
func (m Member) Linked() bool { return m.m.linked }

// Foreign reports whether it is of no account of the estate.
func (m Member) Foreign() bool { return m.m.account.foreign || m.m.account.ID == "" }

// Org is the organization of its account, if that is known; empty and known when it is in none.
func (m Member) Org() (id string, known bool) { return m.m.account.Org, !m.m.account.OrgUnknown }

// Unread lists what is not known on its side and might make more certain than is: documents, and its tags.
func (m Member) Unread() []access.Unread {
	if m.m.read {
		return nil
	}
	out := m.m.unread()
	if m.m.unlisted || len(m.m.unknown) == 0 || m.m.name == strangerName {
		return out
	}
	for _, key := range m.m.unknown {
		if key == "aws:principaltag/*" {
			out = append(out, access.Unread{Document: "tags", Of: m.m.name, Why: "they were not read, or its sessions bring their own"})
		}
	}
	return out
}

// Members are all principals that the index knows of.
func (ix *Index) Members() iter.Seq[Member] {
	return func(yield func(Member) bool) {
		for _, m := range ix.members {
			if !yield(Member{m}) {
				return
			}
		}
	}
}

// Documents are the texts of its identity's documents, in their order. One that was not read is empty.
func (m Member) Documents() []string {
	out := make([]string, len(m.m.identity))
	for i, d := range m.m.identity {
		if d.why == "" {
			out[i] = string(d.paper.text)
		}
	}
	return out
}

// Documents says for each document of the principal's identity what it certainly allows on all keys, or all secrets, of the target's
// Region and account, whatever else has a say. Of principals that are taken together there is none.
func (r *Rights) Documents() []Set {
	if r.without != nil || len(r.members) != 1 {
		return nil
	}
	m := r.ix.members[r.members[0]]
	if r.sited.docs != nil || len(m.identity) == 0 {
		return r.sited.docs
	}
	request := Request{Resource: r.target.resource}
	f := facts{request: &request, home: r.target.account.ID, region: part(r.target.resource.ARN, region), context: r.target.context()}
	f.sit(m, r.ix.unknown, r.target.unknown)
	a := asking{facts: &f, realm: r.target.realm, upTo: bySite, site: r.target.site}
	r.sited.docs = make([]Set, len(m.identity))
	for i := range m.identity {
		o := newOwn(m.identity[i:i+1], nil, nil)
		r.sited.docs[i] = a.clause(o.identity, true).fixed.t
	}
	return r.sited.docs
}

// UnreadBoundary lists permissions boundaries that were not read.
func (m Member) UnreadBoundary() []access.Unread { return unreadOf(m.m.name, m.m.boundary) }

// Bounded reports whether it has a permissions boundary.
func (m Member) Bounded() bool { return len(m.m.boundary) > 0 }

// Role reports whether it is a role.
func (m Member) Role() bool { return m.m.caller.kind == role }

// Service reports whether it is a service of AWS or an identity provider, which belong to no account.
func (m Member) Service() bool { return m.m.caller.outside() }

// Everybody reports whether it stands for whom the index does not know.
func (m Member) Everybody() bool { return m.m.name == strangerName }

// Append adds a text to out by which rights on targets that Likeness calls alike can be told apart.
func (r *Rights) Append(out []byte) []byte {
	for _, s := range [...]Set{r.Certain, r.Possible, r.Delegated, r.Wide, r.Unbounded, r.Sessions, r.ByPolicy, r.ByGrant, r.Through} {
		out = binary.LittleEndian.AppendUint64(out, uint64(s))
	}
	for id := range r.ids() {
		out = binary.AppendUvarint(out, uint64(id))
		break
	}
	return binary.AppendUvarint(out, uint64(r.Len()))
}

// Likeness is a text that two targets share only if the same principals have the same rights on them by the same statements, when they have
// the same rights.
func (ix *Index) Likeness(arn string) string {
	k := ix.byARN[arn]
	if k == nil {
		return arn
	}
	own := len(k.resource.Grants) > 0 || len(k.unread()) > 0
	out := []byte(k.site)
	for _, d := range k.policy {
		out = binary.AppendUvarint(out, uint64(d.paper.id))
		own = own || slices.ContainsFunc(d.paper.lines, func(l line) bool { return l.level[k.realm] == byItself })
	}
	if own {
		return arn
	}
	return string(out)
}

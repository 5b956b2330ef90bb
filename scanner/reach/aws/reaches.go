package aws

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// reach counts the keys and secrets that a role, or somebody with a policy, certainly uses or administers.
type reach struct {
	counts   [2]int // keys, secrets
	possible int
	worst    worst
	open     [2]*access.Unread // more may be there because of it
}

// found is that somebody reaches a target, or may for all that was not read.
type found struct {
	id     string // of a role or policy
	unread *access.Unread
	maybe  bool // it hangs on conditions of a request
}

// counts lists who reaches the target. A policy reaches it by statements about all keys or secrets, for somebody who has it.
func (t *asset) counts() []found {
	if t.managed {
		return nil
	}
	power := t.duties.use | t.duties.administer
	var out []found
	for i := range t.rights {
		r := &t.rights[i]
		if r.Possible&power == 0 {
			continue
		}
		docs := r.Documents()
		for m := range r.Members() {
			held := t.s.policies[m.Name()]
			for j := range min(len(docs), len(held)) {
				if docs[j]&(r.Delegated|r.Wide)&power != 0 {
					for _, id := range held[j] {
						out = append(out, found{id: string(id)})
					}
				}
			}
			if m.Role() && r.Certain&power != 0 {
				out = append(out, found{id: m.Name()})
			}
			if !m.Foreign() && (r.Possible&^r.Certain&power != 0 || docs == nil) { // without documents, which policy gives it is not told
				for _, ids := range held {
					for _, id := range ids {
						out = append(out, found{id: string(id), maybe: true})
					}
				}
				if m.Role() {
					out = append(out, found{id: m.Name(), maybe: true})
				}
			}
			if m.Foreign() || r.Possible&^r.Certain&power == 0 {
				continue
			}
			u := first(t.unread, m.Unread)
			if u == nil {
				continue
			}
			for _, ids := range held {
				for _, id := range ids {
					out = append(out, found{id: string(id), unread: u})
				}
			}
			if m.Role() {
				out = append(out, found{id: m.Name(), unread: u})
			}
		}
	}
	slices.SortFunc(out, func(a, b found) int { // of one who reaches it for certain, the rest says nothing more
		return cmp.Or(strings.Compare(a.id, b.id), compare(a.unread != nil, b.unread != nil), compare(a.maybe, b.maybe))
	})
	return out
}

func first(list []access.Unread, more func() []access.Unread) *access.Unread {
	if len(list) == 0 {
		list = more()
	}
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}

// count counts a target for those who reach it, each once.
func (s *Summaries) count(t *asset, list []found) {
	realm, last := 0, ""
	if t.secret {
		realm = 1
	}
	for _, f := range list {
		r := s.reaches[f.id]
		if r == nil {
			r = &reach{}
			s.reaches[f.id] = r
		}
		switch {
		case f.unread != nil:
			if r.open[realm] == nil {
				r.open[realm] = f.unread
			}
		case f.id != last:
			if last = f.id; f.maybe {
				r.possible++
				continue
			}
			r.counts[realm]++
			r.worst.add(t.arn)
		}
	}
}

// compare puts what does not hold first.
func compare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// ofReach is the summary of a role, or of a policy of identities.
func (s *Summaries) ofReach(r *inventory.Resource) access.Found {
	if r.Type == roleType && !s.index.Known(string(r.ID)) {
		return access.Found{}
	}
	n := s.reaches[string(r.ID)]
	if n == nil {
		n = &reach{}
	}
	out := access.Found{Summary: &access.Summary{Reaches: access.Reach{
		Keys: n.counts[0], Secrets: n.counts[1], Worst: n.worst, Possible: n.possible, Onward: s.onward.from(string(r.ID)),
	}}}
	account := accountOf(string(r.ID))
	if _, id, aws := strings.Cut(string(r.ID), ":policy/"); aws && account == "aws" {
		_, account, _ = strings.Cut(id, "#")
	}
	for realm, fact := range []string{"access.reaches.keys", "access.reaches.secrets"} {
		if n.counts[realm] > 0 {
			continue
		}
		if n.open[realm] != nil {
			out.Unknown = append(out.Unknown, s.causes.of(fact, *n.open[realm]))
			continue
		}
		hidden := []string{[]string{keyType, secretType}[realm]}
		if r.Type == policyType {
			hidden = append(hidden, roleType, userType, groupType)
		}
		if u, may := s.causes.hidden(fact, account, hidden...); may {
			out.Unknown = append(out.Unknown, u)
		} else if u, there := s.causes.facts[string(r.ID)]; there {
			out.Unknown = append(out.Unknown, inventory.Unknown{Fact: fact, Why: u.Why, Call: u.Call, Hint: u.Hint})
		}
	}
	if len(out.Unknown) > 0 && n.possible == 0 {
		u := out.Unknown[0]
		u.Fact = "access.reaches.possible"
		out.Unknown = append(out.Unknown, u)
	}
	return out
}

// holdings says for each principal of the index which policies each document of its identity is: those of that text which it, or a group of
// it, has.
func holdings(ix *eval.Index, snap *inventory.Snapshot) map[string][][]inventory.ID {
	byID := map[inventory.ID]*inventory.Resource{}
	for i := range snap.Resources {
		if r := &snap.Resources[i]; r.Origin == inventory.Live && strings.HasPrefix(r.Type, "aws.iam.") {
			byID[r.ID] = r
		}
	}
	out := map[string][][]inventory.ID{}
	for m := range ix.Members() {
		who := byID[inventory.ID(m.Name())]
		if who == nil {
			continue
		}
		held := refs(who, "grants")
		for _, group := range refs(who, "member_of") {
			if g := byID[group]; g != nil {
				held = append(held, refs(g, "grants")...)
			}
		}
		docs := m.Documents()
		list := make([][]inventory.ID, len(docs))
		for i, text := range docs {
			for _, id := range held {
				if p := byID[id]; p != nil && text != "" && p.Document == text {
					list[i] = append(list[i], id)
				}
			}
		}
		out[m.Name()] = list
	}
	return out
}

func refs(r *inventory.Resource, edge string) (out []inventory.ID) {
	for _, ref := range r.Refs {
		if ref.Edge == edge {
			out = append(out, ref.To)
		}
	}
	return out
}

package aws

import (
	"slices"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// account is what is told of an account and not of each of its keys and secrets.
type account struct {
	conflicts map[string]access.Conflict // by principal
	open      *access.Unread             // more may be there because of it
}

// add adds a conflict. One principal's are told as one.
func (a *account) add(c access.Conflict) {
	if a.conflicts == nil {
		a.conflicts = map[string]access.Conflict{}
	}
	have := a.conflicts[c.Principal]
	c.Use, c.Administer = union(have.Use, c.Use), union(have.Administer, c.Administer)
	a.conflicts[c.Principal] = c
}

func (a *account) hang(u access.Unread) {
	if a.open == nil {
		a.open = &u
	}
}

func (a *account) merge(b *account) {
	for _, c := range b.conflicts {
		a.add(c)
	}
	if b.open != nil {
		a.hang(*b.open)
	}
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

func (s *Summaries) accountOf(id string) *account {
	a := s.accounts[id]
	if a == nil {
		a = &account{}
		s.accounts[id] = a
	}
	return a
}

// ofAccount is the summary of an account's root user.
func (s *Summaries) ofAccount(id string) access.Found {
	found := access.Found{Summary: &access.Summary{}}
	a := s.accounts[id]
	if a != nil && len(a.conflicts) > 0 {
		var out []access.Conflict
		for _, c := range a.conflicts {
			out = append(out, c)
		}
		found.Summary.Conflicts = firstFew(out, func(c *access.Conflict) string { return c.Principal })
		return found
	}
	if a != nil && a.open != nil {
		found.Unknown = []inventory.Unknown{s.causes.of(conflicts, *a.open)}
	} else if u, may := s.causes.hidden(conflicts, id, keyType, secretType, roleType, userType); may {
		found.Unknown = []inventory.Unknown{u}
	}
	return found
}

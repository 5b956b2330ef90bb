package aws

import (
	"fmt"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// causes tell why a document or listing was not read, with the call and the permission that would answer it.
type causes struct {
	facts    map[string]inventory.Unknown // what was not read of a resource, by its ID
	listings []inventory.Gap              // of AWS, that hide something
	listed   map[listing]bool
}

// listing is a type of resource that was looked for in an account.
type listing struct{ account, typ string }

func newCauses(snap *inventory.Snapshot) causes {
	c := causes{facts: map[string]inventory.Unknown{}, listed: map[listing]bool{}}
	for _, g := range snap.Gaps {
		if g.Scope.Backend() == "aws" && g.Incomplete() {
			c.listings = append(c.listings, g)
		}
	}
	for i := range snap.Scopes {
		if s := &snap.Scopes[i]; s.Scope.Backend() == "aws" {
			for _, t := range s.Types {
				c.listed[listing{s.Scope.Part(2), t}] = true
			}
		}
	}
	for i := range snap.Resources {
		r := &snap.Resources[i]
		for _, u := range r.Unknown {
			if decides(u.Fact) {
				c.facts[string(r.ID)] = u
				break
			}
		}
	}
	return c
}

// decides reports whether who may do what can hang on a fact.
func decides(fact string) bool {
	for _, part := range []string{"policy", "trust", "tags", "refs", "account", "key.grants"} {
		if fact == part || strings.HasPrefix(fact, part+".") {
			return true
		}
	}
	return false
}

// of makes the unknown of a fact that hangs on what was not read.
func (c *causes) of(fact string, u access.Unread) inventory.Unknown {
	for _, id := range []string{u.Of + "#policy", u.Of} {
		if found, there := c.facts[id]; there {
			return inventory.Unknown{Fact: fact, Why: found.Why, Call: found.Call, Hint: found.Hint}
		}
	}
	if u.Document == listOfPrincipals {
		if gap := c.gap(accountOf(u.Of), roleType, userType); gap != nil {
			return inventory.Unknown{Fact: fact, Why: gap.Why, Call: gap.Call, Hint: gap.Hint}
		}
	}
	return inventory.Unknown{Fact: fact, Why: inventory.NotRead, Hint: fmt.Sprintf("%s of %s: %s", u.Document, u.Of, u.Why)}
}

// listOfPrincipals is how the index calls the listing of an account's users and roles.
const listOfPrincipals = "list of principals"

// hidden says why resources of some types may be in an account that are not in the snapshot. It reports whether they may.
func (c *causes) hidden(fact, account string, types ...string) (inventory.Unknown, bool) {
	if g := c.gap(account, types...); g != nil {
		return inventory.Unknown{Fact: fact, Why: g.Why, Call: g.Call, Hint: g.Hint}, true
	}
	for _, t := range types {
		if !c.listed[listing{account, t}] {
			return inventory.Unknown{Fact: fact, Why: inventory.NotRead, Hint: fmt.Sprintf("no %s of account %s was looked for: name its service among services, and the account among accounts", t, account)}, true
		}
	}
	return inventory.Unknown{}, false
}

// gap finds a gap in which resources of an account may be hidden.
func (c *causes) gap(account string, types ...string) *inventory.Gap {
	for i := range c.listings {
		g := &c.listings[i]
		if of := g.Scope.Part(2); of != "" && of != account {
			continue
		}
		for _, t := range types {
			if g.Covers(t) {
				return g
			}
		}
	}
	return nil
}

// accountOf is the account in an ARN, or the ID of an account itself.
func accountOf(name string) string {
	if parts := strings.SplitN(name, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return name
}

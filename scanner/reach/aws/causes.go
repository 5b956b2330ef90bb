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
	listings []inventory.Gap
}

func newCauses(snap *inventory.Snapshot) causes {
	c := causes{facts: map[string]inventory.Unknown{}, listings: snap.Gaps}
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
	if gap := c.listing(accountOf(u.Of), "aws.iam.role", "aws.iam.policy"); gap != nil && u.Document == listOfPrincipals {
		return inventory.Unknown{Fact: fact, Why: gap.Why, Call: gap.Call, Hint: gap.Hint}
	}
	return inventory.Unknown{Fact: fact, Why: inventory.NotRead, Hint: fmt.Sprintf("%s of %s: %s", u.Document, u.Of, u.Why)}
}

// listOfPrincipals is how the index calls the listing of an account's users and roles.
const listOfPrincipals = "list of principals"

// listing finds a gap in which resources of an account may be hidden.
func (c *causes) listing(account string, types ...string) *inventory.Gap {
	for i := range c.listings {
		g := &c.listings[i]
		parts := g.Scope.Parts()
		if len(parts) == 0 || parts[0] != "aws" || !g.Incomplete() || len(parts) > 2 && parts[2] != account {
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

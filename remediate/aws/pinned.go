package aws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/collectors/aws"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// number is that of an account in a policy.
var number = regexp.MustCompile(`\b\d{12}\b`)

// pinned says who names the key itself, and would go on with the old one or lose the use of the new one. Where that was not read, clients who
// confirm stand in for it.
func pinned(d remediate.Draft) (why, next string) {
	const byHand = "name the key by its alias there (condition kms:ResourceAliases in policies), or set pattern: by_hand for it in rotation.keys"
	r, account := d.Resource, d.Resource.Scope.Parts()[2]
	id := keyID(r.ID)
	var asks string
	for i := range d.Snapshot.Resources {
		o := &d.Snapshot.Resources[i]
		own := strings.HasPrefix(string(o.ID), string(r.ID)+"#")
		switch {
		case o.ID == r.ID || o.Origin == inventory.Recorded: // what the ledger tells of it uses no key
		case own && o.Policy != nil && o.Policy.Grant != nil:
			g := o.Policy.Grant
			if !g.Service && !strings.HasPrefix(g.Grantee, "arn:") {
				return fmt.Sprintf("%s holds a grant on it, which only that service can make for another key", g.Grantee), "set pattern: by_hand for it in rotation.keys"
			}
			if other := elsewhere(g.Grantee, account); other != "" {
				asks = fmt.Sprintf("account %s holds a grant on it, and may name the key itself", other)
			}
		case own && o.Policy != nil:
			if strings.Contains(o.Document, id) {
				return "its own policy names the key itself, so it does not fit another", `write "*" there, which in a key's policy is the key`
			}
			if other := elsewhere(o.Document, account); other != "" {
				asks = fmt.Sprintf("its policy names account %s, where the key itself may be named", other)
			}
		case strings.Contains(o.Document, id):
			return fmt.Sprintf("%s names the key itself", o.ID), byHand
		case slices.ContainsFunc(o.Refs, func(ref inventory.Ref) bool { return ref.To == r.ID }):
			return fmt.Sprintf("%s names the key itself", o.ID), byHand
		}
	}
	if asks == "" && !iamRead(d.Snapshot, account) {
		asks = "whether policies of IAM name the key itself was not read"
	}
	if asks != "" && len(d.Key.Clients) == 0 {
		return asks, "scan with the service iam too, or list as clients in rotation.keys who uses it: they confirm that they can use the new key before the alias leads to it"
	}
	return "", ""
}

// elsewhere is an account other than the key's that a text names.
func elsewhere(text, account string) string {
	for _, n := range number.FindAllString(text, -1) {
		if n != account {
			return n
		}
	}
	return ""
}

// iamRead says that the account's policies of IAM were read whole.
func iamRead(s *inventory.Snapshot, account string) bool {
	in := func(scope inventory.Scope) bool {
		return scope.Backend() == "aws" && scope.Part(2) == account && !aws.InRegion(scope)
	}
	if slices.ContainsFunc(s.Gaps, func(g inventory.Gap) bool {
		return in(g.Scope) && (g.Covers("aws.iam.policy") || g.Covers("aws.iam.role") || g.Covers("aws.iam.user") || g.Covers("aws.iam.group"))
	}) {
		return false
	}
	unread := func(r inventory.Resource) bool { return in(r.Scope) && r.Unread("policy.document") != nil }
	return slices.ContainsFunc(s.Scopes, func(read inventory.ScopeRead) bool { return in(read.Scope) }) && !slices.ContainsFunc(s.Resources, unread)
}

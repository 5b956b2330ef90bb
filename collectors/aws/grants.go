package aws

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

const (
	// maxGrants is how many grants AWS allows on one key, and grantPage how many a page of their list holds at most.
	maxGrants = 50_000
	grantPage = 100
)

// keyPolicy reads the policy of a key. Every key has one, by the name "default".
func (s *source) keyPolicy(ctx context.Context, key *inventory.Resource) inventory.Resource {
	r := s.resource(string(key.ID)+"#policy", keyPolicyType, inventory.KindPolicy, key.Name)
	r.Refs = guarded(key)
	r.Policy = &inventory.Policy{Guards: keyType}
	s.count(getKeyPolicy)
	out, err := s.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: aws.String(string(key.ID)), PolicyName: aws.String("default")})
	if err != nil {
		refused := explain(getKeyPolicy, err)
		for _, fact := range facts(getKeyPolicy) {
			unknown(r, refused.unknown(fact, string(key.ID)))
		}
		return *r
	}
	s.statements(r, getKeyPolicy, aws.ToString(out.Policy))
	return *r
}

// guarded names the key that a policy or grant is of, by its ID: aliases may not have been read.
func guarded(key *inventory.Resource) []inventory.Ref {
	_, id, _ := strings.Cut(string(key.ID), ":key/")
	return []inventory.Ref{{Edge: "names", To: key.ID, Target: keyType, Name: id}}
}

// grants reads the grants on a key, in groups of those that do the same. A list that breaks off counts as none: how many there are is
// unknown, and what was refused goes into lost.
func (s *source) grants(ctx context.Context, key *inventory.Resource, lost *refusals) []inventory.Resource {
	groups, read := map[string]*inventory.Grant{}, 0
	refused := pages(listGrants, func(marker *string) (*string, *refusal) {
		s.count(listGrants)
		out, err := s.kms.ListGrants(ctx, &kms.ListGrantsInput{KeyId: aws.String(string(key.ID)), Limit: aws.Int32(grantPage), Marker: marker})
		if err != nil {
			return nil, explain(listGrants, err)
		}
		if read += len(out.Grants); read > maxGrants {
			return nil, &refusal{call: listGrants, why: inventory.OutOfScope, hint: "check the endpoint: AWS allows fewer", text: "the key has more than " + strconv.Itoa(maxGrants) + " grants"}
		}
		for _, g := range out.Grants {
			group(groups, g)
		}
		return next(listGrants, out.Truncated, out.NextMarker, marker)
	})
	if refused != nil {
		unread(key, refused)
		lost.add(refused, key.ID)
		return nil
	}
	key.Key.Grants = &read
	var all []inventory.Resource
	for _, shape := range slices.Sorted(maps.Keys(groups)) {
		all = append(all, s.grant(key, shape, groups[shape]))
	}
	return all
}

// group adds a grant to those of its shape.
func group(groups map[string]*inventory.Grant, e types.GrantListEntry) {
	g := &inventory.Grant{
		Grantee: aws.ToString(e.GranteePrincipal), Retiring: cmp.Or(aws.ToString(e.RetiringPrincipal), aws.ToString(e.RetiringServicePrincipal)), Operations: []string{},
	}
	if g.Grantee == "" {
		g.Grantee, g.Service = aws.ToString(e.GranteeServicePrincipal), true
	}
	for _, op := range e.Operations {
		g.Operations = append(g.Operations, string(op))
	}
	slices.Sort(g.Operations)
	if c := e.Constraints; c != nil {
		g.ContextEquals, g.ContextSubset = slices.Sorted(maps.Keys(c.EncryptionContextEquals)), slices.Sorted(maps.Keys(c.EncryptionContextSubset))
		g.SourceARN = c.SourceArn != nil
	}
	shape := shapeOf(g)
	if groups[shape] == nil {
		groups[shape] = g
	}
	g = groups[shape]
	g.Count++
	if at := utc(e.CreationDate); at != nil {
		if g.OldestAt == nil || at.Before(*g.OldestAt) {
			g.OldestAt = at
		}
		if g.NewestAt == nil || at.After(*g.NewestAt) {
			g.NewestAt = at
		}
	}
}

// shapeOf is what the grants of a group share, in a few characters that stay the same for ever: the group's ID ends in them.
func shapeOf(g *inventory.Grant) string {
	part := func(list []string) string { return strings.Join(list, "\x01") }
	sum := sha256.Sum256([]byte(strings.Join([]string{
		g.Grantee, g.Retiring, part(g.Operations), part(g.ContextEquals), part(g.ContextSubset), strconv.FormatBool(g.Service), strconv.FormatBool(g.SourceARN),
	}, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// grant makes the resource of a group. It reads as a policy that lets the grantee do the operations. Constraints narrow what may be
// decrypted, not who may.
func (s *source) grant(key *inventory.Resource, shape string, g *inventory.Grant) inventory.Resource {
	r := s.resource(string(key.ID)+"#grant/"+shape, grantType, inventory.KindPolicy, g.Grantee)
	r.Refs = guarded(key)
	who := awspolicy.Principal{Type: "AWS", Value: g.Grantee}
	if g.Service {
		who.Type = "Service"
	}
	stmt := awspolicy.Statement{Effect: "Allow", Principals: []awspolicy.Principal{who}, Resources: []string{"*"}}
	for _, op := range g.Operations {
		stmt.Actions = append(stmt.Actions, "kms:"+op)
	}
	r.Policy = &inventory.Policy{Guards: keyType, Grant: g}
	r.Policy.Statements, _ = awspolicy.Statements(awspolicy.Document{Statements: []awspolicy.Statement{stmt}}, keyType) // a grant leaves nothing open
	return *r
}

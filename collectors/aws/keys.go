package aws

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"golang.org/x/sync/errgroup"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// pageSize is how many items a list asks for; AWS allows a thousand.
const pageSize = 1000

// A listed key is what the list of keys says of it.
type listed struct {
	id  string
	arn string
}

// readKeys reads the keys of a Region.
func (s *source) readKeys(ctx context.Context, found chan<- observation) {
	names, refused := s.aliases(ctx)
	if refused != nil {
		s.lost(ctx, found, "the list of aliases", refused, aliasType)
	}
	var group errgroup.Group
	group.SetLimit(s.workers)
	var grants refusals
	refused = s.eachKey(ctx, func(k listed) {
		group.Go(func() error {
			for _, r := range s.key(ctx, k, names, &grants) {
				s.send(ctx, found, observation{resource: r})
			}
			return nil
		})
	})
	_ = group.Wait() // workers return no error
	grants.send(ctx, s, found, "the grants of", grantType)
	if refused != nil {
		s.lost(ctx, found, "the list of keys", refused, keyType, keyPolicyType, grantType)
	}
}

// eachKey visits every key of the Region. The visit may block, which holds the next page back.
func (s *source) eachKey(ctx context.Context, visit func(listed)) *refusal {
	return pages(listKeys, func(marker *string) (*string, *refusal) {
		s.count(listKeys)
		out, err := s.kms.ListKeys(ctx, &kms.ListKeysInput{Limit: aws.Int32(pageSize), Marker: marker})
		if err != nil {
			return nil, explain(listKeys, err)
		}
		for _, k := range out.Keys {
			key, ok := s.name(aws.ToString(k.KeyId), aws.ToString(k.KeyArn))
			if !ok {
				return nil, &refusal{call: listKeys, why: inventory.Unreachable, hint: "scan again", text: "a key of the list has no ID"}
			}
			visit(key)
		}
		return next(listKeys, out.Truncated, out.NextMarker, marker)
	})
}

// name completes what some servers leave out: the ARN follows from the ID, and the ID from the ARN.
func (s *source) name(id, arn string) (listed, bool) {
	if id == "" {
		_, id, _ = strings.Cut(arn, ":key/")
	}
	if arn == "" {
		arn = "arn:" + s.account.partition + ":kms:" + s.region + ":" + s.account.number + ":key/" + id
	}
	return listed{id: id, arn: arn}, id != ""
}

// maxPages bounds a list, in case a server goes round in circles. A hundred thousand keys, AWS's own limit, are a hundred pages.
const maxPages = 100_000

// pages asks for page after page of the list that a call returns. A page gives the marker of the next one; nil ends the list.
func pages(call string, page func(marker *string) (*string, *refusal)) *refusal {
	marker := (*string)(nil)
	for range maxPages {
		following, refused := page(marker)
		if refused != nil || following == nil {
			return refused
		}
		marker = following
	}
	return &refusal{call: call, why: inventory.OutOfScope, hint: "check the endpoint: the list does not end", text: "the list has more pages than are read"}
}

// next reads the end of a page. A list that says it goes on but not where, or where it already was, is cut off.
func next(call string, truncated bool, marker, last *string) (*string, *refusal) {
	switch {
	case !truncated:
		return nil, nil
	case aws.ToString(marker) == "" || aws.ToString(marker) == aws.ToString(last):
		return nil, &refusal{call: call, why: inventory.Unreachable, hint: "scan again", text: "the list says that it goes on, but not where"}
	}
	return marker, nil
}

// key reads all there is to know about one key, its policy and its grants. What is not answered is listed as unknown: the key is
// there in any case, and so is the policy of one that AWS does not manage.
func (s *source) key(ctx context.Context, k listed, names aliases, grants *refusals) []inventory.Resource {
	r := s.resource(k.arn, keyType, inventory.KindKey, k.id)
	r.Key = &inventory.Key{}
	names.onto(r, k)
	about, refused := s.describe(ctx, r)
	if refused != nil {
		// A policy refuses call by call, so the others are made all the same.
		unread(r, refused)
	}
	if about.managed() {
		providerKey(r)
		return []inventory.Resource{*r}
	}
	s.rotation(ctx, r, about)
	s.tags(ctx, r)
	s.lastUse(ctx, r)
	policy, delegated := s.keyPolicy(ctx, r), s.grants(ctx, r, grants)
	return append([]inventory.Resource{*r, policy}, delegated...)
}

// unread lists all that a call answers and that is not listed yet.
func unread(r *inventory.Resource, refused *refusal) {
	for _, fact := range facts(refused.call) {
		unknown(r, refused.unknown(fact, string(r.ID)))
	}
}

// unknown lists one fact, unless it is listed already.
func unknown(r *inventory.Resource, u inventory.Unknown) {
	if r.Unread(u.Fact) == nil {
		r.Unknown = append(r.Unknown, u)
	}
}

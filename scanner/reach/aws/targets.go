package aws

import (
	"slices"
	"strings"

	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// secretsAlias is the alias of the key that AWS manages for secrets.
const secretsAlias = "alias/aws/secretsmanager"

// tracing is what leads to keys.
type tracing struct {
	aliases map[inventory.ID]inventory.ID // the key of an alias, by the ARN of either
	grants  map[inventory.ID][]eval.Grant // by key
	secrets map[string]bool               // sites of secrets that are encrypted with the key that AWS manages for them
}

func (w *world) tracing(all []*inventory.Resource) *tracing {
	t := &tracing{aliases: map[inventory.ID]inventory.ID{}, grants: map[inventory.ID][]eval.Grant{}, secrets: map[string]bool{}}
	for _, r := range all {
		switch r.Type {
		case keyType:
			for _, ref := range r.Refs {
				if ref.Target == aliasType {
					t.aliases[ref.To] = r.ID
				}
			}
		case grantType:
			if i := slices.IndexFunc(r.Refs, func(ref inventory.Ref) bool { return ref.Target == keyType }); i >= 0 && r.Policy.Grant != nil {
				t.grants[r.Refs[i].To] = append(t.grants[r.Refs[i].To], grant(r.Policy.Grant))
			}
		}
	}
	for _, r := range all {
		if r.Type == secretType && t.keyOf(r) == "" {
			t.secrets[siteOf(r.ID)] = true
		}
	}
	return t
}

// grant is what a group of grants gives. Of constraints the names are kept, and not what they hold to.
func grant(g *inventory.Grant) eval.Grant {
	out := eval.Grant{Grantee: g.Grantee, Operations: g.Operations}
	open := func(names []string) map[string]string {
		if len(names) == 0 {
			return nil
		}
		m := map[string]string{}
		for _, n := range names {
			m[n] = awspolicy.Unknown
		}
		return m
	}
	out.Constraints.Equals, out.Constraints.Subset = open(g.ContextEquals), open(g.ContextSubset)
	if g.SourceARN {
		out.Constraints.Source = awspolicy.Unknown
	}
	return out
}

func (w *world) key(r *inventory.Resource, t *tracing) eval.Target {
	k := r.Key
	byAWS := k.Manager == "provider"
	out := eval.Target{
		ARN: string(r.ID), Tags: r.Tags, TagsUnknown: r.Tags == nil || r.Unread("tags") != nil, AliasesUnknown: r.Unread("refs") != nil,
		Grants: t.grants[r.ID], GrantsUnknown: k.Grants == nil && !byAWS,
		Spec: k.Spec, Usage: usage(k), Origin: origins[k.Origin], MultiRegion: multiRegion[k.MultiRegion],
	}
	for _, ref := range r.Refs {
		if ref.Target == aliasType {
			out.Aliases = append(out.Aliases, ref.Name)
		}
	}
	p := w.byID[r.ID+policySuffix]
	switch {
	case p != nil:
		out.Policy = []eval.Document{w.document(p, "key policy", "policy.statements")}
	case byAWS && slices.Contains(out.Aliases, secretsAlias) && t.secrets[siteOf(r.ID)]:
		// The evaluator knows the policy of this one.
	case byAWS:
		out.Policy = []eval.Document{eval.Unread("key policy", "AWS manages the key, and its policy is not read")}
	default:
		out.Policy = []eval.Document{eval.Unread("key policy", "the snapshot does not hold it")}
	}
	return out
}

func (w *world) secret(r *inventory.Resource, t *tracing) eval.Target {
	out := eval.Target{ARN: string(r.ID), Tags: r.Tags, TagsUnknown: r.Tags == nil || r.Unread("tags") != nil, Key: string(t.keyOf(r))}
	p := w.byID[r.ID+policySuffix]
	switch {
	case p == nil:
		out.Policy = []eval.Document{eval.Unread("resource policy", "the snapshot does not hold it")}
	case p.Document == "" && p.Policy.Statements != nil && len(p.Policy.Statements) == 0: // it has none
	default:
		out.Policy = []eval.Document{w.document(p, "resource policy", "policy.statements")}
	}
	return out
}

// keyOf is the ARN of the key that encrypts a secret; empty for the one that AWS manages for secrets. An alias that leads to none of the
// keys that were read becomes an ARN that no key has.
func (t *tracing) keyOf(secret *inventory.Resource) inventory.ID {
	i := slices.IndexFunc(secret.Refs, func(ref inventory.Ref) bool { return ref.Edge == "uses" })
	if i < 0 {
		return ""
	}
	to := secret.Refs[i].To
	if strings.HasSuffix(string(to), ":"+secretsAlias) {
		return ""
	}
	if key, there := t.aliases[to]; there {
		return key
	}
	site, name, found := strings.Cut(string(to), ":alias/")
	if found {
		return inventory.ID(site + ":key/alias/" + name)
	}
	return to
}

// siteOf is the account and Region of an ARN.
func siteOf(id inventory.ID) string {
	parts := strings.SplitN(string(id), ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return strings.Join([]string{parts[1], parts[3], parts[4]}, ":")
}

// usage is the KeyUsage that a key's usages come from; empty when it is not known.
func usage(k *inventory.Key) string {
	switch {
	case slices.Contains(k.Usages, "encrypt"):
		return "ENCRYPT_DECRYPT"
	case slices.Contains(k.Usages, "sign"):
		return "SIGN_VERIFY"
	case slices.Contains(k.Usages, "mac"):
		return "GENERATE_VERIFY_MAC"
	case slices.Contains(k.Usages, "derive") && k.Algorithm == "ml_kem":
		return "ENCAPSULATE_DECAPSULATE"
	case slices.Contains(k.Usages, "derive") && k.Algorithm != "":
		return "KEY_AGREEMENT"
	}
	return ""
}

// origins are AWS's words. Of keys in a custom store it is not kept which kind of store that is.
var origins = map[string]string{"generated": "AWS_KMS", "imported": "EXTERNAL"}

var multiRegion = map[string]string{"single": "NONE", "primary": "PRIMARY", "replica": "REPLICA"}

package aws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// describe takes down what is known of a target, and which condition keys about it are not.
func (k *target) describe(t *Target) {
	k.keyARN, k.kms = t.Key, [...]string{t.Spec, t.Usage, t.Origin, t.MultiRegion}
	for i, key := range [...]string{"kms:keyspec", "kms:keyusage", "kms:keyorigin"} { // of a multi-Region key see facts.multiRegion
		if k.realm == keys && k.kms[i] == "" {
			k.unknown = append(k.unknown, key)
		}
	}
	if k.account.OrgUnknown {
		k.unknown = append(k.unknown, "aws:resourceorgid", "aws:resourceorgpaths")
	}
	if t.TagsUnknown {
		k.unknown, k.blind = append(k.unknown, "aws:resourcetag/*", "secretsmanager:resourcetag/*"), append(k.blind, "tags")
	}
	if t.AliasesUnknown {
		k.unknown, k.blind = append(k.unknown, "kms:resourcealiases"), append(k.blind, "aliases")
	}
	unread := t.GrantsUnknown
	for _, g := range t.Grants {
		unread = unread || slices.ContainsFunc(g.Operations, func(o string) bool { return !resolved(o) })
		if g.Operations = slices.DeleteFunc(slices.Clone(g.Operations), strangeOperation); len(g.Operations) > 0 {
			k.resource.Grants = append(k.resource.Grants, g)
		}
	}
	if unread {
		k.blind = append(k.blind, "grants")
		k.resource.Grants = append(k.resource.Grants, Grant{Grantee: awspolicy.Unknown, Operations: operations})
	}
}

// context are the condition keys, in lower case, about a target that are known and that its ARN, tags and aliases do not say.
func (k *target) context() map[string]Values {
	out := map[string]Values{}
	for i, key := range [...]string{"kms:keyspec", "kms:keyusage", "kms:keyorigin"} {
		if k.kms[i] != "" {
			out[key] = Values{k.kms[i]}
		}
	}
	switch multi := k.kms[3]; multi {
	case "":
	case "NONE":
		out["kms:multiregion"] = Values{"false"}
	default:
		out["kms:multiregion"], out["kms:multiregionkeytype"] = Values{"true"}, Values{multi}
	}
	if a := k.account; !a.OrgUnknown {
		out["aws:resourceorgid"], out["aws:resourceorgpaths"] = Values{}, Values{} // none, whatever the caller's is
		if a.Org != "" {
			out["aws:resourceorgid"] = Values{a.Org}
			if path := orgPath(a.Org, a.Path); path != "" {
				out["aws:resourceorgpaths"] = Values{path}
			}
		}
	}
	return out
}

// keysOfSecrets finds the key of each secret. One that is not among those that were read may say anything.
func (ix *Index) keysOfSecrets(docs *papers) error {
	known := map[string]*target{} // by ARN, and the one that AWS manages for secrets by its site
	for _, k := range ix.targets {
		known[k.resource.ARN] = k
		if ofSecrets(&k.resource) {
			known[k.site] = k
		}
	}
	for _, s := range ix.targets {
		if s.realm != secrets {
			continue
		}
		arn, lacks := s.keyARN, Target{ARN: s.keyARN, TagsUnknown: true, AliasesUnknown: true, GrantsUnknown: true}
		if arn == "" {
			arn = strings.Replace(s.site, ":secretsmanager:", ":kms:", 1)
			lacks = Target{ARN: arn + "key/aws-secretsmanager", Aliases: []string{secretsAlias}}
		} else {
			lacks.Policy = []Document{Unread("policy of "+arn, "the key is not among those that were read")}
		}
		k := known[arn]
		if k == nil {
			made, err := ix.newTarget(docs, &lacks)
			if err != nil {
				return fmt.Errorf("secret %q: its key: %w", s.resource.ARN, err)
			}
			k = made
			known[arn] = k
		}
		s.key = k
	}
	return nil
}

// strangeOperation reports whether no action that is known is an operation.
func strangeOperation(name string) bool {
	return (&Grant{Operations: Values{name}}).check() != nil
}

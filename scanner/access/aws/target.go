package aws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// describe sets the condition keys about a target that are known, and says which are not.
func (k *target) describe(t *Target) {
	k.context, k.keyARN = map[string]Values{}, t.Key
	fact := func(key, value string) {
		if value == "" {
			k.unknown = append(k.unknown, strings.ToLower(key))
		} else {
			k.context[key] = Values{value}
		}
	}
	if k.realm == keys {
		fact("kms:KeySpec", t.Spec)
		fact("kms:KeyUsage", t.Usage)
		fact("kms:KeyOrigin", t.Origin)
		switch t.MultiRegion {
		case "", "NONE":
			fact("kms:MultiRegion", map[string]string{"NONE": "false"}[t.MultiRegion])
			if t.MultiRegion == "" {
				fact("kms:MultiRegionKeyType", "")
			}
		default:
			fact("kms:MultiRegion", "true")
			fact("kms:MultiRegionKeyType", t.MultiRegion)
		}
	}
	if a := k.account; a.OrgUnknown {
		k.unknown = append(k.unknown, "aws:resourceorgid", "aws:resourceorgpaths")
	} else {
		k.context["aws:ResourceOrgID"], k.context["aws:ResourceOrgPaths"] = Values{}, Values{}
		if a.Org != "" {
			k.context["aws:ResourceOrgID"] = Values{a.Org}
			k.context["aws:ResourceOrgPaths"] = Values{a.Org + "/" + strings.Join(a.Path, "/") + "/"}
		}
	}
	if t.TagsUnknown {
		k.unknown, k.blind = append(k.unknown, "aws:resourcetag/*", "secretsmanager:resourcetag/*"), append(k.blind, "tags")
	}
	if t.AliasesUnknown {
		k.unknown, k.blind = append(k.unknown, "kms:resourcealiases"), append(k.blind, "aliases")
	}
	if t.GrantsUnknown {
		k.blind = append(k.blind, "grants")
		k.resource.Grants = append(slices.Clone(t.Grants), Grant{Grantee: awspolicy.Unknown, Operations: operations})
	}
}

// operations are all that a grant can give.
var operations = func() (out Values) {
	for _, name := range KeyActions.Names(grantable) {
		out = append(out, strings.TrimPrefix(name, "kms:"))
	}
	return out
}()

// keysOfSecrets finds the key of each secret. One that is not among those that were read may say anything.
func (ix *Index) keysOfSecrets(docs *papers) error {
	known := map[string]*target{} // by ARN, and the one that AWS manages for secrets by its site
	for i := range ix.targets {
		k := &ix.targets[i]
		known[k.resource.ARN] = k
		if slices.Contains(k.resource.Aliases, secretsAlias) {
			known[k.site] = k
		}
	}
	for i := range ix.targets {
		s := &ix.targets[i]
		if s.realm != secrets {
			continue
		}
		arn, lacks := s.keyARN, Target{ARN: s.keyARN, TagsUnknown: true, AliasesUnknown: true, GrantsUnknown: true}
		if arn == "" {
			arn = strings.Replace(s.site, ":secretsmanager:", ":kms:", 1)
			lacks = Target{ARN: arn + "key/" + secretsAlias, Aliases: []string{secretsAlias}}
		} else {
			lacks.Policy = []Document{Unread("policy of "+arn, "the key is not among those that were read")}
		}
		k := known[arn]
		if k == nil {
			made, err := ix.newTarget(docs, &lacks)
			if err != nil {
				return fmt.Errorf("secret %q: its key: %w", s.resource.ARN, err)
			}
			k = &made
			known[arn] = k
		}
		if managed(&k.resource) && len(k.policy) == 0 {
			k.policy = docs.file(keyPolicy, []Document{{Name: "policy of keys that AWS manages", Text: managedPolicy(k.account.ID, throughSecrets(s.resource.ARN))}})
		}
		s.key = k
	}
	return nil
}

const secretsAlias = "alias/aws/secretsmanager"

func throughSecrets(arn string) string {
	return "secretsmanager." + part(arn, region) + ".amazonaws.com"
}

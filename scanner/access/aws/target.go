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
	for i, key := range [...]string{"kms:keyspec", "kms:keyusage", "kms:keyorigin"} { // of a multi-Region key its ARN tells

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
	if t.GrantsUnknown {
		k.blind = append(k.blind, "grants")
		k.resource.Grants = append(slices.Clone(t.Grants), Grant{Grantee: awspolicy.Unknown, Operations: operations})
	}
}

// context are the condition keys about a target that are known and that its ARN, tags and aliases do not say.
func (k *target) context() map[string]Values {
	out := map[string]Values{}
	for i, key := range [...]string{"kms:KeySpec", "kms:KeyUsage", "kms:KeyOrigin"} {
		if k.kms[i] != "" {
			out[key] = Values{k.kms[i]}
		}
	}
	switch multi := k.kms[3]; multi {
	case "":
	case "NONE":
		out["kms:MultiRegion"] = Values{"false"}
	default:
		out["kms:MultiRegion"], out["kms:MultiRegionKeyType"] = Values{"true"}, Values{multi}
	}
	if a := k.account; !a.OrgUnknown {
		out["aws:ResourceOrgID"], out["aws:ResourceOrgPaths"] = Values{}, Values{} // none, whatever the caller's is
		if a.Org != "" {
			out["aws:ResourceOrgID"] = Values{a.Org}
			out["aws:ResourceOrgPaths"] = Values{a.Org + "/" + strings.Join(a.Path, "/") + "/"}
		}
	}
	return out
}

// keysOfSecrets finds the key of each secret. One that is not among those that were read may say anything.
func (ix *Index) keysOfSecrets(docs *papers) error {
	known := map[string]*target{} // by ARN, and the one that AWS manages for secrets by its site
	for _, k := range ix.targets {
		known[k.resource.ARN] = k
		if slices.Contains(k.resource.Aliases, secretsAlias) {
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
			k = made
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

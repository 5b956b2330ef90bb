package inventorytest

import (
	"slices"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// forget lets one call of a collector fail: the facts that it answers are dropped and listed as unknown.
func (g *generator) forget(r *inventory.Resource) {
	refuse := func(why inventory.Reason, call, hint string, facts ...string) {
		for _, f := range facts {
			r.Unknown = append(r.Unknown, inventory.Unknown{Fact: f, Why: why, Call: call, Hint: hint})
		}
	}
	switch r.Type {
	case "aws.kms.key":
		switch g.rand.IntN(5) {
		case 0:
			r.Key.Rotation = &inventory.Rotation{Supported: r.Key.Rotation.Supported, KeepsOldForever: r.Key.Rotation.KeepsOldForever}
			refuse(inventory.Denied, "kms:GetKeyRotationStatus", "kms:GetKeyRotationStatus", "key.rotation.automatic", "key.rotation.next_at")
		case 1:
			r.Key.LastUse = nil
			refuse(inventory.Unsupported, "kms:GetKeyLastUsage", "", "key.last_use")
		case 2:
			r.Tags = nil
			refuse(inventory.Denied, "kms:ListResourceTags", "kms:ListResourceTags", "tags")
		case 3:
			r.Refs, r.Name = nil, string(r.ID[len(r.ID)-36:])
			refuse(inventory.Throttled, "kms:ListAliases", "", "refs")
		case 4:
			created := r.Key.CreatedAt
			r.Key.RotatedAt = nil
			refuse(inventory.Denied, "kms:ListKeyRotations", "kms:ListKeyRotations", "key.rotated_at")
			r.Unknown[len(r.Unknown)-1].After = created
		}
	case "vault.transit.key":
		r.Key = nil
		refuse(inventory.Denied, "GET transit/keys/"+r.Name, "transit/keys/+: read", "key")
	case "vault.kv.secret":
		r.Secret, r.Tags = nil, nil
		refuse(inventory.Denied, "GET secret/metadata/"+r.Name, "secret/metadata/*: read", "secret", "tags")
	case "vault.token":
		r.Credential = nil
		r.Refs = nil
		refuse(inventory.Throttled, "POST auth/token/lookup-accessor", "", "credential", "refs")
	case "vault.approle.role", "vault.kubernetes.role":
		r.Trust, r.Refs = &inventory.Trust{Method: r.Trust.Method, Mount: r.Trust.Mount}, nil
		facts := []string{"trust.policies", "trust.secret_id", "trust.token_bound_cidrs", "trust.token_period_seconds", "refs"}
		if r.Type == "vault.kubernetes.role" {
			facts = []string{"trust.policies", "trust.service_accounts", "trust.namespaces", "trust.namespace_selector", "trust.audience", "refs"}
		}
		slices.Sort(facts)
		refuse(inventory.Denied, "GET "+r.Trust.Mount+"/role/"+r.Name, r.Trust.Mount+"/role/+: read", facts...)
	}
}

package vault

import (
	"context"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// readPolicies lists the ACL policies. Their text is not read yet, so listing them is enough.
func (r *run) readPolicies(ctx context.Context) {
	names, err := r.client.list(ctx, listPolicies, place{})
	if err != nil {
		r.gap(ctx, "list of policies", listPolicies, place{}, err)
		return
	}
	for _, name := range names {
		res := r.resource("vault.policy", name, "")
		res.ID = r.policyID(name)
		res.Policy = &inventory.Policy{Builtin: ref(name == "default" || name == "root")}
		r.yield(ctx, res)
	}
}

func (r *run) policyID(name string) inventory.ID {
	return inventory.VaultID(r.server.config.Name, r.namespace, "sys/policies/acl", name)
}

package vault

import (
	"context"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// tokenRoles are terms on which somebody who has a token may make others.
var tokenRoles = engine{
	name: "token", what: "token roles", list: listTokenRoles, read: readTokenRole,
	start: func(res *inventory.Resource, mount string) {
		res.Trust = &inventory.Trust{Method: "token", Mount: "auth/" + mount}
	},
	fill: func(r *run, a *answer) {
		t := a.Trust
		t.Policies = a.texts("trust.policies", "allowed_policies")
		t.PolicyPatterns = a.texts("trust.policy_patterns", "allowed_policies_glob")
		t.DeniedPolicies = a.texts("trust.denied_policies", "disallowed_policies")
		t.DeniedPatterns = a.texts("trust.denied_patterns", "disallowed_policies_glob")
		t.EntityAliases = a.texts("trust.entity_aliases", "allowed_entity_aliases")
		t.Orphan = a.flag("trust.orphan", "orphan")
		t.TokenPeriodSeconds = a.number("trust.token_period_seconds", "token_period")
		// Vault leaves them out when there are none.
		if t.TokenBoundCIDRs = []string{}; a.has("token_bound_cidrs") || !a.has("allowed_policies", "orphan", "token_period") {
			t.TokenBoundCIDRs = a.texts("trust.token_bound_cidrs", "token_bound_cidrs")
		}
		t.NoDefaultPolicy = a.flag("trust.no_default_policy", "token_no_default_policy")
		r.grants(a, t.Policies)
	},
}

// readTokenRoles adds their reading to the work. Every namespace has the auth method of tokens, which cannot be moved.
func (r *run) readTokenRoles(ctx context.Context) { r.readEngine(ctx, tokenRoles, "token", false) }

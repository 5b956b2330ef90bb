package vault

import "github.com/keyreeve/keyreeve/scanner/inventory"

// tokenTerms reads what all auth methods state of the tokens they issue.
func (r *run) tokenTerms(a *answer) {
	t := a.Trust
	t.Policies = a.texts("trust.policies", "token_policies")
	t.TokenTTLSeconds = a.number("trust.token_ttl_seconds", "token_ttl")
	t.TokenMaxTTLSeconds = a.number("trust.token_max_ttl_seconds", "token_max_ttl")
	t.TokenPeriodSeconds = a.number("trust.token_period_seconds", "token_period")
	t.TokenBoundCIDRs = a.texts("trust.token_bound_cidrs", "token_bound_cidrs")
	t.NoDefaultPolicy = a.flag("trust.no_default_policy", "token_no_default_policy")
	r.grants(a, t.Policies)
}

// grants refers to the policies that a role or token carries; nil is "not read".
func (r *run) grants(a *answer, policies []string) {
	if policies == nil {
		a.unknown("refs", inventory.NotRead, "")
	}
	for _, name := range policies {
		a.Refs = append(a.Refs, inventory.Ref{Edge: "grants", To: r.policyID(name), Target: "vault.policy", Name: name})
	}
}

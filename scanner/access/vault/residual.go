package vault

import (
	"cmp"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// residual is what a rule asks, by Vault's names, of requests that need one of these capabilities.
func (r *rule) residual(of Capabilities) []access.Residual {
	var out []access.Residual
	add := func(asks bool, class access.Class, key string) {
		if asks {
			out = append(out, access.Residual{Class: class, Key: key, Statement: r.statement()})
		}
	}
	held := of&holdParameters != 0
	add(held && len(r.required) > 0, access.How, "required_parameters")
	add(held && r.limited && len(r.allowed) > 0, access.How, "allowed_parameters")
	add(held && len(r.denied) > 0, access.How, "denied_parameters")
	add(r.minWrap > 0, access.How, "min_wrapping_ttl")
	add(r.maxWrap > 0, access.How, "max_wrapping_ttl")
	return append(out, r.approvals(of)...)
}

// approvals is what a rule asks of the caller and of others, which no request holds.
func (r *rule) approvals(of Capabilities) []access.Residual {
	out := []access.Residual{}
	if r.mfa {
		out = append(out, access.Residual{Class: access.When, Key: "mfa_methods", Statement: r.statement()})
	}
	if r.controls(of) {
		out = append(out, access.Residual{Class: access.Who, Key: "control_group", Statement: r.statement()})
	}
	return out
}

// sudoResidual is that a rule without sudo decides on a path that may be protected.
func sudoResidual(r *rule) access.Residual {
	return access.Residual{Class: access.What, Key: "sudo", Statement: r.statement()}
}

func compareResidual(a, b access.Residual) int {
	return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Statement, b.Statement))
}

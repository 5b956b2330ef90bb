package vault

import (
	"slices"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// bound is a list of networks that a token, or the login which yields it, is held to.
type bound struct {
	fact, key string
	of        func(*inventory.Resource) []string
}

// bounds are those that Vault keeps. See "Tokens: CIDR-bound tokens" and the API of AppRole in its documentation.
var bounds = []bound{
	{"trust.token_bound_cidrs", "token_bound_cidrs", func(r *inventory.Resource) []string {
		if r.Trust == nil {
			return nil
		}
		return r.Trust.TokenBoundCIDRs
	}},
	{"trust.secret_id.bound_cidrs", "secret_id_bound_cidrs", func(r *inventory.Resource) []string {
		if r.Trust == nil || r.Trust.SecretID == nil {
			return nil
		}
		return r.Trust.SecretID.BoundCIDRs
	}},
	{"credential.bound_cidrs", "bound_cidrs", func(r *inventory.Resource) []string {
		if r.Credential == nil {
			return nil
		}
		return r.Credential.BoundCIDRs
	}},
}

// where is on which networks what a holder has hangs, and what of that was not read. Summaries do not ask: whoever is in such a network may
// do all of it.
func (h *holder) where() (out []access.Residual, unread []access.Unread) {
	for _, b := range bounds {
		if len(b.of(h.resource)) > 0 {
			out = append(out, access.Residual{Class: access.Where, Key: b.key, Statement: h.principal})
		} else if u := h.resource.Unread(b.fact); u != nil {
			unread = append(unread, causeOf(b.key, h.principal, u).Unread)
		}
	}
	return out, unread
}

// from is an answer as it is for one of the holders. What is allowed hangs on their networks, or on whether there are any.
func (a answer) from(h *holder) answer {
	where, unread := h.where()
	if a.Decision == access.Denied || len(where)+len(unread) == 0 {
		return a
	}
	a.Decision = access.Conditional
	a.Residual, a.unread = slices.Concat(a.Residual, where), slices.Concat(a.unread, unread)
	sortResidual(a.Residual)
	return a
}

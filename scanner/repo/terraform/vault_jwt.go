package terraform

import (
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/vaultpolicy"
)

// jwtRole reads whom a role of JWT and OIDC trusts. An audience that is empty is none.
func jwtRole(m *mapping, b *block) {
	d := m.role(b, "vault.jwt.role", "jwt", b.first("bound_subject", "bound_claims", "bound_audiences"))
	t := d.r.Trust
	t.BoundSubject = d.word("trust.bound_subject", "bound_subject")
	t.BoundAudiences = slices.DeleteFunc(d.words("trust.bound_audiences", "bound_audiences"), func(a string) bool { return strings.TrimSpace(a) == "" })
	t.BoundClaims = d.boundClaims("trust.bound_claims")
	d.issuer(m)
}

// keysOf are the ends of addresses under which issuers publish their keys.
var keysOf = []string{"/.well-known/jwks", "/.well-known/jwks.json", "/.well-known/openid-configuration", "/oauth/discovery/keys", "/-/jwks"}

// issuer tells whose tokens a role takes, as the method states it that the role is of. Of a method that is not declared here nothing
// is told.
func (d *draft) issuer(m *mapping) {
	const method = "vault_jwt_auth_backend"
	found, sure := m.targets(&d.block, "backend", "path", method)
	if path, ok := d.text("backend"); ok && d.raw("backend") == cty.NilVal {
		found = slices.DeleteFunc(slices.Clone(m.ofType[place{d.in.Root, method}]), func(in *Instance) bool { return !in.called("path", path) })
		sure = len(found) == 1
	}
	switch {
	case len(found) == 0:
		return
	case !sure:
		d.open("trust.issuer", "which "+method+" it is of cannot be told")
		return
	}
	of := draft{block: *ofInstance(found[0]), r: d.r}
	address := of.word("trust.issuer", of.first("bound_issuer", "oidc_discovery_url", "jwks_url"))
	for _, end := range keysOf {
		address = strings.TrimSuffix(address, end)
	}
	d.r.Trust.Issuer = strings.TrimSuffix(address, "/")
}

// boundClaims are the names of the claims that a role holds to a value. The sources are the page of the resource in the documentation
// of the Vault provider and that of the method in Vault's:
//
//   - a value is a list of alternatives with commas between them, unless disable_bound_claims_parsing is set;
//   - where bound_claims_type is "glob", an alternative of nothing but * allows anything, and so the claim is not bound; nor is one by
//     "*/*", as every repository has an owner, or a subject by what all of an issuer begin with.
//
// All claims have to match, so one that is bound for certain answers for those that are not known, which are left out.
func (d *draft) boundClaims(fact string) []string {
	bound := []string{}
	v := d.raw("bound_claims")
	if v == cty.NilVal {
		return bound
	}
	bare, marks := v.Unmark()
	if !bare.IsKnown() || !bare.CanIterateElements() || bare.Type().IsTupleType() {
		d.open(fact, d.unresolved("bound_claims", v))
		return bound
	}
	kind, whyKind := d.read("bound_claims_type", cty.String)
	unsplit, whySplit := d.read("disable_bound_claims_parsing", cty.Bool)
	glob := whyKind != "" || kind != cty.NilVal && kind.AsString() == "glob"
	for it := bare.ElementIterator(); it.Next(); {
		k, value := it.Element()
		name, _ := k.Unmark()
		is, known := value.Unmark()
		switch {
		case is.IsKnown() && is.IsNull():
			continue
		case !is.IsKnown() && (!is.Range().DefinitelyNotNull() || glob && strings.Contains(shapeOf(value), awspolicy.Unknown)):
			d.open(fact, d.unresolved("bound_claims", value.WithMarks(known, marks)))
			continue
		}
		alternatives := []string{shapeOf(value)}
		if glob && (unsplit == cty.NilVal || unsplit.False()) {
			alternatives = strings.Split(alternatives[0], ",")
		}
		if glob && slices.ContainsFunc(alternatives, func(a string) bool { return vaultpolicy.AnyClaim(name.AsString(), a) }) {
			switch {
			case whyKind != "":
				d.open(fact, whyKind)
			case whySplit != "" && len(alternatives) > 1:
				d.open(fact, whySplit)
			}
			continue
		}
		bound = append(bound, name.AsString())
	}
	if len(bound) > 0 {
		d.close(fact)
	}
	return bound
}

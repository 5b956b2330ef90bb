package terraform

import (
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// jwtRole reads whom a role of JWT and OIDC trusts. An audience that is empty is none.
func jwtRole(m *mapping, b *block) {
	d := m.role(b, "vault.jwt.role", "jwt", b.first("bound_subject", "bound_claims", "bound_audiences"))
	t := d.r.Trust
	t.BoundSubject = d.word("trust.bound_subject", "bound_subject")
	t.BoundAudiences = slices.DeleteFunc(d.words("trust.bound_audiences", "bound_audiences"), func(a string) bool { return strings.TrimSpace(a) == "" })
	t.BoundClaims = d.boundClaims("trust.bound_claims")
}

// boundClaims are the names of the claims that a role holds to a value. The sources are the page of the resource in the documentation
// of the Vault provider and that of the method in Vault's:
//
//   - a value is a list of alternatives with commas between them, unless disable_bound_claims_parsing is set;
//   - where bound_claims_type is "glob", an alternative of nothing but * allows anything, and so the claim is not bound.
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
		if glob && slices.ContainsFunc(alternatives, anything) {
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

// anything reports whether a glob pattern allows every value.
func anything(pattern string) bool {
	pattern = strings.TrimSpace(pattern)
	return pattern != "" && strings.Trim(pattern, "*") == ""
}

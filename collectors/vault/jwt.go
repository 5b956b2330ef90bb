package vault

import (
	"slices"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/vaultpolicy"
)

// jwt and oidc are one auth method under two names.
var (
	jwt  = jwtMethod("jwt")
	oidc = jwtMethod("oidc")
)

func jwtMethod(name string) engine {
	return engine{
		name: name, auth: true, usual: name, what: "JWT roles", list: listJWTRoles, read: readJWTRole,
		start: func(res *inventory.Resource, mount string) {
			res.Trust = &inventory.Trust{Method: "jwt", Mount: "auth/" + mount}
		},
		fill: func(r *run, a *answer) {
			r.tokenTerms(a)
			t := a.Trust
			t.BoundSubject = a.text("trust.bound_subject", "bound_subject")
			// An audience that is empty is none: see validateAudience of the plugin, which compares texts.
			t.BoundAudiences = slices.DeleteFunc(a.texts("trust.bound_audiences", "bound_audiences"), func(s string) bool { return s == "" })
			t.BoundClaims = a.boundClaims()
		},
	}
}

// boundClaims are the names of the claims that are bound to something. A claim that a glob pattern holds to anything is not.
func (a *answer) boundClaims() []string {
	const fact = "trust.bound_claims"
	names := []string{}
	if string(a.fields["bound_claims"]) == "null" {
		return names
	}
	claims, ok := get[map[string]any](a, fact, "bound_claims")
	if !ok {
		return nil
	}
	how, ok := get[string](a, fact, "bound_claims_type")
	if !ok {
		return nil
	}
	for name, value := range claims {
		alternatives, several := value.([]any)
		if !several {
			alternatives = []any{value}
		}
		if how == "glob" && slices.ContainsFunc(alternatives, func(v any) bool { text, is := v.(string); return is && vaultpolicy.AnyClaim(name, text) }) {
			continue
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

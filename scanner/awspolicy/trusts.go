package awspolicy

import (
	"maps"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Trusts says whom the trust policy of a role lets assume it. A statement that trusts several kinds of principals becomes one for
// each, and one for each OpenID Connect provider; statements that deny are left out. Restricted is about conditions other than those
// on :sub and :aud, which Subjects and Audiences hold.
//
// Open is as for Statements.
func Trusts(doc Document) (trusts []inventory.TrustStatement, open string) {
	trusts = []inventory.TrustStatement{}
	for i := range doc.Statements {
		s := &doc.Statements[i]
		if s.Effect == "Deny" {
			continue
		}
		found, part := s.trusts()
		if part != "" && open == "" {
			open = part + " of " + s.called(i)
		}
		for _, f := range found {
			f.At = s.At(i)
			trusts = append(trusts, f)
		}
	}
	return trusts, open
}

// assume are the actions that make somebody the role. sts:TagSession and sts:SetSourceIdentity only go with them.
var assume = []string{"sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity"}

func (s *Statement) trusts() (out []inventory.TrustStatement, part string) {
	var actions [3]certain
	named := s.named()
	for i, a := range assume {
		actions[i] = named(a)
	}
	switch {
	case slices.Max(actions[:]) == no:
		return nil, ""
	case slices.Max(actions[:]) == unresolved:
		return nil, "Action"
	case s.Effect != "Allow":
		return nil, "Effect"
	}
	trusted, ok := s.trusted(actions[1] > no, actions[2] > no)
	if !ok {
		return nil, "Principal"
	}
	restricted := s.narrows(callersOfRoles)
	for _, who := range trusted {
		who.Subjects, who.Audiences = []string{}, []string{}
		if who.Who == "oidc" {
			var subjects, audiences certain
			who.Subjects, subjects = s.holds(":sub")
			who.Audiences, audiences = s.holds(":aud")
			if subjects == unresolved || audiences == unresolved {
				return nil, "Condition"
			}
		}
		if restricted == unresolved {
			return nil, "Condition"
		}
		who.Restricted = restricted == yes
		out = append(out, who)
	}
	return out, ""
}

// callersOfRoles are the condition keys that say who assumes a role: those of callers, and more. An external ID is chosen by the
// account that the role is for. The claims, by how the key ends, are those of the platforms' tokens that AWS compares and that
// strangers on the same platform cannot have; from "Actions, resources, and condition keys for AWS Security Token Service".
var callersOfRoles = func() map[string]shape {
	keys := map[string]shape{
		"sts:externalid": whole,
		// GitHub
		":repository": leading, ":repository_id": whole, ":repository_owner_id": whole, ":enterprise_id": whole, ":job_workflow_ref": leading, ":actor": whole, ":actor_id": whole,
		// GitLab
		":project_id": whole, ":namespace_id": whole, ":user_id": whole, ":user_login": whole, ":user_email": whole,
		// Buildkite, CircleCI
		":organization_id": whole, ":organization_slug": whole, ":pipeline_id": whole, ":cluster_id": whole, "/project-id": whole,
		// Facebook, Amazon, Oracle
		"graph.facebook.com:id": whole, ":app_id": whole, ":rpst_id": whole,
	}
	maps.Copy(keys, callers)
	return keys
}()

// order is that of the kinds of principals of AWS's own, the widest first: of these, a statement is known by the widest.
var order = []string{"everyone", "account", "principal"}

// trusted lists the kinds of principals of a statement and the providers of tokens. It is not ok if some are not resolved.
func (s *Statement) trusted(saml, web bool) (out []inventory.TrustStatement, ok bool) {
	if len(s.NotPrincipals) > 0 || s.everyone() == yes {
		return []inventory.TrustStatement{{Who: "everyone"}}, true
	}
	widest := len(order)
	for _, p := range s.Principals {
		who, provider := p.who(saml, web)
		if who == "" {
			return nil, false
		}
		if at := slices.Index(order, who); at >= 0 {
			widest = min(widest, at)
			continue
		}
		t := inventory.TrustStatement{Who: who, Provider: provider}
		if !slices.ContainsFunc(out, func(o inventory.TrustStatement) bool { return o.Who == t.Who && o.Provider == t.Provider }) {
			out = append(out, t)
		}
	}
	if widest < len(order) {
		out = append(out, inventory.TrustStatement{Who: order[widest]})
	}
	slices.SortFunc(out, func(a, b inventory.TrustStatement) int {
		return strings.Compare(a.Who+"\x00"+a.Provider, b.Who+"\x00"+b.Provider)
	})
	return out, true
}

// who tells the kind of a principal, and of one that proves itself with tokens of OpenID Connect the issuer, as far as it is known.
// Where the provider is not resolved, what may be asked for tells it: saml and web. Empty: it cannot be told.
func (p Principal) who(saml, web bool) (who, provider string) {
	switch p.Type {
	case "AWS", "*":
		return accountOrPrincipal(p.Value), ""
	case "Service":
		return "service", ""
	case "CanonicalUser":
		return "other", ""
	case "Federated":
		if _, issuer, ok := strings.Cut(p.Value, ":oidc-provider/"); ok {
			if open(issuer) {
				issuer = ""
			}
			return "oidc", clear(issuer)
		}
		switch unsure := strings.ContainsAny(p.Value, Unknown+Computed); {
		case strings.Contains(p.Value, ":saml-provider/"):
			return "saml", ""
		case !unsure && !strings.HasPrefix(p.Value, "arn:"):
			return "oidc", p.Value // "accounts.google.com", "cognito-identity.amazonaws.com": the providers that need no ARN
		case unsure && web && !saml:
			return "oidc", ""
		case unsure && saml && !web:
			return "saml", ""
		case !unsure:
			return "other", ""
		}
	}
	return "", ""
}

// accountOrPrincipal tells what a principal of type AWS is; empty if what is not resolved decides that.
func accountOrPrincipal(value string) string {
	digits := func(s string) bool { return strings.Trim(s, "0123456789") == "" }
	switch segments := strings.SplitN(value, ":", 6); {
	case len(segments) == 6 && segments[0] == "arn":
		switch {
		case segments[5] == "root":
			return "account"
		case segments[5] == Unknown || segments[5] == Computed:
			return ""
		}
		return "principal"
	case strings.ContainsAny(value, Unknown+Computed):
		return ""
	case len(value) == 12 && digits(value):
		return "account"
	}
	return "principal" // its unique ID, such as "AROA..."
}

// holds returns the patterns to which conditions certainly hold a claim of the provider's tokens. Of several conditions, it takes one
// without wildcards before one with them. A condition on another provider's claim lets nobody in, so the provider need not be compared.
func (s *Statement) holds(claim string) (patterns []string, held certain) {
	patterns = []string{}
	for _, c := range s.Conditions {
		key := strings.ToLower(strings.ReplaceAll(c.Key, Computed, ""))
		demands := s.demands(c)
		if demands == no || len(c.Values) == 0 || !strings.HasSuffix(key, claim) && !(open(key) && strings.HasSuffix(key, Unknown)) {
			continue
		}
		if demands == unresolved || !strings.HasSuffix(key, claim) || slices.ContainsFunc(c.Values, open) {
			held = max(held, unresolved)
			continue
		}
		values := make([]string, len(c.Values))
		for i, v := range c.Values {
			values[i] = clear(v)
		}
		slices.Sort(values)
		values = slices.Compact(values)
		if held != yes || narrower(values, patterns) {
			patterns, held = values, yes
		}
	}
	return patterns, held
}

// narrower reports whether a list of patterns has fewer with wildcards than another; the order of the lists decides between equals, so
// that of the conditions does not.
func narrower(a, b []string) bool {
	wild := func(list []string) (n int) {
		for _, s := range list {
			if strings.ContainsAny(s, "*?") {
				n++
			}
		}
		return n
	}
	if x, y := wild(a), wild(b); x != y {
		return x < y
	}
	return slices.Compare(a, b) < 0
}

// clear writes a text for people: what is only known later is "(computed)".
func clear(s string) string { return strings.ReplaceAll(s, Computed, "(computed)") }

package aws

import (
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// classes of condition keys, by how they begin in lower case; the first that fits counts. A key of an identity provider, such as
// "token.actions.githubusercontent.com:sub", asks who; any other how.
var classes = []struct {
	start string
	class access.Class
}{
	{"aws:principal", access.Who},
	{"aws:userid", access.Who},
	{"aws:username", access.Who},
	{"aws:sourceaccount", access.Who},
	{"aws:sourcearn", access.Who},
	{"aws:sourceorg", access.Who},
	{"aws:sourceowner", access.Who},
	{"aws:sourceidentity", access.Who},
	{"aws:federatedprovider", access.Who},
	{"kms:calleraccount", access.Who},
	{"sts:rolesessionname", access.Who},
	{"sts:sourceidentity", access.Who},
	{"saml:", access.Who},
	{"aws:sourceip", access.Where},
	{"aws:sourcevpc", access.Where},
	{"aws:vpc", access.Where},
	{"aws:requestedregion", access.Where},
	{"aws:ec2instancesource", access.Where},
	{"aws:multifactorauth", access.When},
	{"aws:currenttime", access.When},
	{"aws:epochtime", access.When},
	{"aws:tokenissuetime", access.When},
	{"aws:resource", access.What},
	{"kms:resourcealiases", access.What},
	{"kms:requestalias", access.What},
	{"kms:key", access.What},
	{"kms:customermasterkey", access.What},
	{"kms:multiregion", access.What},
	{"secretsmanager:resource", access.What},
	{"secretsmanager:secretid", access.What},
	{"secretsmanager:secretprimaryregion", access.What},
	{"secretsmanager:kmskey", access.What},
}

// classify says what a condition key asks about.
func classify(key string) access.Class {
	key = strings.ToLower(key)
	for _, c := range classes {
		if strings.HasPrefix(key, c.start) {
			return c.class
		}
	}
	provider, _, found := strings.Cut(key, ":")
	if found && strings.Contains(provider, ".") {
		return access.Who
	}
	return access.How
}

// residual lists what leaves open whether a statement or grant applies.
func (m *match) residual(w *weighing) []access.Residual {
	s := m.statement
	if s == nil {
		return m.left
	}
	var out []access.Residual
	leave := func(class access.Class, key string) {
		out = append(out, access.Residual{Class: class, Key: key, Statement: m.name})
	}
	variable := func(key string) {
		if values, state := w.facts.of(key); state == unknown || holed(values) {
			leave(classify(key), key)
		}
	}
	if s.unread() {
		leave(access.How, m.at.place.String())
		return out
	}
	if m.exempt {
		leave(access.Who, "aws:PrincipalArn")
	}
	if s.allows && s.denies {
		leave(access.How, "Effect")
	}
	if s.concerns(w.facts.action) == access.Maybe {
		leave(access.How, "Action")
	}
	for i := range s.resources {
		r := &s.resources[i]
		r.variables(variable)
		if r.open || !m.at.place.side.ofIdentity() && r.isShort(w.facts, w.facts.request.Resource.ARN) {
			leave(access.What, "Resource")
		}
	}
	told := len(out)
	for i := range s.principals {
		if s.principals[i].open {
			leave(access.Who, "Principal")
		} else if _, truth := s.principals[i].names(&w.caller); truth == access.Maybe {
			leave(access.Who, "session_name")
		}
	}
	if s.notPrincipals && len(out) == told && s.naming(&w.caller, len(w.facts.request.Principal.Boundary) > 0)[anyone] == access.Maybe {
		leave(access.Who, "NotPrincipal") // the caller is listed in part
	}
	for i := range s.conditions {
		c := &s.conditions[i]
		if c.holds(w.facts) != access.Maybe {
			continue
		}
		values, state := w.facts.of(c.key)
		if c.open || state != given || len(values) > 1 || holed(values) {
			leave(classify(c.key), c.name)
		}
		for j := range c.values {
			c.values[j].variables(variable)
			if c.values[j].text.open && state != unknown {
				leave(classify(c.key), c.name)
			}
		}
	}
	return out
}

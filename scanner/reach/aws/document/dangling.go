package document

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// dangling lists the names of those who were deleted. IAM puts the unique ID of a user or role in place of its ARN in stored documents
// when it goes, and no ID comes back. From "AWS JSON policy elements: Principal". Names in a declared document are taken as they stand,
// because what they name may be made later.
func dangling(p *paper, sum *access.Summary) string {
	exists := p.exists
	if p.of.Origin == inventory.Declared {
		exists = func(string) access.Truth { return access.Yes }
	}
	list, open := []access.Dangling{}, ""
	ask := func(what string) {
		if open == "" {
			open = "whether " + what + " exists"
		}
	}
	for _, n := range namesIn(p.doc) {
		is := access.No
		if !deleted(n.Name) {
			is = exists(n.Name)
		}
		switch is {
		case access.No:
			list = append(list, n)
		case access.Maybe:
			ask(n.Name)
		}
	}
	for i := range p.doc.Statements {
		if slices.ContainsFunc(p.doc.Statements[i].Principals, func(w awspolicy.Principal) bool { return w.Type == awspolicy.Unknown }) {
			ask("whoever " + p.doc.Statements[i].At(i) + " names")
		}
	}
	sum.Dangling = list
	if len(list) > 0 {
		return ""
	}
	return open
}

// deleted reports whether a principal is the unique ID of a user, role or group.
func deleted(name string) bool {
	if len(name) < 16 || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return false
	}
	switch name[:4] {
	case "AIDA", "AROA", "AGPA", "AIPA":
		return true
	}
	return false
}

// namesIn lists whom a document names by ARN or unique ID: the users, roles, sessions and identity providers of its statements, and of
// its conditions on aws:PrincipalArn. What is named by an ARN that AWS does not replace by an ID is met by whoever makes something of
// that name: a session, a provider, a name in a condition. Names with wildcards or with a part that is not resolved are left out, and so
// are accounts.
func namesIn(doc awspolicy.Document) (out []access.Dangling) {
	for i := range doc.Statements {
		s := &doc.Statements[i]
		allows := s.Effect == "Allow"
		add := func(name string, reusable bool) {
			if !marked(name) && !strings.ContainsAny(name, "*?$") && (deleted(name) || isIdentity(name) || isSession(name) || isProvider(name)) {
				out = append(out, access.Dangling{Name: name, At: s.At(i), Reusable: reusable})
			}
		}
		for _, list := range [][]awspolicy.Principal{s.Principals, s.NotPrincipals} {
			for _, p := range list {
				if p.Type == "AWS" || p.Type == "Federated" {
					add(p.Value, allows && !deleted(p.Value) && !isIdentity(p.Value))
				}
			}
		}
		for _, c := range s.Conditions {
			// A statement that denies all others spares the names.
			if spares := strings.Contains(strings.ToLower(c.Operator), "not"); strings.EqualFold(c.Key, "aws:PrincipalArn") && (!spares || !allows) {
				for _, v := range c.Values {
					add(v, allows || spares)
				}
			}
		}
	}
	return out
}

// isIdentity reports whether a name is the ARN of a user or role.
func isIdentity(name string) bool { return isOf(name, "iam", "role/", "user/") }

// isSession reports whether a name is the ARN of a session of a role.
func isSession(name string) bool { return isOf(name, "sts", "assumed-role/") }

// isProvider reports whether a name is the ARN of an identity provider.
func isProvider(name string) bool { return isOf(name, "iam", "oidc-provider/", "saml-provider/") }

func isOf(name, service string, kinds ...string) bool {
	segments := strings.SplitN(name, ":", 6)
	return len(segments) == 6 && segments[0] == "arn" && segments[2] == service &&
		slices.ContainsFunc(kinds, func(kind string) bool { return strings.HasPrefix(segments[5], kind) })
}

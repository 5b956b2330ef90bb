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

// namesIn lists whom a document names by ARN or unique ID: the users and roles of its statements, and of its conditions on
// aws:PrincipalArn, which whoever makes a principal of that name meets. Names with wildcards or with a part that is not resolved are
// left out, and so are accounts and sessions.
func namesIn(doc awspolicy.Document) (out []access.Dangling) {
	for i := range doc.Statements {
		s := &doc.Statements[i]
		add := func(name string, reusable bool) {
			if !marked(name) && !strings.ContainsAny(name, "*?$") && (deleted(name) || isIdentity(name)) {
				out = append(out, access.Dangling{Name: name, At: s.At(i), Reusable: reusable})
			}
		}
		for _, list := range [][]awspolicy.Principal{s.Principals, s.NotPrincipals} {
			for _, p := range list {
				if p.Type == "AWS" {
					add(p.Value, false)
				}
			}
		}
		for _, c := range s.Conditions {
			if strings.EqualFold(c.Key, "aws:PrincipalArn") && !strings.Contains(strings.ToLower(c.Operator), "not") {
				for _, v := range c.Values {
					add(v, s.Effect == "Allow")
				}
			}
		}
	}
	return out
}

// isIdentity reports whether a name is the ARN of a user or role.
func isIdentity(name string) bool {
	segments := strings.SplitN(name, ":", 6)
	return len(segments) == 6 && segments[0] == "arn" && segments[2] == "iam" && (strings.HasPrefix(segments[5], "role/") || strings.HasPrefix(segments[5], "user/"))
}

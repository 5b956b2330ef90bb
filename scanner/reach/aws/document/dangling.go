package document

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// dangling lists the names of those who were deleted. Of a live document, it leaves open whether its ARNs are somebody's: other
// resources say. Of a declared one they are taken as they stand, because what they name may be made later.
func dangling(p *paper, sum *access.Summary) string {
	unsure := func(string) access.Truth { return access.Maybe }
	if p.of.Origin == inventory.Declared {
		unsure = func(string) access.Truth { return access.Yes }
	}
	list, open := missing(p.doc, unsure)
	for i := range p.doc.Statements {
		if slices.ContainsFunc(p.doc.Statements[i].Principals, func(w awspolicy.Principal) bool { return w.Type == awspolicy.Unknown }) {
			open = append(open, "whom "+p.doc.Statements[i].At(i)+" names")
		}
	}
	sum.Dangling = list
	if len(list) > 0 || len(open) == 0 {
		return ""
	}
	return "whether " + open[0] + " exists"
}

// Missing lists whom a document names and who does not exist, and the names of which it is not known. IAM puts the unique ID of a user
// or role in place of its ARN in stored documents when it goes, and no ID comes back. From "AWS JSON policy elements: Principal". Exists
// says whether an ARN is that of a user or role.
func Missing(text string, exists func(arn string) access.Truth) (list []access.Dangling, open []string, err error) {
	doc, err := awspolicy.ParseKeyPolicy([]byte(text))
	if err != nil {
		return nil, nil, err
	}
	list, open = missing(doc, exists)
	return list, open, nil
}

func missing(doc awspolicy.Document, exists func(arn string) access.Truth) (list []access.Dangling, open []string) {
	list = []access.Dangling{}
	for _, n := range namesIn(doc) {
		is := access.No
		if !deleted(n.Name) {
			is = exists(n.Name)
		}
		switch is {
		case access.No:
			list = append(list, n)
		case access.Maybe:
			open = append(open, n.Name)
		}
	}
	return list, open
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

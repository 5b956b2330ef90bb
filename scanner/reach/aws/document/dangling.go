package document

import (
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// dangling lists the names of those who were deleted: IAM puts the unique ID of a user or role in place of its ARN in stored documents
// when it goes. From "AWS JSON policy elements: Principal". Whether the ARNs in a document are somebody's, other documents say: see Names.
func dangling(p *paper, sum *access.Summary) string {
	sum.Dangling = []access.Dangling{}
	for _, n := range namesIn(p.doc) {
		if deleted(n.Name) {
			sum.Dangling = append(sum.Dangling, n)
		}
	}
	return ""
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

// Names lists whom a document names by ARN or unique ID: the users and roles of its statements, and of its conditions on
// aws:PrincipalArn, which whoever makes a principal of that name meets. Names with wildcards or with a part that is not resolved are
// left out.
func Names(text string) ([]access.Dangling, error) {
	doc, err := awspolicy.ParseKeyPolicy([]byte(text))
	if err != nil {
		return nil, err
	}
	return namesIn(doc), nil
}

func namesIn(doc awspolicy.Document) (out []access.Dangling) {
	for i := range doc.Statements {
		s := &doc.Statements[i]
		add := func(name string, reusable bool) {
			if !marked(name) && !strings.ContainsAny(name, "*?$") && (deleted(name) || strings.HasPrefix(name, "arn:")) {
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

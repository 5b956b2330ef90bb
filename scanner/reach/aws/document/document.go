// Package document answers what one policy document of AWS says by itself, whatever others say: whether it lets a stranger in, whether an
// identity's policy is about every key, whom a trust policy admits from an identity provider, and which of its names nobody has.
// The same questions are put to documents of live and of declared resources.
//
// It decides nothing itself: it makes up strangers and asks the evaluator of package access/aws. What several documents come to is left to
// others.
package document

import (
	"maps"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// questions are what can be asked of a single document, by the type of its resource. Each fills its part of a summary and names the
// first part of the document that is not resolved and on which the answer hangs.
var questions = map[string]map[string]func(*paper, *access.Summary) (open string){
	"aws.kms.policy":            {"everyone": everyone, "dangling": dangling},
	"aws.kms.grant":             {"dangling": dangling},
	"aws.secretsmanager.policy": {"everyone": everyone, "dangling": dangling},
	"aws.iam.policy":            {"wildcards": wildcards},
	"aws.iam.role":              {"federation": federation, "dangling": dangling},
}

// inCode are what can be asked as well of a document that stands in code, which nothing puts together with others.
var inCode = map[string]map[string]func(*paper, *access.Summary) (open string){
	"aws.kms.policy":            {"conflicts": conflicts, "grantors": grantors, "outsiders": outsiders},
	"aws.secretsmanager.policy": {"outsiders": outsiders},
}

// questionsOn are what can be asked of a resource's document.
func questionsOn(r *inventory.Resource) map[string]func(*paper, *access.Summary) (open string) {
	asked := questions[r.Type]
	if more := inCode[r.Type]; more != nil && r.Origin == inventory.Declared {
		asked = maps.Clone(asked)
		maps.Copy(asked, more)
	}
	return asked
}

// parts are the facts of a summary that hang on more than one document.
var parts = []string{
	"users", "administrators", "conflicts", "self_grants", "account_wide", "more_beneficiaries", "everyone", "outsiders", "grantors", "bypasses", "reaches",
	"dangling", "shadows", "mints", "wildcards", "federation",
}

// Found summarizes a document by itself. What takes more than it is unknown. A resource of another type, or one whose document is not
// there, was not asked about. Exists says whether an ARN is that of a user, role or identity provider, or of a session of a
// role; nothing is asked of it for declared resources.
func Found(r *inventory.Resource, exists func(arn string) access.Truth) access.Found {
	if questions[r.Type] == nil {
		return access.Found{}
	}
	found := access.Found{Summary: &access.Summary{}}
	for _, part := range parts {
		u := inventory.Unknown{Fact: "access." + part, Why: inventory.NotStated, Hint: "who may do what hangs on other policies as well"}
		if r.Origin != inventory.Declared {
			u.Why = inventory.NotRead
		}
		found.Unknown = append(found.Unknown, u)
	}
	return Fill(found, r, exists)
}

// Fill puts into a summary what the document of its resource says by itself. The summary that is given stays as it is.
func Fill(found access.Found, r *inventory.Resource, exists func(arn string) access.Truth) access.Found {
	asked := questionsOn(r)
	if asked == nil {
		return found
	}
	sum := access.Summary{}
	if found.Summary != nil {
		sum = *found.Summary
	}
	out := access.Found{Summary: &sum, Unknown: slices.DeleteFunc(slices.Clone(found.Unknown), func(u inventory.Unknown) bool {
		return asked[strings.TrimPrefix(u.Fact, "access.")] != nil
	})}
	p, why := read(r)
	if p != nil {
		p.exists = exists
	}
	for _, part := range parts {
		ask := asked[part]
		if ask == nil {
			continue
		}
		u := inventory.Unknown{Fact: "access." + part, Why: inventory.NotStated}
		if r.Origin != inventory.Declared {
			u.Why = inventory.NotRead
		}
		if why != nil {
			u.Why, u.Call, u.Hint = why.Why, why.Call, why.Hint
		} else if open := ask(p, &sum); open != "" {
			u.Hint = open
		} else {
			continue
		}
		out.Unknown = append(out.Unknown, u)
	}
	return out
}

// paper is a document to ask about.
type paper struct {
	of     *inventory.Resource
	doc    awspolicy.Document
	exists func(arn string) access.Truth // see Found
}

// read parses the document of a resource. Otherwise it says why there is none to read.
func read(r *inventory.Resource) (*paper, *inventory.Unknown) {
	if r.Policy != nil && r.Policy.Grant != nil {
		return &paper{of: r, doc: granted(r.Policy.Grant)}, nil
	}
	fact := "policy.statements"
	if r.Type == "aws.iam.role" {
		fact = "trust.statements"
	}
	if r.Document == "" {
		if r.Policy != nil && r.Policy.Statements != nil && len(r.Policy.Statements) == 0 && r.Unread(fact) == nil {
			return &paper{of: r}, nil // it is known that there is none
		}
		if u := r.Unread(fact); u != nil {
			return nil, u
		}
		return nil, &inventory.Unknown{Why: inventory.NotRead, Hint: "the policy document is not there"}
	}
	parse := awspolicy.Parse
	if r.Type == "aws.kms.policy" {
		parse = awspolicy.ParseKeyPolicy
	}
	doc, err := parse([]byte(r.Document))
	if err != nil {
		return nil, &inventory.Unknown{Why: inventory.Unreadable, Hint: "the policy document is not understood: " + err.Error()}
	}
	return &paper{of: r, doc: doc}, nil
}

// granted is a grant in the form of a policy: whom it lets in, and who may retire it.
func granted(g *inventory.Grant) awspolicy.Document {
	names := func(at, name string) awspolicy.Statement {
		return awspolicy.Statement{Sid: at, Effect: "Allow", Principals: []awspolicy.Principal{{Type: "AWS", Value: name}}}
	}
	return awspolicy.Document{Statements: []awspolicy.Statement{names("grantee", g.Grantee), names("retiring", g.Retiring)}}
}

// opened is the first statement that an answer hangs on.
type opened string

func (o *opened) add(p *paper, i int) {
	if *o == "" {
		*o = opened("the statement " + p.doc.Statements[i].At(i) + " is not resolved")
	}
}

// addAccount says likewise that a statement names an account, and that it is not known whether that is another.
func (o *opened) addAccount(p *paper, i int) {
	if *o == "" {
		*o = opened("code does not say whether the account that the statement " + p.doc.Statements[i].At(i) + " names is another")
	}
}

// holed reports whether a text is not resolved in part.
func holed(s string) bool { return strings.Contains(s, awspolicy.Unknown) }

// marked reports whether a text has a marker in it.
func marked(s string) bool { return strings.ContainsAny(s, awspolicy.Unknown+awspolicy.Computed) }

// names reports whether a statement may name strangers at all, so that asking is worth it.
func names(s *awspolicy.Statement) bool {
	return s.NotPrincipals != nil || slices.ContainsFunc(s.Principals, func(p awspolicy.Principal) bool { return p.Value == "*" || holed(p.Type+p.Value) })
}

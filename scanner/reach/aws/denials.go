package aws

import (
	"bytes"
	"slices"
	"strings"

	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/glob"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// removing are the actions that take a policy away from somebody, and do not give one as well.
var removing = []string{
	"iam:DeleteUserPolicy", "iam:DetachUserPolicy", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:DeleteGroupPolicy", "iam:DetachGroupPolicy", "iam:RemoveUserFromGroup",
}

// denial is a document of a principal that denies it something, and how it may get rid of it.
type denial struct {
	document eval.Document
	removals []removal
}

// removal is an action by which a document goes: it is deleted, detached, or written anew.
type removal struct {
	action  string
	on      object
	context map[string]eval.Values
}

// mostDenials bounds of how many documents with denials it is tried whether a principal gets rid of them.
const mostDenials = 4

// denials are the documents with denials that a user or role has, or has through its groups. One that was not read is none of them: it stays,
// and with it that it may deny anything.
func (b *becoming) denials(m *identity) (out []denial) {
	kind, _, _ := strings.Cut(lastPart(m.ARN), "/")
	b.denialsOf(m.resource, strings.ToUpper(kind[:1])+kind[1:], "", object{arn: m.ARN, tags: m.Tags}, nil, &out)
	for _, ref := range m.resource.Refs {
		if g := b.world.byID[ref.To]; ref.Edge == "member_of" && g != nil {
			on := object{arn: string(ref.To)}
			b.denialsOf(g, "Group", " of group "+g.Name, on, []removal{{"iam:RemoveUserFromGroup", on, nil}}, &out)
		}
	}
	return out[:min(len(out), mostDenials)]
}

// denialsOf adds the documents with denials of one that holds policies: a "User", "Role" or "Group". The suffix is what the names of
// its documents end in where others have them.
func (b *becoming) denialsOf(r *inventory.Resource, kind, suffix string, on object, also []removal, out *[]denial) {
	docs, _ := b.world.held(r)
	i := -1
	for _, ref := range r.Refs {
		if ref.Edge != "grants" || ref.Target != policyType {
			continue
		}
		if i++; !denies(b.read(docs[i]).doc) {
			continue
		}
		d, arn := denial{document: docs[i], removals: slices.Clone(also)}, string(ref.To)
		d.document.Name += suffix
		if strings.Contains(arn, "#") {
			d.removals = append(d.removals, removal{"iam:Delete" + kind + "Policy", on, nil}, removal{"iam:Put" + kind + "Policy", on, nil})
		} else {
			d.removals = append(d.removals, removal{"iam:Detach" + kind + "Policy", on, map[string]eval.Values{"iam:PolicyARN": {arn}}})
			if accountIn(arn) != "" {
				d.removals = append(d.removals, removal{"iam:CreatePolicyVersion", object{arn: arn}, nil})
			}
		}
		*out = append(*out, d)
	}
}

// denies reports whether a document denies an action that leads anywhere, or one on keys or secrets.
func denies(doc awspolicy.Document) bool {
	return slices.ContainsFunc(doc.Statements, func(s awspolicy.Statement) bool {
		return s.Effect == "Deny" && (s.NotActions != nil || slices.ContainsFunc(s.Actions, func(pattern string) bool {
			pattern = strings.ToLower(pattern)
			service, _, _ := strings.Cut(pattern, ":")
			if strings.ContainsAny(service, "*?"+awspolicy.Unknown+awspolicy.Computed) || service == "kms" || service == "secretsmanager" {
				return true
			}
			for action := range powerOf {
				if glob.Match(pattern, action) {
					return true
				}
			}
			return false
		}))
	})
}

// rid are documents less one.
func rid(docs []eval.Document, gone eval.Document) []eval.Document {
	i := slices.IndexFunc(docs, func(d eval.Document) bool { return d.Name == gone.Name && bytes.Equal(d.Text, gone.Text) })
	if i < 0 {
		return docs
	}
	return slices.Delete(slices.Clone(docs), i, i+1)
}

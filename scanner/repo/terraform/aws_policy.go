package terraform

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// document is the policy document that an argument holds, and its text. Why says what keeps it from being read.
func (b *block) document(arg string) (doc awspolicy.Document, text, why string) {
	v := b.raw(arg)
	bare, _ := v.Unmark()
	if inner, ok := decoded(v); ok {
		text = policyJSON(inner)
	} else if bare.IsKnown() && bare.Type() == cty.String {
		text = bare.AsString()
	} else {
		return doc, "", b.unresolved(arg, v)
	}
	doc, err := awspolicy.Parse([]byte(text))
	if err != nil {
		return doc, "", fmt.Sprintf("%s%s is no policy document that AWS accepts: %v", b.path, arg, err)
	}
	return doc, text, ""
}

// policyJSON is the JSON text of a value, with the markers of awspolicy where it is not resolved.
func policyJSON(v cty.Value) string {
	bare, _ := v.Unmark()
	ty := bare.Type()
	switch {
	case !bare.IsKnown():
		return jsonText(shapeOf(v))
	case bare.IsNull():
		return "null"
	case ty.IsObjectType(), ty.IsMapType():
		var members []string
		for it := bare.ElementIterator(); it.Next(); {
			k, element := it.Element()
			key, _ := k.Unmark()
			members = append(members, jsonText(key.AsString())+":"+policyJSON(element))
		}
		return "{" + strings.Join(members, ",") + "}"
	case ty.IsTupleType(), ty.IsListType(), ty.IsSetType():
		var items []string
		for it := bare.ElementIterator(); it.Next(); {
			_, element := it.Element()
			items = append(items, policyJSON(element))
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	if text, err := convert.Convert(bare, cty.String); err == nil {
		if ty == cty.String {
			return jsonText(text.AsString())
		}
		return text.AsString() // a number or a truth value
	}
	return jsonText(awspolicy.Unknown)
}

func jsonText(s string) string {
	text, _ := json.Marshal(s) // a string always can
	return string(text)
}

// statements fills the facts of a policy from the document that an argument holds.
func (d *draft) statements(arg, guards string) {
	p := &inventory.Policy{Guards: guards}
	d.r.Policy = p
	doc, text, why := d.document(arg)
	if why != "" {
		d.open("policy.statements", why)
		return
	}
	p.Document, d.r.Document = inventory.DocumentHash(text), text
	d.judged(awspolicy.Statements(doc, guards))
}

// judged states what the statements of a policy allow. Where a part that is not resolved could make them worse they are open, unless
// one of them is as bad as it gets: open to everybody, or to all keys or secrets.
func (d *draft) judged(stmts []inventory.Statement, unresolved string) {
	d.r.Policy.Statements = stmts
	worst := slices.ContainsFunc(stmts, func(s inventory.Statement) bool {
		return s.Effect == "allow" && !*s.Restricted && (d.r.Policy.Guards != "" && *s.Everyone || d.r.Policy.Guards == "" && *s.AllResources && dangerous(s.Actions))
	})
	if unresolved != "" && !worst {
		d.open("policy.statements", unresolved+" cannot be resolved")
	}
}

// dangerous reports whether actions do more than read metadata and write what nobody else can read.
func dangerous(actions []string) bool {
	return slices.ContainsFunc(actions, func(a string) bool { return a != "read" && a != "encrypt" && a != "write_secret" })
}

// kmsInlinePolicy is the policy that a key states itself. Without one, AWS gives the key its default policy, or another resource does.
func kmsInlinePolicy(m *mapping, b *block, key *draft) {
	if is, _ := b.stated("policy"); !is {
		return
	}
	p := m.part(b, "aws.kms.policy", ".policy", "policy")
	p.statements("policy", "aws.kms.key")
	p.refer("names", key, "")
}

func kmsKeyPolicy(m *mapping, b *block) {
	m.declare(b, "aws.kms.policy", "policy").statements("policy", "aws.kms.key")
}

func kmsPolicyOf(m *mapping, b *block) {
	m.link(m.made[b.in], "names", "key_id", "", kmsKeyTypes...)
}

// kmsGrant reads a grant as a policy that lets its grantee do the operations. Constraints on the encryption context narrow what is
// decrypted, not who may.
func kmsGrant(m *mapping, b *block) {
	d := m.declare(b, "aws.kms.grant", "operations")
	if name, ok := d.text("name"); ok {
		d.r.Name = name
	}
	const guards = "aws.kms.key"
	d.r.Policy = &inventory.Policy{Guards: guards}
	operations := d.words("policy.statements", "operations")
	s := awspolicy.Statement{Effect: "Allow", Resources: []string{"*"}}
	grantee := b.raw("grantee_principal")
	if who, ok := b.text("grantee_principal"); ok {
		s.Principals = []awspolicy.Principal{{Type: "AWS", Value: who}}
	} else if grantee != cty.NilVal {
		s.Principals = []awspolicy.Principal{{Type: "AWS", Value: shapeOf(grantee)}}
	}
	for _, op := range operations {
		s.Actions = append(s.Actions, "kms:"+op)
	}
	d.judged(awspolicy.Statements(awspolicy.Document{Statements: []awspolicy.Statement{s}}, guards))
}

// iamPolicy reads a policy of an identity: a managed one, or one that stands on a role, user or group.
func iamPolicy(m *mapping, b *block) {
	d := m.declare(b, "aws.iam.policy", "policy")
	if name, ok := d.text("name"); ok {
		d.r.Name = name
	}
	d.statements("policy", "")
}

// iamAttachment lets a role or user name the managed policy that is attached to it.
func iamAttachment(arg, typ string) func(*mapping, *block) {
	return func(m *mapping, b *block) {
		m.onto(b, arg, "name", func(holder *draft, sure bool) {
			arn, known := b.text("policy_arn")
			policies, _ := m.targets(b, "policy_arn", "", "aws_iam_policy")
			switch {
			case sure && known:
				holder.ref(inventory.Ref{Edge: "grants", To: inventory.ID(arn), Target: "aws.iam.policy", Name: arn})
			case sure && len(policies) == 1:
				holder.refer("grants", m.made[policies[0]], m.made[policies[0]].r.Name)
			default:
				holder.open("refs", b.in.Address+" cannot be resolved")
			}
		}, typ)
	}
}

// inlinePolicies are those that a role states in blocks of its own.
func inlinePolicies(m *mapping, b *block, holder *draft) {
	list, why := m.parts(b, "inline_policy", "aws.iam.policy")
	holder.open("refs", why)
	for i, inline := range list {
		if is, _ := inline.stated("policy"); !is {
			continue // an empty block says that there are none
		}
		p := m.part(inline, "aws.iam.policy", fmt.Sprintf(".inline_policy[%d]", i), "policy")
		if name, ok := p.text("name"); ok {
			p.r.Name = name
		}
		p.statements("policy", "")
		holder.refer("grants", p, p.r.Name)
	}
}

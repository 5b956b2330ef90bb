package cloudformation

import (
	"fmt"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// inlinePolicies declares the policies that stand within a user, group or role, by their names.
func inlinePolicies(m *mapping, b *block) {
	all := b.props.get("Policies")
	if all.form != list && all.form != absent {
		m.anyPolicy(b, ".Policies", all)
	}
	for i, p := range all.items {
		if p.form != object {
			m.anyPolicy(b, fmt.Sprintf(".Policies[%d]", i), p)
			continue
		}
		name, known := p.get("PolicyName").known()
		suffix := ".Policies." + name
		if !known || m.ids[m.tree.ID(dialect, m.file, b.id+suffix)] {
			suffix = fmt.Sprintf(".Policies[%d]", i)
		}
		d := m.part(b, "aws.iam.policy", suffix, p)
		d.named("PolicyName")
		d.statements("PolicyDocument", "")
		if holder := m.made[b.id]; holder != nil {
			holder.refer("grants", d)
		}
	}
}

// anyPolicy declares what may turn out to be any policies, or none, as one whose statements are open: Fn::If decides on them, or
// another stack.
func (m *mapping) anyPolicy(b *block, suffix string, v value) {
	d := m.part(b, "aws.iam.policy", suffix, v)
	d.r.Policy = &inventory.Policy{}
	d.open("policy.statements", "Policies", v)
	if v.node != nil {
		d.r.Location = &inventory.Location{Path: b.whole.Path, StartLine: v.node.Line, EndLine: max(v.node.Line, v.node.EndLine)}
	}
	if holder := m.made[b.id]; holder != nil {
		holder.open("refs", "Policies", v)
	}
}

// permissionSet declares the policy that IAM Identity Center puts into a role of its own in each account.
func permissionSet(m *mapping, b *block) {
	if b.props.get("InlinePolicy").form != absent {
		d := m.declare(b, "aws.iam.policy", "InlinePolicy")
		d.named("Name")
		d.statements("InlinePolicy", "")
	}
	for _, property := range []string{"ManagedPolicies", "CustomerManagedPolicyReferences"} {
		if v := b.props.get(property); v.form == open || len(v.items) > 0 {
			m.onlyNamed(b)
		}
	}
}

// serverless declares the policies stated in a function or state machine of SAM, which makes a role with them unless one is given.
// Beside documents, SAM takes names of managed policies and templates of its own: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html.
func serverless(m *mapping, b *block) {
	if role := b.props.get("Role"); role.form != absent && role.form != open {
		return
	}
	all := b.props.get("Policies")
	items := all.items
	switch all.form {
	case open:
		m.anyPolicy(b, ".Policies", all)
	case text, object:
		items = []value{all}
	}
	for i, p := range items {
		suffix := fmt.Sprintf(".Policies[%d]", i)
		found, sure := m.targets(p, "aws.iam.policy")
		switch {
		case p.form == open:
			m.anyPolicy(b, suffix, p)
		case p.get("Statement").form != absent && p.form == object:
			d := m.part(b, "aws.iam.policy", suffix, value{form: object, pairs: []pair{{key: "Policies", at: p.node, value: p}}})
			d.statements("Policies", "")
		case sure && len(found) == 1: // read where it is declared
		default:
			m.onlyNamed(b)
		}
	}
}

// onlyNamed notes policies whose documents are AWS's, or stand elsewhere.
func (m *mapping) onlyNamed(b *block) {
	m.template.note(b.node, fmt.Sprintf("what the policies allow that %q only names is not known", b.id), "aws.iam.policy")
}

package cloudformation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// document reads a policy, which a template states as an object or as a text of JSON, and returns its text. Why is set where it cannot
// be read.
func document(v value) (doc awspolicy.Document, source, why string) {
	source = v.text
	switch v.form {
	case text:
	case object:
		source = v.asJSON()
	default:
		return doc, "", v.reason()
	}
	doc, err := awspolicy.Parse([]byte(source))
	if err != nil {
		return doc, "", err.Error()
	}
	return doc, source, ""
}

// statements states what a policy allows. Where a part that matters is not resolved, they are open.
func (d *draft) statements(property, guards string) {
	v := d.get(property)
	doc, source, why := document(v)
	statements, part := awspolicy.Statements(doc, guards)
	d.r.Policy = &inventory.Policy{Guards: guards, Statements: statements}
	if why == "" {
		d.r.Policy.Document, d.r.Document = inventory.DocumentHash(source), source
	}
	d.openPart("policy.statements", property, v, why, part)
	if at, ok := d.at(property); ok {
		d.r.Location = &at
	}
}

func (d *draft) openPart(fact, property string, v value, why, part string) {
	switch {
	case v.form == absent:
		d.opened(fact, property+": it is not stated")
	case why != "":
		d.opened(fact, property+": "+why)
	case part != "":
		why := v.reason()
		if why != "" {
			why = " (" + why + ")"
		}
		d.opened(fact, property+": the element "+part+" is not resolved"+why)
	}
}

// policy declares a policy of an identity.
func policy(name string) func(*mapping, *block) {
	return func(m *mapping, b *block) {
		d := m.declare(b, "aws.iam.policy")
		d.named(name)
		d.statements("PolicyDocument", "")
	}
}

// policyOf lets the users and roles that a policy is put on name it.
func policyOf(m *mapping, b *block) {
	for _, property := range []string{"Users", "Roles", "UserName", "RoleName"} {
		v := b.props.get(property)
		for _, item := range append(v.items, v) {
			holders, sure := m.targets(item, "aws.iam.user", "aws.iam.role")
			for _, holder := range holders {
				if sure && b.exists.is == yes {
					holder.refer("grants", m.made[b.id])
				} else {
					holder.opened("refs", fmt.Sprintf("the policy %q may be put on it", b.id))
				}
			}
		}
	}
}

// managedPolicies lets a user or role name the managed policies that it states.
func managedPolicies(m *mapping, b *block) {
	d := m.made[b.id]
	v := d.get("ManagedPolicyArns")
	if v.form != list && v.form != absent {
		d.open("refs", "ManagedPolicyArns", v)
	}
	for _, item := range v.items {
		policies, sure := m.targets(item, "aws.iam.policy")
		arn, known := item.known()
		switch {
		case known:
			d.refs(inventory.Ref{Edge: "grants", To: inventory.ID(arn), Target: "aws.iam.policy", Name: arn})
		case sure && len(policies) == 1:
			d.refer("grants", policies[0])
		case sure && item.form == text && !strings.Contains(item.text, awspolicy.Unknown): // one of AWS's, or of another stack
		default:
			d.open("refs", "ManagedPolicyArns", item)
		}
	}
	namedPolicies(m, b)
}

// namedPolicies tells of the managed policies of a group, user or role that this template does not declare: AWS's, or another stack's.
func namedPolicies(m *mapping, b *block) {
	v := b.props.get("ManagedPolicyArns")
	here := func(item value) bool {
		policies, sure := m.targets(item, "aws.iam.policy")
		return sure && len(policies) == 1
	}
	if v.form != list && v.form != absent || slices.ContainsFunc(v.items, func(item value) bool { return !here(item) }) {
		m.onlyNamed(b)
	}
}

func user(m *mapping, b *block) {
	d := m.declare(b, "aws.iam.user")
	d.tags()
	d.named("UserName")
	d.r.Principal = &inventory.Principal{}
	inlinePolicies(m, b)
}

func role(m *mapping, b *block) {
	d := m.declare(b, "aws.iam.role", "AssumeRolePolicyDocument")
	d.tags()
	d.named("RoleName")
	v := d.get("AssumeRolePolicyDocument")
	doc, source, why := document(v)
	trusts, part := awspolicy.Trusts(doc)
	d.r.Trust = &inventory.Trust{Method: "iam_role", Statements: trusts}
	if why == "" {
		d.r.Trust.Document, d.r.Document = inventory.DocumentHash(source), source
	}
	d.openPart("trust.statements", "AssumeRolePolicyDocument", v, why, part)
	inlinePolicies(m, b)
}

func accessKey(m *mapping, b *block) {
	d := m.declare(b, "aws.iam.access_key")
	d.r.Credential = &inventory.Credential{Class: "access_key"}
}

func accessKeyOf(m *mapping, b *block) {
	m.link(m.made[b.id], "names", "UserName", "aws.iam.user")
}

func oidcProvider(m *mapping, b *block) {
	d := m.declare(b, "aws.iam.oidc_provider")
	d.tags()
	d.r.Trust = &inventory.Trust{
		Method: "oidc_provider", Issuer: d.word("trust.issuer", "Url", ""), BoundAudiences: d.words("trust.bound_audiences", "ClientIdList"),
	}
	if d.r.Trust.Issuer != "" {
		d.r.Name = strings.TrimPrefix(d.r.Trust.Issuer, "https://")
	}
}

func podIdentity(m *mapping, b *block) {
	d := m.declare(b, "aws.eks.pod_identity")
	d.tags()
	d.r.Trust = &inventory.Trust{
		Method: "pod_identity", ServiceAccounts: d.words("trust.service_accounts", "ServiceAccount"), Namespaces: d.words("trust.namespaces", "Namespace"),
	}
}

func podIdentityOf(m *mapping, b *block) {
	m.link(m.made[b.id], "names", "RoleArn", "aws.iam.role")
}

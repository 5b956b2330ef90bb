package cloudformation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// A row says what becomes of the resources of one type: what they declare, and what they add to others once all are declared, such as
// the rotation of a secret.
type row struct {
	declare func(*mapping, *block)
	add     func(*mapping, *block)
}

const rotationScheduleType = "AWS::SecretsManager::RotationSchedule"

const samFunction = "AWS::Serverless::Function"

// rows are the types that are understood. Every other type declares nothing that is judged.
var rows = map[string]row{
	"AWS::KMS::Key":        {declare: kmsKey},
	"AWS::KMS::ReplicaKey": {declare: kmsReplica, add: kmsReplicaOf},
	"AWS::KMS::Alias":      {add: kmsAlias},

	"AWS::SecretsManager::Secret":         {declare: secret, add: secretUses},
	rotationScheduleType:                  {add: rotationSchedule},
	"AWS::SecretsManager::ResourcePolicy": {declare: secretPolicy, add: secretPolicyOf},

	"AWS::IAM::AccessKey":     {declare: accessKey, add: accessKeyOf},
	"AWS::IAM::User":          {declare: user, add: managedPolicies},
	"AWS::IAM::Group":         {declare: inlinePolicies, add: namedPolicies},
	"AWS::IAM::Role":          {declare: role, add: managedPolicies},
	"AWS::IAM::ManagedPolicy": {declare: policy("ManagedPolicyName"), add: policyOf},
	"AWS::IAM::Policy":        {declare: policy("PolicyName"), add: policyOf},
	"AWS::IAM::GroupPolicy":   {declare: policy("PolicyName"), add: policyOf},
	"AWS::IAM::RolePolicy":    {declare: policy("PolicyName"), add: policyOf},
	"AWS::IAM::UserPolicy":    {declare: policy("PolicyName"), add: policyOf},
	"AWS::IAM::OIDCProvider":  {declare: oidcProvider},

	"AWS::SSO::PermissionSet":       {declare: permissionSet},
	samFunction:                     {declare: lambdaFunction, add: serverless}, // once all policies are declared that it may name
	"AWS::Serverless::StateMachine": {add: serverless},

	"AWS::Lambda::Function":    {declare: lambdaFunction},
	"AWS::ECS::TaskDefinition": {declare: ecsTask},

	"AWS::EKS::PodIdentityAssociation": {declare: podIdentity, add: podIdentityOf},
	"AWS::CloudTrail::Trail":           {declare: trail, add: trailUses},
}

// A block is one resource of a template.
type block struct {
	id     string // logical ID
	typ    string
	exists truth // its Condition
	kept   truth // its DeletionPolicy leaves it in the account when it is taken out of the template
	node   *yamlnode.Node
	whole  inventory.Location
	props  value
}

// A mapping is one pass over a template.
type mapping struct {
	tree     *declare.Tree
	file     string
	template *template
	blocks   []*block
	made     map[string]*draft // the first resource that each logical ID declared
	out      []*draft
	ids      map[inventory.ID]bool

	hidesSchedules bool // what is not resolved declares schedules of rotation
}

func newMapping(t *declare.Tree, file string, from *template) *mapping {
	m := &mapping{tree: t, file: file, template: from, made: map[string]*draft{}, ids: map[inventory.ID]bool{}}
	from.begin()
	m.template.root.Get("Resources").Each(func(id string, k, r *yamlnode.Node) {
		typ, _ := r.Get("Type").Str()
		if name, isFn := strings.CutPrefix(id, "Fn::"); isFn {
			name, _, _ = strings.Cut(name, "::")
			m.template.note(k, "Fn::"+name+" is not resolved")
			m.hidesSchedules = m.hidesSchedules || mentions(r, rotationScheduleType)
		}
		if strings.HasSuffix(typ, "::MODULE") {
			m.template.note(k, "modules are not followed")
		}
		if stacks[typ] != "" && !from.followed[id] {
			m.template.note(k, "nested stacks are not followed")
		}
		if _, ok := rows[typ]; !ok {
			return
		}
		b := &block{id: id, typ: typ, node: r, exists: sure(true), whole: inventory.Location{Path: file, StartLine: k.Line, EndLine: max(r.EndLine, k.Line)}}
		if n := r.Get("Condition"); n != nil {
			name, _ := n.Str()
			b.exists = m.template.condition(name)
		}
		if b.exists.is == no {
			return
		}
		if b.exists.is == unsure {
			name, _ := r.Get("Condition").Str()
			m.template.note(r.Get("Condition"), fmt.Sprintf("the condition %q cannot be told (%s); what depends on it is judged as if it were declared", name, b.exists.why))
		}
		b.kept = m.kept(r.Get("DeletionPolicy"))
		b.props = value{form: object}
		if p := r.Get("Properties"); p != nil && p.Kind != yamlnode.Null {
			b.props = m.template.eval(p)
		}
		if n := r.Get("Fn::Transform"); n != nil {
			m.template.note(n, "Fn::Transform is not resolved")
			b.props.more = "Fn::Transform adds to it"
		}
		m.blocks = append(m.blocks, b)
	})
	return m
}

func (m *mapping) kept(n *yamlnode.Node) truth {
	v := m.template.eval(n)
	if s, ok := v.known(); ok || v.form == absent {
		return sure(strings.HasPrefix(s, "Retain")) // or RetainExceptOnCreate
	}
	return unsureWhy("%s", v.reason())
}

// run declares first and adds later, each in the order of the template.
func (m *mapping) run() {
	for _, b := range m.blocks {
		if f := rows[b.typ].declare; f != nil {
			f(m, b)
		}
	}
	for _, b := range m.blocks {
		if f := rows[b.typ].add; f != nil {
			f(m, b)
		}
	}
	if m.hidesSchedules {
		m.mayRotate()
	}
}

func (m *mapping) resources() []inventory.Resource {
	out := make([]inventory.Resource, len(m.out))
	for i, d := range m.out {
		out[i] = *d.r
	}
	return out
}

// declare begins the resource that a block stands for. It stands at the first of the given properties that is stated.
func (m *mapping) declare(b *block, typ string, deciding ...string) *draft {
	d := m.part(b, typ, "", b.props)
	m.made[b.id] = d
	for _, name := range deciding {
		if at, ok := d.at(name); ok {
			d.r.Location = &at
			break
		}
	}
	return d
}

// part begins a further resource that a block declares: its address is that of the block and a suffix, its facts are in props.
func (m *mapping) part(b *block, typ, suffix string, props value) *draft {
	address := b.id + suffix
	r := m.tree.New(m.tree.ID(dialect, m.file, address), typ, address, b.whole)
	d := &draft{block: b, props: props, r: &r}
	m.ids[r.ID] = true
	m.out = append(m.out, d)
	return d
}

// targets are the declared resources, of some types of the inventory, that a value names. Sure means that it names just that one, or
// none of them. What a parameter or another stack gives lies outside of the template.
func (m *mapping) targets(v value, types ...string) (found []*draft, sure bool) {
	for _, id := range v.refs {
		for _, id := range m.behind(id) {
			if d := m.made[id]; d != nil && slices.Contains(types, d.r.Type) && !slices.Contains(found, d) {
				found = append(found, d)
			}
		}
	}
	return found, len(found) == 0 || len(found) == 1 && len(v.refs) == 1 && v.form == text
}

// behind is the secret behind an attachment, whose reference is the secret's ARN; of all else itself.
func (m *mapping) behind(id string) []string {
	if m.template.types[id] == "AWS::SecretsManager::SecretTargetAttachment" {
		return m.template.eval(m.template.root.Get("Resources", id, "Properties", "SecretId")).refs
	}
	return []string{id}
}

// link lets a resource name those that a property names.
func (m *mapping) link(d *draft, edge, property string, types ...string) {
	v := d.get(property)
	found, sure := m.targets(v, types...)
	for _, target := range found {
		if sure {
			d.refer(edge, target)
		} else {
			d.open("refs", property, v)
		}
	}
}

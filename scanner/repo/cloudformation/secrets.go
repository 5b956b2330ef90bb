package cloudformation

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/awsfacts"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func secret(m *mapping, b *block) {
	d := m.declare(b, "aws.secretsmanager.secret")
	d.tags()
	d.named("Name")
	s := &inventory.Secret{ServiceManaged: new(false), Replica: new(false), Rotation: &inventory.Rotation{Supported: new(true), Automatic: new(false)}}
	d.r.Secret = s
	// CloudFormation deletes a secret without a recovery window, unless the template keeps it. Documentation: attribute DeletionPolicy.
	switch b.kept.is {
	case no:
		s.RecoveryDays = new(0)
	case unsure:
		d.opened("secret.recovery_days", "DeletionPolicy: "+b.kept.why)
	}
	s.ValueInCode = d.inCode("SecretString")
	if s.ValueInCode != nil && *s.ValueInCode {
		at, _ := d.at("SecretString")
		d.r.Location = &at
	}
}

// inCode tells whether a property holds a secret's value in the clear. What a parameter without a Default, another resource or a
// dynamic reference gives is not in the code, and neither is what Secrets Manager makes up itself.
func (d *draft) inCode(property string) *bool {
	v := d.get(property)
	rest := strings.Trim(v.text, markers)
	switch s, known := v.known(); {
	case v.form == absent || v.form == text && !known && rest == "":
		return new(false)
	case known:
		return new(s != "")
	case v.form == text:
		v.why = "it is known in part"
	}
	d.open("secret.value_in_code", property, v)
	return nil
}

func secretUses(m *mapping, b *block) {
	m.link(m.made[b.id], "uses", "KmsKeyId", "aws.kms.key")
}

func secretPolicy(m *mapping, b *block) {
	d := m.declare(b, "aws.secretsmanager.policy", "ResourcePolicy")
	d.statements("ResourcePolicy", "aws.secretsmanager.secret")
}

func secretPolicyOf(m *mapping, b *block) {
	m.link(m.made[b.id], "names", "SecretId", "aws.secretsmanager.secret")
}

// scheduled are the facts that a schedule states of a secret.
var scheduled = []string{"secret.rotation.automatic", "secret.rotation.period_days"}

// rotationSchedule makes the secret that it names rotate. Where it may be another one, nothing is known of either.
func rotationSchedule(m *mapping, b *block) {
	id := b.props.get("SecretId")
	found, sure := m.targets(id, "aws.secretsmanager.secret")
	if name, known := id.known(); known {
		for _, d := range m.out {
			if stated, ok := d.get("Name").known(); ok && d.r.Type == "aws.secretsmanager.secret" && stated == name {
				found = append(found, d)
			}
		}
	} else if len(found) == 0 { // it may be the name of any
		for _, d := range m.out {
			if d.r.Type == "aws.secretsmanager.secret" {
				found, sure = append(found, d), false
			}
		}
	}
	days, why := schedule(b.props.get("RotationRules"))
	for _, d := range found {
		rotation := d.r.Secret.Rotation
		if !sure || b.exists.is != yes {
			d.mayRotate(fmt.Sprintf("the schedule %q may rotate it", b.id))
			continue
		}
		d.r.Unknown = slices.DeleteFunc(d.r.Unknown, func(u inventory.Unknown) bool { return slices.Contains(scheduled, u.Fact) })
		rotation.Automatic, rotation.PeriodDays = new(true), days
		if days == nil {
			d.opened("secret.rotation.period_days", "RotationRules: "+why)
		}
	}
}

func (d *draft) mayRotate(why string) {
	if *d.r.Secret.Rotation.Automatic {
		return
	}
	for _, fact := range scheduled {
		d.opened(fact, why)
	}
}

// mayRotate leaves open whether secrets rotate, of which no schedule is known.
func (m *mapping) mayRotate() {
	for _, d := range m.out {
		if d.r.Type == "aws.secretsmanager.secret" {
			d.mayRotate("a schedule in a loop may rotate it")
		}
	}
}

// schedule is how often rotation rules rotate, in days; part of a day counts as one. Nil with the reason where that is not known.
func schedule(rules value) (days *int, why string) {
	every, expression := rules.get("AutomaticallyAfterDays"), rules.get("ScheduleExpression")
	if every.form == absent && expression.form == absent {
		return nil, "they state no period"
	}
	if every.form != absent {
		s, ok := every.known()
		if n, err := strconv.Atoi(s); ok && err == nil {
			return &n, ""
		}
		return nil, cmp.Or(every.reason(), "AutomaticallyAfterDays is no whole number")
	}
	s, ok := expression.known()
	if !ok {
		return nil, expression.reason()
	}
	n, ok := awsfacts.ScheduleDays(s)
	if !ok {
		return nil, "keyreeve does not know how often this schedule comes round"
	}
	return &n, ""
}

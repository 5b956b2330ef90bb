package terraform

import (
	"github.com/keyreeve/keyreeve/scanner/awsfacts"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func awsSecret(m *mapping, b *block) {
	d := m.declare(b, "aws.secretsmanager.secret", "")
	d.named("", "name")
	d.tags("tags_all", "tags")
	s := &inventory.Secret{
		ServiceManaged: ref(false), Replica: ref(false), ValueInCode: ref(false),
		// Whether it rotates, another resource says, or in old versions of the provider this one.
		Rotation: &inventory.Rotation{Supported: ref(true), Automatic: ref(false)},
	}
	d.r.Secret = s
	s.RecoveryDays = d.number("secret.recovery_days", "recovery_window_in_days")
	switch is, sure := d.stated("rotation_lambda_arn"); {
	case is && sure:
		d.rotationRules(b)
	case is:
		why := d.unresolved("rotation_lambda_arn", d.raw("rotation_lambda_arn"))
		d.open("secret.rotation.automatic", why)
		d.open("secret.rotation.period_days", why)
	}
	if is, _ := b.stated("policy"); is {
		p := m.part(b, "aws.secretsmanager.policy", ".policy", "policy")
		p.statements("policy", "aws.secretsmanager.secret")
		p.refer("names", d, d.r.Name)
	}
}

func awsSecretUses(m *mapping, b *block) {
	m.link(m.made[b.in], "uses", "kms_key_id", "", kmsKeyTypes...)
}

func awsSecretPolicy(m *mapping, b *block) {
	m.declare(b, "aws.secretsmanager.policy", "policy").statements("policy", "aws.secretsmanager.secret")
}

func awsSecretPolicyOf(m *mapping, b *block) {
	m.link(m.made[b.in], "names", "secret_arn", "", "aws_secretsmanager_secret")
}

// awsSecretElsewhere declares a secret that another state made, for what a rotation or version of it states here; a version whose value
// is not in the code states nothing. All else of it is open but its tags: what is written here is judged as what no tag says otherwise of.
func awsSecretElsewhere(m *mapping, b *block) {
	if !m.elsewhere(b, "secret_id", "name", "aws_secretsmanager_secret") {
		return
	}
	if version := (&draft{block: *b}); len(secretArguments[b.in.Type]) > 0 {
		if is, why := version.inCode(); !is && why == "" {
			return
		}
	}
	d := m.declare(b, "aws.secretsmanager.secret", b.first(append([]string{"rotation_rules"}, secretArguments[b.in.Type]...)...))
	// AWS lets nobody but the service itself write or rotate a secret that a service manages, or a replica.
	d.r.Secret = &inventory.Secret{ServiceManaged: ref(false), Replica: ref(false), Rotation: &inventory.Rotation{Supported: ref(true)}}
	d.r.Tags = map[string]string{}
	const why = "the secret is not declared here"
	for _, fact := range []string{"name", "refs", "secret.recovery_days", "secret.value_in_code", "secret.rotation.automatic", "secret.rotation.period_days"} {
		d.open(fact, why)
	}
}

// awsSecretRotation makes the secret that it names one that rotates itself.
func awsSecretRotation(m *mapping, b *block) {
	m.ontoOrElsewhere(b, "secret_id", "name", func(secret *draft, sure bool) {
		if !sure {
			secret.open("secret.rotation.automatic", "it may be the one that "+b.in.Address+" rotates")
			secret.open("secret.rotation.period_days", "it may be the one that "+b.in.Address+" rotates")
			return
		}
		secret.rotationRules(b)
	}, "aws_secretsmanager_secret")
}

// rotationRules states the schedule that a block gives a secret.
func (d *draft) rotationRules(b *block) {
	rules, why := b.block("rotation_rules")
	rot := d.r.Secret.Rotation
	d.close("secret.rotation.automatic")
	d.close("secret.rotation.period_days")
	rot.Automatic = ref(true)
	if rules == nil {
		if why == "" {
			why = b.in.Address + " states no schedule"
		}
		d.open("secret.rotation.period_days", why)
		return
	}
	schedule := draft{block: *rules, r: d.r}
	if days := schedule.number("secret.rotation.period_days", "automatically_after_days"); days != nil {
		rot.PeriodDays = days
	} else if expr := schedule.word("secret.rotation.period_days", "schedule_expression"); expr != "" {
		if days, ok := awsfacts.ScheduleDays(expr); ok {
			rot.PeriodDays = &days
		} else {
			d.open("secret.rotation.period_days", "keyreeve does not know how often "+expr+" comes round")
		}
	} else {
		d.open("secret.rotation.period_days", b.in.Address+" states no schedule")
	}
}

// awsSecretVersion tells that the value of the secret which it names stands in the code. What the value is, is not kept.
func awsSecretVersion(m *mapping, b *block) {
	version := draft{block: *b}
	is, why := version.inCode()
	if !is && why == "" {
		return
	}
	m.ontoOrElsewhere(b, "secret_id", "name", func(secret *draft, sure bool) {
		switch {
		case is && sure:
			secret.close("secret.value_in_code")
			secret.r.Secret.ValueInCode = ref(true)
			secret.r.Location = ref(b.in.At(b.first(secretArguments[b.in.Type]...)))
		case secret.r.Secret.ValueInCode == nil || !*secret.r.Secret.ValueInCode:
			if why == "" {
				why = "it may be the one whose value " + b.in.Address + " states"
			}
			secret.open("secret.value_in_code", why)
		}
	}, "aws_secretsmanager_secret")
}

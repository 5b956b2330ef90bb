package cloudformation

import (
	"fmt"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/awsfacts"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Defaults of AWS::KMS::Key and AWS::KMS::ReplicaKey where a property is not stated, from the template reference of AWS KMS
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html).
const (
	keySpec            = "SYMMETRIC_DEFAULT"
	keyUsage           = "ENCRYPT_DECRYPT"
	keyOrigin          = "AWS_KMS"
	keyEnabled         = true
	keyRotation        = false
	keyRotationDays    = 365
	keyMultiRegion     = false
	keyPendingDays     = 30
	keyMaterialMissing = "pending_import" // of Origin EXTERNAL: a template cannot hold material
)

func kmsKey(m *mapping, b *block) {
	d := m.declare(b, "aws.kms.key")
	d.tags()
	k := d.customerKey()
	d.kind(k)
	switch origin := d.word("key.origin", "Origin", keyOrigin); origin {
	case "AWS_KMS":
		k.Origin = "generated"
	case "EXTERNAL":
		k.Origin, k.State = "imported", keyMaterialMissing
	case "":
	default:
		d.opened("key.origin", "Origin: it is not one that keyreeve knows")
	}
	if multi := d.flag("key.multi_region", "MultiRegion", keyMultiRegion); multi != nil {
		k.MultiRegion = map[bool]string{true: "primary", false: "single"}[*multi]
	}
	d.rotates(k)
	deciding := "KeySpec"
	if k.Rotation.Supported == nil || *k.Rotation.Supported {
		deciding = "EnableKeyRotation"
	}
	if at, ok := d.at(deciding); ok {
		d.r.Location = &at
	}
	keyPolicy(m, b, d)
}

// customerKey states what holds for every key that a template declares.
func (d *draft) customerKey() *inventory.Key {
	k := &inventory.Key{Manager: "customer", Rotation: &inventory.Rotation{}}
	d.r.Key = k
	if on := d.flag("key.state", "Enabled", keyEnabled); on != nil {
		k.State = map[bool]string{true: "enabled", false: "disabled"}[*on]
	}
	k.DeletionWindowDays = d.number("key.deletion_window_days", "PendingWindowInDays", keyPendingDays)
	return k
}

// kind states which kind of key it is.
func (d *draft) kind(k *inventory.Key) {
	for _, fact := range []string{"key.spec", "key.algorithm", "key.bits"} {
		k.Spec = d.word(fact, "KeySpec", keySpec)
	}
	if k.Spec != "" {
		k.Algorithm, k.Bits = awsfacts.KeyKind(k.Spec)
	}
	if usage := d.word("key.usages", "KeyUsage", keyUsage); usage != "" {
		if k.Usages = awsfacts.KeyUsages(usage); k.Usages == nil {
			d.opened("key.usages", "KeyUsage: it is not one that keyreeve knows")
		}
	}
}

// rotates states whether AWS rotates the key: it does so only with a symmetric encryption key whose material it made and keeps.
func (d *draft) rotates(k *inventory.Key) {
	rotation := k.Rotation
	symmetric, encrypts, generated := k.Spec == keySpec, len(k.Usages) > 0 && k.Usages[0] == "decrypt", k.Origin == "generated"
	switch {
	case k.Spec != "" && !symmetric || k.Usages != nil && !encrypts || k.Origin != "" && !generated:
		rotation.Supported, rotation.KeepsOldForever, rotation.Automatic = new(false), new(false), new(false)
		return
	case symmetric && encrypts && generated:
		rotation.Supported, rotation.KeepsOldForever = new(true), new(true)
	default:
		for _, fact := range []string{"key.spec", "key.usages", "key.origin"} {
			if u := d.r.Unread(fact); u != nil {
				d.opened("key.rotation.supported", u.Hint)
				d.opened("key.rotation.keeps_old_forever", u.Hint)
			}
		}
	}
	rotation.Automatic = d.flag("key.rotation.automatic", "EnableKeyRotation", keyRotation)
	if rotation.Automatic == nil || *rotation.Automatic {
		rotation.PeriodDays = d.number("key.rotation.period_days", "RotationPeriodInDays", keyRotationDays)
	}
}

// keyPolicy declares the policy of a key. Without one, AWS lets the account's own policies decide.
func keyPolicy(m *mapping, b *block, key *draft) {
	if _, stated := key.at("KeyPolicy"); !stated {
		return
	}
	p := m.part(b, "aws.kms.policy", ".KeyPolicy", b.props)
	p.statements("KeyPolicy", "aws.kms.key")
	p.refer("names", key)
}

func kmsReplica(m *mapping, b *block) {
	d := m.declare(b, "aws.kms.key")
	d.tags()
	d.customerKey().MultiRegion = "replica"
	keyPolicy(m, b, d)
}

// kmsReplicaOf gives a replica what it shares with its primary key, rotation included; of a primary in another template or Region,
// where it has to be, nothing is known.
func kmsReplicaOf(m *mapping, b *block) {
	d := m.made[b.id]
	shared := []string{"key.spec", "key.algorithm", "key.bits", "key.usages", "key.origin", "key.rotation"}
	found, sure := m.targets(d.get("PrimaryKeyArn"), "aws.kms.key")
	if len(found) == 0 || !sure {
		for _, fact := range shared {
			d.opened(fact, "its primary key is not declared here")
		}
		return
	}
	k, p := d.r.Key, found[0].r.Key
	k.Spec, k.Algorithm, k.Bits, k.Usages, k.Origin = p.Spec, p.Algorithm, p.Bits, p.Usages, p.Origin
	rotation := *p.Rotation
	k.Rotation = &rotation
	for _, u := range found[0].r.Unknown {
		for _, fact := range shared {
			if u.Fact == fact || strings.HasPrefix(u.Fact, fact+".") {
				d.opened(u.Fact, u.Hint)
			}
		}
	}
	d.refer("names", found[0])
}

// kmsAlias makes the key that an alias leads to go by its name. An alias is no resource of its own.
func kmsAlias(m *mapping, b *block) {
	found, sure := m.targets(b.props.get("TargetKeyId"), "aws.kms.key")
	name, known := b.props.get("AliasName").known()
	for _, key := range found {
		switch {
		case !sure || b.exists.is != yes:
			key.opened("refs", fmt.Sprintf("the alias %q may lead to it", b.id))
		case !known:
			key.opened("refs", fmt.Sprintf("the alias %q leads to it by a name that is not known", b.id))
		default:
			key.refs(inventory.Ref{Edge: "alias", To: m.tree.ID(dialect, m.file, b.id), Target: "aws.kms.alias", Name: name})
			if key.r.Name == key.block.id || name < key.r.Name {
				key.r.Name = name
			}
		}
	}
}

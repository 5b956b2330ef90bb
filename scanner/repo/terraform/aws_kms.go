package terraform

import (
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/keyreeve/keyreeve/scanner/awsfacts"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

var kmsKeyTypes = []string{"aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key"}

func kmsKey(m *mapping, b *block) {
	d := m.declare(b, "aws.kms.key", "enable_key_rotation")
	d.tags("tags_all", "tags")
	k := d.customerKey("is_enabled")
	d.kind(k, d.first("customer_master_key_spec", "key_spec"), "key_usage")
	store := d.raw("custom_key_store_id")
	switch is, sure := d.stated("custom_key_store_id"); {
	case !is:
		k.Origin = "generated"
	case sure:
		k.Origin = "custom_store"
	default:
		d.open("key.origin", d.unresolved("custom_key_store_id", store))
	}
	k.MultiRegion = d.region()
	d.rotates(k)
	kmsInlinePolicy(m, b, d)
}

// customerKey states what holds for every key that Terraform makes.
func (d *draft) customerKey(enabledArg string) *inventory.Key {
	k := &inventory.Key{Manager: "customer", Rotation: &inventory.Rotation{}}
	d.r.Key = k
	if on := d.flag("key.state", enabledArg); on != nil {
		k.State = map[bool]string{true: "enabled", false: "disabled"}[*on]
	}
	k.DeletionWindowDays = d.number("key.deletion_window_days", "deletion_window_in_days")
	return k
}

func (d *draft) region() string {
	multi := d.flag("key.multi_region", "multi_region")
	switch {
	case multi == nil:
		return ""
	case *multi:
		return "primary"
	}
	return "single"
}

// kind states which kind of key it is.
func (d *draft) kind(k *inventory.Key, specArg, usageArg string) {
	spec, why := d.read(specArg, cty.String)
	for _, fact := range []string{"key.spec", "key.algorithm", "key.bits"} {
		d.open(fact, why)
	}
	if why == "" {
		k.Spec = spec.AsString()
		k.Algorithm = "other"
		k.Algorithm, k.Bits = awsfacts.KeyKind(k.Spec)
	}
	if usage := d.word("key.usages", usageArg); usage != "" {
		if k.Usages = awsfacts.KeyUsages(usage); k.Usages == nil {
			d.open("key.usages", d.path+usageArg+" is not one that keyreeve knows")
		}
	}
}

// rotates states whether AWS rotates the key: it does so only with a symmetric encryption key whose material it made and keeps.
func (d *draft) rotates(k *inventory.Key) {
	rot := k.Rotation
	symmetric, encrypts := k.Spec == "SYMMETRIC_DEFAULT", len(k.Usages) > 0 && k.Usages[0] == "decrypt"
	never := k.Spec != "" && !symmetric || k.Usages != nil && !encrypts || k.Origin != "" && k.Origin != "generated"
	switch {
	case never:
		rot.Supported, rot.KeepsOldForever, rot.Automatic = ref(false), ref(false), ref(false)
		return
	case symmetric && encrypts && k.Origin == "generated":
		rot.Supported, rot.KeepsOldForever = ref(true), ref(true)
	default:
		for _, fact := range []string{"key.spec", "key.usages", "key.origin"} {
			if u := d.r.Unread(fact); u != nil {
				d.open("key.rotation.supported", u.Hint)
				d.open("key.rotation.keeps_old_forever", u.Hint)
			}
		}
	}
	rot.Automatic = d.flag("key.rotation.automatic", "enable_key_rotation")
	if rot.Automatic == nil || *rot.Automatic {
		rot.PeriodDays = d.number("key.rotation.period_days", "rotation_period_in_days")
	}
}

func kmsExternalKey(m *mapping, b *block) {
	d := m.declare(b, "aws.kms.key", "")
	d.tags("tags_all", "tags")
	k := d.customerKey("enabled")
	d.kind(k, "key_spec", "key_usage")
	k.Origin, k.MultiRegion = "imported", d.region()
	d.material(k)
	d.rotates(k)
	kmsInlinePolicy(m, b, d)
}

// material states what imported key material means: without it a key waits, and it may expire.
func (d *draft) material(k *inventory.Key) {
	if is, _ := d.stated("key_material_base64"); !is {
		if is, _ = d.stated("key_material_base64_wo"); !is {
			d.close("key.state")
			k.State = "pending_import"
		}
	}
	k.ExpiresAt = d.moment("key.expires_at", "valid_to")
}

func kmsReplica(m *mapping, b *block) {
	d := m.declare(b, "aws.kms.key", "")
	d.tags("tags_all", "tags")
	k := d.customerKey("enabled")
	k.MultiRegion = "replica"
	if b.in.Type == "aws_kms_replica_external_key" {
		k.Origin = "imported"
		d.material(k)
	}
	kmsInlinePolicy(m, b, d)
}

// kmsReplicaOf gives a replica what it shares with its primary key, rotation included; of another primary nothing is known.
func kmsReplicaOf(m *mapping, b *block) {
	d := m.made[b.in]
	k := d.r.Key
	primary := func() *draft {
		found, sure := m.targets(b, d.first("primary_key_arn", "primary_external_key_arn"), "", "aws_kms_key", "aws_kms_external_key")
		if !sure || len(found) == 0 {
			return nil
		}
		return m.made[found[0]]
	}()
	shared := []string{"key.spec", "key.algorithm", "key.bits", "key.usages", "key.origin", "key.rotation"}
	if primary == nil {
		for _, fact := range shared {
			if fact != "key.origin" || k.Origin == "" {
				d.open(fact, "its primary key is not declared here")
			}
		}
		return
	}
	p := primary.r.Key
	k.Spec, k.Algorithm, k.Bits, k.Usages, k.Origin = p.Spec, p.Algorithm, p.Bits, p.Usages, p.Origin
	rotation := *p.Rotation
	k.Rotation = &rotation
	for _, u := range primary.r.Unknown {
		for _, fact := range shared {
			if u.Fact == fact || strings.HasPrefix(u.Fact, fact+".") {
				d.open(u.Fact, u.Hint)
			}
		}
	}
	d.refer("names", primary, primary.r.Name)
}

// kmsAlias makes the key that an alias leads to go by its name. An alias is no resource of its own.
func kmsAlias(m *mapping, b *block) {
	name, known := b.text("name")
	m.onto(b, "target_key_id", "", func(key *draft, sure bool) {
		switch {
		case !sure:
			key.open("refs", "it may be what "+b.in.Address+" leads to")
		case !known:
			key.open("refs", b.in.Address+" leads to it by a name that is not known")
		default:
			key.ref(inventory.Ref{Edge: "alias", To: m.tree.ID("terraform", b.in.Root, b.in.Address), Target: "aws.kms.alias", Name: name})
			if key.r.Name == key.in.Address || name < key.r.Name {
				key.r.Name = name
			}
		}
	}, kmsKeyTypes...)
}

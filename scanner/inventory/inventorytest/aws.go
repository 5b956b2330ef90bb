package inventorytest

import (
	"fmt"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A spec is a kind of KMS key.
type spec struct {
	name, algorithm string
	bits            int
	usages          []string
}

var kmsSpecs = []spec{
	{"SYMMETRIC_DEFAULT", "aes", 256, []string{"decrypt", "encrypt"}},
	{"SYMMETRIC_DEFAULT", "aes", 256, []string{"decrypt", "encrypt"}},
	{"SYMMETRIC_DEFAULT", "aes", 256, []string{"decrypt", "encrypt"}},
	{"ECC_NIST_P256", "ec", 256, []string{"sign", "verify"}},
	{"RSA_3072", "rsa", 3072, []string{"sign", "verify"}},
	{"RSA_2048", "rsa", 2048, []string{"decrypt", "encrypt"}},
	{"HMAC_256", "hmac", 256, []string{"mac"}},
}

// kmsKeys makes one key, or a key with those that its alias has left behind.
func (g *generator) kmsKeys(p *place) {
	s := kmsSpecs[g.rand.IntN(len(kmsSpecs))]
	name := g.pick(services...) + "-" + g.pick(things...)
	key := g.kmsKey(p, s)
	switch {
	case s.name == "SYMMETRIC_DEFAULT" && g.chance(15): // made by AWS for one of its services
		service := g.pick("s3", "ebs", "rds", "secretsmanager", "sns")
		key.Key.Manager = "provider"
		key.Key.Rotation.Automatic, key.Key.Rotation.PeriodDays = ptr(true), ptr(365)
		key.Tags = map[string]string{}
		g.alias(p, &key, "alias/aws/"+service)
		g.put(key)
	case s.algorithm != "aes" && g.chance(60): // rolled: each roll makes a new key
		series := name
		key.Tags["keyreeve:series"] = series
		g.alias(p, &key, "alias/"+series)
		g.put(key)
		for range 1 + g.rand.IntN(2) {
			old := g.kmsKey(p, s)
			old.Key.CreatedAt = g.ago(200, 900)
			old.Key.RotatedAt = old.Key.CreatedAt
			old.Tags["keyreeve:series"] = series
			g.put(old)
		}
	default:
		if g.chance(90) {
			g.alias(p, &key, "alias/"+name)
		}
		g.put(key)
	}
}

func (g *generator) kmsKey(p *place, s spec) inventory.Resource {
	uuid := fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", g.rand.Uint32(), g.rand.IntN(1<<16), g.rand.IntN(1<<12), g.rand.IntN(1<<12), g.rand.Int64N(1<<48))
	k := &inventory.Key{
		Spec: s.name, Algorithm: s.algorithm, Bits: ptr(s.bits), Usages: s.usages, Manager: "customer", Origin: "generated", State: "enabled",
		CreatedAt: g.ago(5, 1200), MultiRegion: "single",
		Rotation: &inventory.Rotation{Supported: ptr(s.algorithm == "aes"), Automatic: ptr(false), KeepsOldForever: ptr(s.algorithm == "aes")},
		LastUse:  &inventory.LastUse{TrackingSince: g.ago(300, 301)},
	}
	k.RotatedAt = k.CreatedAt
	switch {
	case g.chance(4):
		k.State, k.DeletionAt = "pending_deletion", g.ahead(30)
	case g.chance(6):
		k.State = "disabled"
	}
	if g.chance(5) {
		k.Origin = g.pick("imported", "custom_store")
		k.Rotation.Supported = ptr(false)
	}
	if *k.Rotation.Supported && g.chance(70) {
		k.Rotation.Automatic, k.Rotation.PeriodDays, k.Rotation.NextAt = ptr(true), ptr(365), g.ahead(365)
		k.RotatedAt = later(k.CreatedAt, g.ago(1, 365))
	}
	if g.chance(70) {
		k.LastUse.At, k.LastUse.Operation = g.ago(0, 200), g.pick("Decrypt", "GenerateDataKey", "Sign")
	}
	return inventory.Resource{
		ID: inventory.ID("arn:aws:kms:" + p.region + ":" + p.account + ":key/" + uuid), Type: "aws.kms.key", Name: uuid,
		Scope: p.scope, Tags: g.tags(), Refs: []inventory.Ref{}, Key: k,
	}
}

// alias lets an alias point at a key. An alias already taken in the place gets a number.
func (g *generator) alias(p *place, r *inventory.Resource, name string) {
	arn := func() inventory.ID { return inventory.ID("arn:aws:kms:" + p.region + ":" + p.account + ":" + name) }
	for base, n := name, 2; g.ids[arn()]; n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	g.ids[arn()] = true
	if series := r.Tags["keyreeve:series"]; series != "" {
		r.Tags["keyreeve:series"] = name[len("alias/"):]
	}
	r.Name = name
	r.Refs = append(r.Refs, inventory.Ref{Edge: "alias", To: arn(), Target: "aws.kms.alias", Name: name})
}

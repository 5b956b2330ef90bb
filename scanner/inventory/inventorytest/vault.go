package inventorytest

import (
	"fmt"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

var policies = []string{"default", "root", "payments-read", "transit-admin", "app-secrets", "audit-read", "ci-deploy"}

var transitSpecs = []spec{
	{"aes256-gcm96", "aes", 256, []string{"decrypt", "encrypt"}},
	{"aes256-gcm96", "aes", 256, []string{"decrypt", "encrypt"}},
	{"ed25519", "ed25519", 256, []string{"sign", "verify"}},
	{"ecdsa-p256", "ec", 256, []string{"sign", "verify"}},
	{"rsa-2048", "rsa", 2048, []string{"decrypt", "encrypt", "sign", "verify"}},
	{"hmac", "hmac", 256, []string{"mac"}},
}

func (g *generator) vault(p *place, typ string) {
	name := g.pick(services...) + "-" + g.pick(things...)
	r := inventory.Resource{Type: typ, Name: name, Scope: p.scope}
	at := func(parts ...string) { r.ID = inventory.VaultID(p.cluster, p.namespace, parts...) }
	switch typ {
	case "vault.transit.key":
		at("transit", "keys", name)
		r.Key = g.transitKey()
	case "vault.kv.secret":
		r.Name = g.pick("prod", "staging", "dev", "shared") + "/" + g.pick(services...) + "/" + g.pick("stripe", "sendgrid", "database", "feature-flags", "oauth-client", "webhook")
		at("secret", "metadata", r.Name)
		r.Tags, r.Secret = g.tags(), g.kvSecret()
	case "vault.token":
		r.Name = g.pick("approle", "kubernetes", "token") + "-" + g.pick(services...)
		at("auth", "token", "accessors", fmt.Sprintf("%024x", g.rand.Uint64()))
		r.Credential = g.token()
		g.grants(p, &r, r.Credential.Policies)
	case "vault.approle.role":
		at("auth", "approle", "role", name)
		ttl, uses := 86400*g.rand.IntN(60), g.rand.IntN(3)
		r.Trust = g.role("approle")
		r.Trust.SecretID = &inventory.SecretIDTerms{Required: ptr(true), TTLSeconds: &ttl, Uses: &uses, BoundCIDRs: g.cidrs()}
		g.grants(p, &r, r.Trust.Policies)
	case "vault.kubernetes.role":
		at("auth", "kubernetes", "role", name)
		r.Trust = g.role("kubernetes")
		r.Trust.ServiceAccounts = []string{g.pick("*", "app", "worker", "deployer")}
		r.Trust.Namespaces = []string{g.pick("*", "payments", "checkout", "default")}
		r.Trust.Audience = g.pick("", "vault")
		g.grants(p, &r, r.Trust.Policies)
	case "vault.policy":
		r.Name = g.pick(policies...)
		at("sys", "policies", "acl", r.Name)
		r.Policy = &inventory.Policy{Builtin: ptr(r.Name == "root" || r.Name == "default")}
	case "vault.mount":
		engine := g.pick("kv", "transit", "pki", "database", "ssh")
		r.Name = engine + "-" + g.pick(services...)
		at("sys", "mounts", r.Name)
		r.Store = &inventory.Store{Engine: engine, Auth: ptr(false), Read: ptr(engine == "kv" || engine == "transit"), Local: ptr(g.chance(10)), SealWrap: ptr(false)}
	case "vault.audit.device":
		r.Name = g.pick("file", "syslog", "socket")
		at("sys", "audit", r.Name)
		r.Audit = &inventory.Audit{Device: r.Name, Raw: ptr(g.chance(10)), Local: ptr(false)}
	case "vault.cluster":
		r.Name = p.cluster + "/" + p.namespace
		at()
		r.Account = &inventory.Account{Version: "1.21.1", HostedBy: g.pick("self", "self", "hcp"), AuditDevices: ptr(g.rand.IntN(3))}
	}
	g.put(r)
}

func (g *generator) transitKey() *inventory.Key {
	s := transitSpecs[g.rand.IntN(len(transitSpecs))]
	latest := 1 + g.rand.IntN(6)
	oldest := 1 + g.rand.IntN(latest)
	k := &inventory.Key{
		Spec: s.name, Algorithm: s.algorithm, Bits: ptr(s.bits), Usages: s.usages, Manager: "customer", Origin: g.pick("generated", "generated", "imported"),
		State: "enabled", RotatedAt: g.ago(1, 800), Exportable: ptr(g.chance(10)), PlaintextBackup: ptr(g.chance(8)), DeletionAllowed: ptr(g.chance(15)), Derived: ptr(g.chance(5)),
		Versions: &inventory.KeyVersions{Latest: &latest, MinDecryption: &oldest, MinEncryption: ptr(0), MinAvailable: ptr(0), Accepted: ptr(latest - oldest + 1)},
		Rotation: &inventory.Rotation{Supported: ptr(true), Automatic: ptr(false), KeepsOldForever: ptr(false)},
	}
	if oldest == 1 {
		k.CreatedAt = k.RotatedAt
		if latest > 1 {
			k.CreatedAt = g.ago(800, 1500)
		}
	}
	if g.chance(40) {
		k.Rotation.Automatic, k.Rotation.PeriodDays = ptr(true), ptr(30*(1+g.rand.IntN(24)))
	}
	return k
}

func (g *generator) kvSecret() *inventory.Secret {
	version := 1 + g.rand.IntN(12)
	s := &inventory.Secret{
		CreatedAt: g.ago(30, 1500), State: "enabled", CurrentVersion: &version, KeptVersions: ptr(min(version, 10)), MaxVersions: ptr(g.rand.IntN(11)),
		ServiceManaged: ptr(false), Replica: ptr(false), Rotation: &inventory.Rotation{Supported: ptr(false), Automatic: ptr(false)},
	}
	s.WrittenAt = s.CreatedAt
	if version > 1 {
		s.WrittenAt = later(s.CreatedAt, g.ago(1, 400))
	}
	if g.chance(4) {
		s.State = "deleted"
	}
	return s
}

func (g *generator) token() *inventory.Credential {
	c := &inventory.Credential{
		Class: "token", TokenType: "service", Policies: sorted("default", g.pick(policies[2:]...)), CreatedAt: g.ago(0, 700),
		PeriodSeconds: ptr(0), BoundCIDRs: g.cidrs(), Orphan: ptr(g.chance(20)), Renewable: ptr(true), LoginPath: g.pick("auth/approle/login", "auth/kubernetes/login", "auth/token/create"),
	}
	switch {
	case g.chance(3):
		c.Policies, c.Renewable, c.Orphan = []string{"root"}, ptr(false), ptr(true)
	case g.chance(20):
		c.PeriodSeconds = ptr(86400)
		c.ExpiresAt = g.ahead(1)
	default:
		c.ExpiresAt = g.ahead(32)
	}
	return c
}

// role is what all roles of an auth method have.
func (g *generator) role(method string) *inventory.Trust {
	return &inventory.Trust{
		Method: method, Mount: "auth/" + method, Policies: sorted("default", g.pick(policies[2:]...)),
		TokenTTLSeconds: ptr(3600), TokenMaxTTLSeconds: ptr(86400), TokenPeriodSeconds: ptr(0), TokenBoundCIDRs: g.cidrs(),
	}
}

func (g *generator) cidrs() []string {
	if g.chance(70) {
		return []string{}
	}
	return []string{fmt.Sprintf("10.%d.0.0/16", g.rand.IntN(256))}
}

// grants names the policies that a login or token carries.
func (g *generator) grants(p *place, r *inventory.Resource, names []string) {
	for _, n := range names {
		r.Refs = append(r.Refs, inventory.Ref{Edge: "grants", To: inventory.VaultID(p.cluster, p.namespace, "sys", "policies", "acl", n), Target: "vault.policy", Name: n})
	}
}

// leak is a credential found in a repository. Nothing of it is a credential.
func (g *generator) leak(p *place) {
	detector := g.pick("aws-access-token", "github-pat", "private-key", "generic-api-key", "slack-webhook-url")
	file := g.pick("deploy", "config", "internal", "testdata", "scripts") + "/" + g.pick(things...) + g.pick(".yaml", ".env", ".go", ".tf")
	line := 1 + g.rand.IntN(300)
	id := func(ordinal int) inventory.ID {
		return inventory.ID(fmt.Sprintf("repo:%s#%s:%s:%d", p.scope.Part(1), detector, file, ordinal))
	}
	ordinal := 1
	for g.ids[id(ordinal)] {
		ordinal++
	}
	r := inventory.Resource{
		ID: id(ordinal), Type: "repo.credential", Name: detector + " in " + file,
		Origin: inventory.Declared, Scope: p.scope, Location: &inventory.Location{Path: file, StartLine: line, EndLine: line},
		Credential: &inventory.Credential{Class: "specific", Detector: detector, Preview: "40 characters", InHead: ptr(g.chance(80))},
	}
	if strings.HasPrefix(detector, "generic") {
		r.Credential.Class = "generic"
	}
	if g.chance(10) {
		r.Credential.AllowedBy = g.pick("inline", "ignore_file")
	}
	g.put(r)
}

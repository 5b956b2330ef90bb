package terraform

import (
	"strconv"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// transitTypes are the types of transit keys of Vault, with what the documentation of the engine says that each can do.
var transitTypes = map[string]struct {
	algorithm string
	bits      int // 0: stated elsewhere, or not a meaningful figure
	usages    []string
}{
	"aes128-gcm96": {"aes", 128, encrypts}, "aes256-gcm96": {"aes", 256, encrypts}, "chacha20-poly1305": {"chacha20", 256, encrypts},
	"aes128-cbc": {"aes", 128, encrypts}, "aes256-cbc": {"aes", 256, encrypts},
	"rsa-2048": {"rsa", 2048, encryptsAndSigns}, "rsa-3072": {"rsa", 3072, encryptsAndSigns}, "rsa-4096": {"rsa", 4096, encryptsAndSigns},
	"ecdsa-p256": {"ec", 256, signs}, "ecdsa-p384": {"ec", 384, signs}, "ecdsa-p521": {"ec", 521, signs}, "ed25519": {"ed25519", 256, signs},
	"hmac": {"hmac", 0, macs}, "aes128-cmac": {"cmac", 128, macs}, "aes192-cmac": {"cmac", 192, macs}, "aes256-cmac": {"cmac", 256, macs},
	"ml-dsa": {"ml_dsa", 0, signs}, "slh-dsa": {"slh_dsa", 0, signs}, "hybrid": {"hybrid", 0, signs},
}

var (
	encrypts         = []string{"decrypt", "encrypt"}
	signs            = []string{"sign", "verify"}
	encryptsAndSigns = []string{"decrypt", "encrypt", "sign", "verify"}
	macs             = []string{"mac"}
)

func transitKey(m *mapping, b *block) {
	d := m.declare(b, "vault.transit.key", "")
	d.pathed("/keys/", "backend", "name")
	k := &inventory.Key{Manager: "customer", Origin: "generated", State: "enabled", Rotation: &inventory.Rotation{Supported: ref(true), KeepsOldForever: ref(false)}}
	d.r.Key = k
	k.Spec = d.word("key.spec", "type")
	t, known := transitTypes[k.Spec]
	switch {
	case k.Spec == "" || !known:
		why := "keyreeve does not know this type of key"
		if u := d.r.Unread("key.spec"); u != nil {
			why = u.Hint
		}
		for _, fact := range []string{"key.algorithm", "key.bits", "key.usages"} {
			d.open(fact, why)
		}
		if k.Spec == "managed_key" {
			k.Origin, k.Rotation.Supported = "custom_store", ref(false)
		}
	case t.bits > 0:
		k.Bits = ref(t.bits)
	}
	k.Algorithm, k.Usages = t.algorithm, t.usages
	if k.Spec == "hmac" {
		if bytes := d.number("key.bits", "key_size"); bytes != nil {
			k.Bits = ref(8 * *bytes)
		}
	}
	k.Exportable = d.flag("key.exportable", "exportable")
	k.PlaintextBackup = d.flag("key.plaintext_backup", "allow_plaintext_backup")
	k.DeletionAllowed = d.flag("key.deletion_allowed", "deletion_allowed")
	k.Derived = d.flag("key.derived", "derived")
	d.autoRotates(k.Rotation)
}

// autoRotates reads the period, in seconds, or under its older name in hours.
func (d *draft) autoRotates(rot *inventory.Rotation) {
	arg, unit := "auto_rotate_period", 1
	if d.first(arg, "auto_rotate_interval") != arg {
		arg, unit = "auto_rotate_interval", 60*60
	}
	n := d.number("key.rotation.automatic", arg)
	if n == nil {
		d.open("key.rotation.period_days", d.r.Unread("key.rotation.automatic").Hint)
		return
	}
	rot.Automatic = ref(*n > 0)
	if *n > 0 {
		rot.PeriodDays = ref(days(*n * unit))
	}
}

const day = 24 * 60 * 60

// days are those that a number of seconds takes, a part of a day counted as one.
func days(seconds int) int { return (seconds + day - 1) / day }

// pathed names a resource by its path: the mount, what stands between, and its own name.
func (d *draft) pathed(between, mountArg, nameArg string) {
	name, ok := d.text(nameArg)
	if !ok {
		d.open("name", d.unresolved(nameArg, d.raw(nameArg)))
		return
	}
	mount, ok := d.text(mountArg)
	if d.r.Name = name; ok {
		d.r.Name = strings.Trim(mount, "/") + between + name
	}
}

// kvVersions are the types of mounts that say the version of the KV engine by their name.
var kvVersions = map[string]string{"kv-v1": "1", "kv-v2": "2"}

func vaultMount(m *mapping, b *block) {
	d := m.declare(b, "vault.mount", "")
	d.named("", "path")
	s := &inventory.Store{Auth: ref(false), Engine: d.word("store.engine", "type")}
	d.r.Store = s
	s.Local, s.SealWrap = d.flag("store.local", "local"), d.flag("store.seal_wrap", "seal_wrap")
	s.MaxLeaseTTL = d.number("store.max_lease_ttl_seconds", "max_lease_ttl_seconds")
	if version := kvVersions[s.Engine]; version != "" {
		s.Engine, s.Version = "kv", version
	} else if s.Engine == "kv" || s.Engine == "generic" {
		s.Version = "1"
		if options := b.raw("options"); options != cty.NilVal {
			o := draft{block: block{in: b.in, path: "options.", values: options}, r: d.r}
			if v := o.word("store.version", "version"); v != "" {
				s.Version = v
			}
		}
	}
}

// kvBackend is the configuration of a KV engine. Where the mount is declared too, it belongs to that.
func kvBackend(m *mapping, b *block) {
	if found, sure := m.targets(b, "mount", "path", "vault_mount"); sure && len(found) == 1 {
		return
	}
	d := m.declare(b, "vault.mount", "max_versions")
	d.named("", "mount")
	d.r.Store = &inventory.Store{Engine: "kv", Version: "2", Auth: ref(false)}
	d.r.Store.MaxVersions = d.number("store.max_versions", "max_versions")
}

func kvBackendOf(m *mapping, b *block) {
	m.onto(b, "mount", "path", func(mount *draft, sure bool) {
		if !sure {
			mount.open("store.max_versions", "it may be the one that "+b.in.Address+" configures")
			return
		}
		config := draft{block: *b, r: mount.r}
		mount.r.Store.MaxVersions = config.number("store.max_versions", "max_versions")
	}, "vault_mount")
}

// kvSecret reads that a secret is declared, and whether its value stands in the code; the value is not kept.
func kvSecret(m *mapping, b *block) {
	d := m.declare(b, "vault.kv.secret", b.first("data_json", "data_json_wo"))
	if b.in.Type == "vault_kv_secret_v2" {
		d.pathed("/", "mount", "name")
	} else {
		d.named("", "path")
	}
	is, why := d.inCode()
	s := &inventory.Secret{
		ServiceManaged: ref(false), Replica: ref(false), ValueInCode: &is, Rotation: &inventory.Rotation{Supported: ref(false), Automatic: ref(false)},
	}
	d.r.Secret = s
	d.open("secret.value_in_code", why)
	d.r.Tags = map[string]string{}
	meta, why := d.blockOf("custom_metadata")
	switch {
	case why != "":
		d.open("tags", why)
		d.open("secret.max_versions", why)
	case meta != nil:
		meta.tags("data")
		if n := meta.number("secret.max_versions", "max_versions"); n != nil && *n > 0 {
			s.MaxVersions = n // 0 leaves it to the mount
		}
	}
}

// blockOf is the only block of a name as a draft of the same resource.
func (d *draft) blockOf(name string) (*draft, string) {
	b, why := d.block.block(name)
	if b == nil {
		return nil, why
	}
	return &draft{block: *b, r: d.r}, ""
}

func vaultAuth(m *mapping, b *block) {
	d := m.declare(b, "vault.mount", "")
	s := &inventory.Store{Auth: ref(true), Engine: d.word("store.engine", "type"), Local: d.flag("store.local", "local")}
	d.r.Store = s
	switch path, why := d.read("path", cty.String); {
	case why != "":
		d.open("name", why)
	case path != cty.NilVal:
		d.r.Name = "auth/" + path.AsString()
	case s.Engine != "":
		d.r.Name = "auth/" + s.Engine
	}
}

func vaultAudit(m *mapping, b *block) {
	d := m.declare(b, "vault.audit.device", "options.log_raw")
	d.named("", d.first("path", "type"))
	a := &inventory.Audit{Device: d.word("audit.device", "type"), Local: d.flag("audit.local", "local")}
	d.r.Audit = a
	a.Raw = ref(false)
	if options := b.raw("options"); options != cty.NilVal {
		o := draft{block: block{in: b.in, path: "options.", values: options}, r: d.r}
		raw := o.word("audit.raw", "log_raw")
		on, err := strconv.ParseBool(raw)
		*a.Raw = err == nil && on
	}
}

// seconds reads a duration as Vault does: seconds, or a number with a unit, "768h" or "30d". ok is false for anything else.
func seconds(text string) (n int, ok bool) {
	if n, err := strconv.Atoi(text); err == nil {
		return n, true
	}
	if d, found := strings.CutSuffix(text, "d"); found {
		n, err := strconv.Atoi(d)
		return n * day, err == nil
	}
	d, err := time.ParseDuration(text)
	return int(d / time.Second), err == nil
}

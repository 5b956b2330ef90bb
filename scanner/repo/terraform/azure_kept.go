package terraform

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// keyTypes are the types of keys of Key Vault: the algorithm, and the argument that tells the size.
var keyTypes = map[string]struct{ algorithm, size string }{
	"RSA": {"rsa", "key_size"}, "RSA-HSM": {"rsa", "key_size"}, "EC": {"ec", "curve"}, "EC-HSM": {"ec", "curve"}, "oct": {"aes", "key_size"}, "oct-HSM": {"aes", "key_size"},
}

var curveBits = map[string]int{"P-256": 256, "P-256K": 256, "P-384": 384, "P-521": 521}

// keyOperations are the operations of a JSON Web Key.
var keyOperations = map[string]string{
	"encrypt": "encrypt", "decrypt": "decrypt", "sign": "sign", "verify": "verify", "wrapKey": "wrap", "unwrapKey": "wrap", "deriveKey": "derive", "deriveBits": "derive",
}

func keyVaultKey(m *mapping, b *block) {
	d := m.declare(b, "azure.keyvault.key", b.first("rotation_policy", "key_type"))
	d.named("", "name")
	d.tags("tags")
	// The provider makes every key in the vault and does not let it out.
	k := &inventory.Key{Manager: "customer", Origin: "generated", State: "enabled", Exportable: ref(false)}
	d.r.Key = k
	d.specOf(&k.Spec, &k.Algorithm, &k.Bits, "key.")
	k.Usages = d.operations("key_opts")
	k.ExpiresAt = d.moment("key.expires_at", "expiration_date")
	k.Rotation = &inventory.Rotation{Supported: ref(true), Automatic: ref(false), KeepsOldForever: ref(false)}
	d.rotationPolicy(k.Rotation)
}

// specOf states the kind of a key by its type and its size or curve: "RSA-HSM 3072", "EC P-256".
func (d *draft) specOf(spec, algorithm *string, bits **int, facet string) {
	kind := d.word(facet+"spec", "key_type")
	if i := slices.IndexFunc(sortedKeys(keyTypes), func(k string) bool { return strings.EqualFold(k, kind) }); i >= 0 {
		kind = sortedKeys(keyTypes)[i]
	}
	t := keyTypes[kind]
	if t.size == "" {
		why := "keyreeve does not know this type of key"
		if u := d.r.Unread(facet + "spec"); u != nil {
			why = u.Hint
		}
		d.open(facet+"spec", why)
		d.open(facet+"bits", why)
		if algorithm != nil {
			d.open(facet+"algorithm", why)
		}
		return
	}
	if algorithm != nil {
		*algorithm = t.algorithm
	}
	*spec = kind
	if t.size == "curve" {
		curve := d.word(facet+"bits", "curve")
		if n := curveBits[curve]; n > 0 {
			*bits = &n
		}
		*spec = strings.TrimSpace(kind + " " + curve)
	} else if *bits = d.number(facet+"bits", "key_size"); *bits != nil {
		*spec = kind + " " + strconv.Itoa(**bits)
	}
	if *bits == nil {
		d.open(facet+"bits", d.path+t.size+" is not stated")
	}
}

func (d *draft) operations(arg string) []string {
	found := map[string]bool{}
	for _, op := range d.words("key.usages", arg) {
		if use := keyOperations[op]; use != "" {
			found[use] = true
		} else {
			d.open("key.usages", "keyreeve does not know the operation "+op)
		}
	}
	return sortedKeys(found)
}

// rotationPolicy reads whether a key rotates itself: some time after it was made, or before it expires. Telling somebody is no rotation.
func (d *draft) rotationPolicy(rot *inventory.Rotation) {
	const automatic, period = "key.rotation.automatic", "key.rotation.period_days"
	policy, why := d.blockOf("rotation_policy")
	var auto *block
	if policy != nil {
		auto, why = policy.block.block("automatic")
	}
	switch {
	case why != "":
		d.open(automatic, why)
		d.open(period, why)
		return
	case auto == nil:
		return
	}
	rot.Automatic = ref(true)
	a := draft{block: *auto, r: d.r}
	if after := a.iso(period, "time_after_creation"); after != nil {
		rot.PeriodDays = after
		return
	}
	if before := a.iso(period, "time_before_expiry"); before != nil {
		if life := policy.iso(period, "expire_after"); life != nil && *life > *before {
			rot.PeriodDays = ref(*life - *before)
			return
		}
	}
	d.open(period, "rotation_policy does not tell when the key rotates")
}

// iso is an argument that is a duration of ISO 8601, in days.
func (d *draft) iso(fact, arg string) *int {
	text := d.word(fact, arg)
	if text == "" {
		return nil
	}
	n, ok := isoDays(text)
	if !ok {
		d.open(fact, d.path+arg+" is not a duration of ISO 8601")
		return nil
	}
	return &n
}

var isoDuration = regexp.MustCompile(`^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(T[\dHMS.]+)?$`)

// isoDays counts the days of a duration of ISO 8601, a year as 365 and a month as 30.4 of them; a part of a day counts as one.
func isoDays(text string) (int, bool) {
	m := isoDuration.FindStringSubmatch(text)
	if m == nil || text == "P" {
		return 0, false
	}
	n := func(i int) int { v, _ := strconv.Atoi(m[i]); return v }
	total := 365*n(1) + (365*n(2)+11)/12 + 7*n(3) + n(4)
	if m[5] != "" {
		total++
	}
	return total, true
}

func keyVaultSecret(m *mapping, b *block) {
	d := m.declare(b, "azure.keyvault.secret", b.first("expiration_date", "value", "value_wo"))
	d.named("", "name")
	d.tags("tags")
	is, why := d.inCode()
	d.open("secret.value_in_code", why)
	d.r.Secret = &inventory.Secret{
		// Key Vault rotates no secret by itself.
		ServiceManaged: ref(false), Replica: ref(false), ValueInCode: &is, Rotation: &inventory.Rotation{Supported: ref(false), Automatic: ref(false)},
		ExpiresAt: d.moment("secret.expires_at", "expiration_date"), Format: d.word("secret.format", "content_type"),
	}
}

// keyVaultCertificate reads the policy by which a certificate is issued. One that is imported without a policy says nothing of its key.
func keyVaultCertificate(m *mapping, b *block) {
	d := m.declare(b, "azure.keyvault.certificate", "certificate_policy")
	d.named("", "name")
	d.tags("tags")
	c := &inventory.Certificate{}
	d.r.Certificate = c
	policy, why := d.blockOf("certificate_policy")
	if policy == nil {
		if why == "" {
			why = "no certificate_policy is stated"
		}
		for _, fact := range []string{"certificate.auto_renew", "certificate.exportable", "certificate.spec", "certificate.bits"} {
			d.open(fact, why)
		}
		return
	}
	if key, why := policy.blockOf("key_properties"); key != nil {
		c.Exportable = key.flag("certificate.exportable", "exportable")
		key.specOf(&c.Spec, nil, &c.Bits, "certificate.")
	} else {
		d.open("certificate.exportable", why)
		d.open("certificate.spec", why)
	}
	if x509, why := policy.blockOf("x509_certificate_properties"); x509 != nil {
		if months := x509.number("certificate.valid_days", "validity_in_months"); months != nil {
			c.ValidDays = ref((*months*365 + 11) / 12)
		}
	} else {
		d.open("certificate.valid_days", why)
	}
	c.AutoRenew = policy.renews()
}

// renews tells whether a policy of a certificate renews it. What happens without lifetime_action, Azure decides.
func (d *draft) renews() *bool {
	const fact = "certificate.auto_renew"
	actions, why := d.blocks("lifetime_action")
	d.open(fact, why)
	if len(actions) == 0 {
		d.open(fact, "no lifetime_action is stated")
		return nil
	}
	is := false
	for _, l := range actions {
		action, why := l.block("action")
		d.open(fact, why)
		if action == nil {
			continue
		}
		kind, why := action.read("action_type", cty.String)
		d.open(fact, why)
		is = is || kind != cty.NilVal && kind.AsString() == "AutoRenew"
	}
	if is {
		d.close(fact)
	}
	return &is
}

package vault

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

var transit = engine{
	name: "transit", usual: "transit", what: "keys", list: listTransitKeys, read: readTransitKey,
	start: func(res *inventory.Resource, _ string) {
		res.Key = &inventory.Key{Manager: "customer", Versions: &inventory.KeyVersions{}, Rotation: &inventory.Rotation{KeepsOldForever: ref(false)}}
	},
	fill:   (*run).fillTransitKey,
	about:  readTransitConfig,
	settle: func(a *answer) { a.Store.UpsertDisabled = a.flag("store.upsert_disabled", "disable_upsert") },
}

// keyTypes gives the algorithm and size, in bits, of each type of transit key.
var keyTypes = map[string]struct {
	algorithm string
	bits      int // 0: stated elsewhere, or not a meaningful figure
}{
	"aes128-gcm96": {"aes", 128}, "aes256-gcm96": {"aes", 256}, "aes128-cbc": {"aes", 128}, "aes256-cbc": {"aes", 256},
	"chacha20-poly1305": {"chacha20", 256},
	"rsa-2048":          {"rsa", 2048}, "rsa-3072": {"rsa", 3072}, "rsa-4096": {"rsa", 4096},
	"ecdsa-p256": {"ec", 256}, "ecdsa-p384": {"ec", 384}, "ecdsa-p521": {"ec", 521}, "ed25519": {"ed25519", 256},
	"hmac": {"hmac", 0}, "aes128-cmac": {"cmac", 128}, "aes192-cmac": {"cmac", 192}, "aes256-cmac": {"cmac", 256},
	"ml-dsa": {"ml_dsa", 0}, "slh-dsa": {"slh_dsa", 0}, "hybrid": {"hybrid", 0},
}

func (r *run) fillTransitKey(a *answer) {
	k := a.Key
	k.Spec = a.text("key.spec", "type")
	a.keyType(k)
	k.Usages = a.usages(k.Spec)
	k.Exportable = a.flag("key.exportable", "exportable")
	k.PlaintextBackup = a.flag("key.plaintext_backup", "allow_plaintext_backup")
	k.DeletionAllowed = a.flag("key.deletion_allowed", "deletion_allowed")
	k.Derived = a.flag("key.derived", "derived")
	a.versions(k.Versions)
	a.ages(k)
	a.rotation(k)
	k.State = "enabled"
	switch softDeleted, stated := a.fields["soft_deleted"]; { // OpenBao alone has it
	case k.Spec == "":
		k.State = ""
		a.unknown("key.state", inventory.NotRead, "")
	case stated && string(softDeleted) == "true":
		k.State = "disabled"
	}
}

// keyType tells what the key's type implies. A type that is not in the table is unknown rather than "other": a rule about weak
// keys could not judge it.
func (a *answer) keyType(k *inventory.Key) {
	t, known := keyTypes[k.Spec]
	switch {
	case k.Spec == "":
		a.unknown("key.algorithm", inventory.NotRead, "")
		a.unknown("key.bits", inventory.NotRead, "")
		return
	case !known:
		const hint = "keyreeve does not know this type of key; Vault does not state the algorithm of a managed key"
		a.unknown("key.algorithm", inventory.Unsupported, hint)
		a.unknown("key.bits", inventory.Unsupported, hint)
		return
	}
	k.Algorithm = t.algorithm
	if t.bits > 0 {
		k.Bits = &t.bits
	}
	if k.Spec == "hmac" {
		if bytes := a.number("key.bits", "key_size"); bytes != nil {
			k.Bits = ref(8 * *bytes)
		}
	}
}

// usages are those of the key's type. That a HMAC can be made under a key of almost any type is left out: Vault keeps another
// key for it.
func (a *answer) usages(spec string) []string {
	encrypt, decrypt, sign := a.flag("key.usages", "supports_encryption"), a.flag("key.usages", "supports_decryption"), a.flag("key.usages", "supports_signing")
	if encrypt == nil || decrypt == nil || sign == nil || spec == "" {
		a.unknown("key.usages", inventory.NotRead, "")
		return nil
	}
	usages := []string{}
	if *decrypt {
		usages = append(usages, "decrypt")
	}
	if *encrypt {
		usages = append(usages, "encrypt")
	}
	if t := keyTypes[spec].algorithm; t == "hmac" || t == "cmac" {
		usages = append(usages, "mac")
	}
	if *sign {
		usages = append(usages, "sign", "verify")
	}
	return usages
}

// versions counts what still decrypts or verifies: the versions from min_decryption_version on, of those that were not trimmed.
func (a *answer) versions(v *inventory.KeyVersions) {
	v.Latest = a.number("key.versions.latest", "latest_version")
	v.MinDecryption = a.number("key.versions.min_decryption", "min_decryption_version")
	v.MinEncryption = a.number("key.versions.min_encryption", "min_encryption_version")
	v.MinAvailable = a.number("key.versions.min_available", "min_available_version")
	if v.Latest == nil || v.MinDecryption == nil || v.MinAvailable == nil {
		a.unknown("key.versions.accepted", inventory.NotRead, "")
		return
	}
	v.Accepted = ref(max(0, *v.Latest-max(*v.MinDecryption, *v.MinAvailable, 1)+1))
}

// ages tells when the latest version was made, and the first. Versions below min_decryption_version are not shown, so the time
// of the first is often not to be had. HMAC, CMAC and managed keys show no versions at all.
func (a *answer) ages(k *inventory.Key) {
	times, stated := a.versionTimes()
	if !stated {
		const hint = "Vault does not state when the versions of this type of key were made"
		a.unknown("key.rotated_at", inventory.NotRead, hint)
		a.unknown("key.created_at", inventory.NotRead, hint)
		return
	}
	if first, shown := times[1]; shown {
		if k.CreatedAt = first; first == nil {
			a.unknown("key.created_at", inventory.NotRead, "the answer lacks the time of the first version")
		}
	}
	if k.Versions.Latest != nil {
		k.RotatedAt = times[*k.Versions.Latest]
	}
	if k.RotatedAt == nil {
		a.unknown("key.rotated_at", inventory.NotRead, "the answer lacks the time of the latest version")
	}
}

// versionTimes reads "keys", which has two shapes: {"1": UNIX SECONDS} of symmetric keys and {"1": {"creation_time": RFC 3339, ...}}
// of asymmetric ones. A version whose time cannot be read is there with nil.
func (a *answer) versionTimes() (times map[int]*time.Time, stated bool) {
	var versions map[string]json.RawMessage
	if raw, ok := a.fields["keys"]; !ok || json.Unmarshal(raw, &versions) != nil || versions == nil {
		return nil, false
	}
	times = map[int]*time.Time{}
	for text, raw := range versions {
		version, err := strconv.Atoi(text)
		if err != nil {
			continue
		}
		var seconds int64
		var asymmetric struct {
			At time.Time `json:"creation_time"`
		}
		times[version] = nil
		switch {
		case json.Unmarshal(raw, &seconds) == nil && plausible(time.Unix(seconds, 0)):
			times[version] = ref(time.Unix(seconds, 0).UTC())
		case json.Unmarshal(raw, &asymmetric) == nil && plausible(asymmetric.At.UTC()):
			times[version] = ref(asymmetric.At.UTC())
		}
	}
	return times, true
}

// rotation tells whether Vault could rotate the key by itself, and does. It never rotates a managed key, nor an imported one
// unless that was allowed at import.
func (a *answer) rotation(k *inventory.Key) {
	rot := k.Rotation
	if imported := a.flag("key.origin", "imported_key"); imported != nil {
		k.Origin = "generated"
		rot.Supported = ref(true)
		if *imported {
			k.Origin = "imported"
			rot.Supported = a.flag("key.rotation.supported", "imported_key_allow_rotation")
		}
	} else {
		a.unknown("key.rotation.supported", inventory.NotRead, "")
	}
	if k.Spec == "managed_key" {
		k.Origin, rot.Supported = "custom_store", ref(false)
	}
	seconds := a.number("key.rotation.automatic", "auto_rotate_period")
	if seconds == nil {
		a.unknown("key.rotation.period_days", inventory.NotRead, "")
		return
	}
	rot.Automatic = ref(*seconds > 0)
	if *seconds > 0 {
		const day = 24 * 60 * 60
		rot.PeriodDays = ref((*seconds + day - 1) / day)
	}
}

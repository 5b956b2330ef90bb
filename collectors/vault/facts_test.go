package vault

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func TestTransitKeyFacts(t *testing.T) {
	for _, c := range []struct {
		name    string
		key     vaultfake.TransitKey
		want    inventory.Key
		unknown []string
	}{
		{
			name: "rotated twice, the first version no longer accepted",
			key:  vaultfake.TransitKey{Type: "aes256-gcm96", Versions: []time.Time{daysAgo(800), daysAgo(400), daysAgo(100)}, MinDecryption: 2, AutoRotate: 36 * time.Hour},
			want: inventory.Key{
				Spec: "aes256-gcm96", Algorithm: "aes", Bits: ref(256), Usages: []string{"decrypt", "encrypt"}, Origin: "generated", RotatedAt: ref(daysAgo(100)),
				Versions: &inventory.KeyVersions{Latest: ref(3), MinDecryption: ref(2), MinEncryption: ref(0), MinAvailable: ref(0), Accepted: ref(2)},
				Rotation: &inventory.Rotation{Supported: ref(true), Automatic: ref(true), PeriodDays: ref(2)},
			},
		},
		{
			name: "never rotated, asymmetric",
			key:  vaultfake.TransitKey{Type: "ecdsa-p521", Versions: []time.Time{daysAgo(5)}, Exportable: true, PlainBackup: true, Deletable: true},
			want: inventory.Key{
				Spec: "ecdsa-p521", Algorithm: "ec", Bits: ref(521), Usages: []string{"sign", "verify"}, Origin: "generated", CreatedAt: ref(daysAgo(5)), RotatedAt: ref(daysAgo(5)),
				Exportable: ref(true), PlaintextBackup: ref(true), DeletionAllowed: ref(true),
			},
		},
		{
			name: "RSA signs and encrypts",
			key:  vaultfake.TransitKey{Type: "rsa-2048", Versions: []time.Time{daysAgo(5)}},
			want: inventory.Key{
				Spec: "rsa-2048", Algorithm: "rsa", Bits: ref(2048), Usages: []string{"decrypt", "encrypt", "sign", "verify"}, Origin: "generated",
				CreatedAt: ref(daysAgo(5)), RotatedAt: ref(daysAgo(5)),
			},
		},
		{
			name: "imported, not to be rotated",
			key:  vaultfake.TransitKey{Type: "ed25519", Versions: []time.Time{daysAgo(5)}, Imported: true},
			want: inventory.Key{
				Spec: "ed25519", Algorithm: "ed25519", Bits: ref(256), Usages: []string{"sign", "verify"}, Origin: "imported", CreatedAt: ref(daysAgo(5)), RotatedAt: ref(daysAgo(5)),
				Rotation: &inventory.Rotation{Supported: ref(false), Automatic: ref(false)},
			},
		},
		{
			name: "imported, may be rotated",
			key:  vaultfake.TransitKey{Type: "ed25519", Versions: []time.Time{daysAgo(5)}, Imported: true, MayRotate: true},
			want: inventory.Key{
				Spec: "ed25519", Algorithm: "ed25519", Bits: ref(256), Usages: []string{"sign", "verify"}, Origin: "imported", CreatedAt: ref(daysAgo(5)), RotatedAt: ref(daysAgo(5)),
				Rotation: &inventory.Rotation{Supported: ref(true), Automatic: ref(false)},
			},
		},
		{
			name: "trimmed",
			key:  vaultfake.TransitKey{Type: "aes128-gcm96", Versions: []time.Time{daysAgo(4), daysAgo(3), daysAgo(2), daysAgo(1)}, MinDecryption: 3, MinAvailable: 3, MinEncryption: 4, Derived: true},
			want: inventory.Key{
				Spec: "aes128-gcm96", Algorithm: "aes", Bits: ref(128), Usages: []string{"decrypt", "encrypt"}, Origin: "generated", RotatedAt: ref(daysAgo(1)), Derived: ref(true),
				Versions: &inventory.KeyVersions{Latest: ref(4), MinDecryption: ref(3), MinEncryption: ref(4), MinAvailable: ref(3), Accepted: ref(2)},
			},
		},
		{
			name:    "HMAC: Vault does not say how old its versions are",
			key:     vaultfake.TransitKey{Type: "hmac", KeySize: 64, Versions: []time.Time{daysAgo(900)}},
			want:    inventory.Key{Spec: "hmac", Algorithm: "hmac", Bits: ref(512), Usages: []string{"mac"}, Origin: "generated"},
			unknown: []string{"key.created_at", "key.rotated_at"},
		},
		{
			name:    "a type of the future",
			key:     vaultfake.TransitKey{Type: "ml-kem-1024", Versions: []time.Time{daysAgo(5)}},
			want:    inventory.Key{Spec: "ml-kem-1024", Usages: []string{}, Origin: "generated", CreatedAt: ref(daysAgo(5)), RotatedAt: ref(daysAgo(5))},
			unknown: []string{"key.algorithm", "key.bits"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.key.Name = "jwt"
			got := read(t, vaultfake.New(estateOf(vaultfake.Namespace{Mounts: []vaultfake.Mount{{Path: "transit/", Type: "transit", Keys: []vaultfake.TransitKey{c.key}}}}),
				vaultfake.Options{}), Config{}).resources["vault:eu/root/transit/keys/jwt"]
			c.want.Manager, c.want.State = "customer", "enabled"
			if c.want.Versions == nil {
				c.want.Versions = &inventory.KeyVersions{Latest: ref(1), MinDecryption: ref(1), MinEncryption: ref(0), MinAvailable: ref(0), Accepted: ref(1)}
			}
			if c.want.Rotation == nil {
				c.want.Rotation = &inventory.Rotation{Supported: ref(true), Automatic: ref(false)}
			}
			c.want.Rotation.KeepsOldForever = ref(false)
			for _, flag := range []**bool{&c.want.Exportable, &c.want.PlaintextBackup, &c.want.DeletionAllowed, &c.want.Derived} {
				if *flag == nil {
					*flag = ref(false)
				}
			}
			if diff := cmp.Diff(&c.want, got.Key); diff != "" {
				t.Errorf("the key differs (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.unknown, names(got.Unknown)); diff != "" {
				t.Errorf("the unknown facts differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSecretFacts(t *testing.T) {
	soon := noon.AddDate(0, 0, 7)
	for _, c := range []struct {
		name    string
		secret  vaultfake.Secret
		want    inventory.Secret
		tags    map[string]string
		unknown []string
	}{
		{
			name:   "written twice",
			secret: vaultfake.Secret{Custom: map[string]string{"team": "a"}, MaxVersions: 5, Versions: []vaultfake.SecretVersion{{Created: daysAgo(300)}, {Created: daysAgo(10)}}},
			tags:   map[string]string{"team": "a"},
			want:   inventory.Secret{CreatedAt: ref(daysAgo(300)), WrittenAt: ref(daysAgo(10)), State: "enabled", CurrentVersion: ref(2), KeptVersions: ref(2), DeletedVersions: ref(0), MaxVersions: ref(5)},
		},
		{
			name:   "the current version will end",
			secret: vaultfake.Secret{Versions: []vaultfake.SecretVersion{{Created: daysAgo(300), Destroyed: true}, {Created: daysAgo(10), Deleted: soon}}},
			want:   inventory.Secret{CreatedAt: ref(daysAgo(300)), WrittenAt: ref(daysAgo(10)), ExpiresAt: &soon, State: "enabled", CurrentVersion: ref(2), KeptVersions: ref(1), DeletedVersions: ref(0)},
		},
		{
			name:   "the current version has ended",
			secret: vaultfake.Secret{Versions: []vaultfake.SecretVersion{{Created: daysAgo(300)}, {Created: daysAgo(10), Deleted: daysAgo(2)}}},
			want:   inventory.Secret{CreatedAt: ref(daysAgo(300)), WrittenAt: ref(daysAgo(10)), State: "deleted", CurrentVersion: ref(2), KeptVersions: ref(1), DeletedVersions: ref(1)},
		},
		{
			name:   "destroyed",
			secret: vaultfake.Secret{Versions: []vaultfake.SecretVersion{{Created: daysAgo(300), Destroyed: true}}},
			want:   inventory.Secret{CreatedAt: ref(daysAgo(300)), WrittenAt: ref(daysAgo(300)), State: "destroyed", CurrentVersion: ref(1), KeptVersions: ref(0), DeletedVersions: ref(0)},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.secret.Path, c.secret.Value = "team/db", "value"
			got := read(t, vaultfake.New(estateOf(vaultfake.Namespace{Mounts: []vaultfake.Mount{{Path: "kv/", Type: "kv", Version: "2", Secrets: []vaultfake.Secret{c.secret}}}}),
				vaultfake.Options{}), Config{}).resources["vault:eu/root/kv/metadata/team/db"]
			c.want.ServiceManaged, c.want.Replica = ref(false), ref(false)
			c.want.Rotation = &inventory.Rotation{Supported: ref(false), Automatic: ref(false)}
			if diff := cmp.Diff(&c.want, got.Secret); diff != "" {
				t.Errorf("the secret differs (-want +got):\n%s", diff)
			}
			if c.tags == nil {
				c.tags = map[string]string{}
			}
			if diff := cmp.Diff(c.tags, got.Tags); diff != "" {
				t.Errorf("the tags differ (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.unknown, names(got.Unknown)); diff != "" {
				t.Errorf("the unknown facts differ (-want +got):\n%s", diff)
			}
		})
	}
}

// A path of KV may hold metadata and no version; it has no value that could be old.
func TestSecretWithoutVersion(t *testing.T) {
	estate := estateOf(vaultfake.Namespace{Mounts: []vaultfake.Mount{{Path: "kv/", Type: "kv", Version: "2", Secrets: []vaultfake.Secret{{Path: "noted"}}}}})
	got := read(t, vaultfake.New(estate, vaultfake.Options{}), Config{}).resources["vault:eu/root/kv/metadata/noted"]
	if got.Secret.State != "deleted" || *got.Secret.KeptVersions != 0 || got.Secret.WrittenAt != nil {
		t.Errorf("got state %q, %d kept versions, written %v", got.Secret.State, *got.Secret.KeptVersions, got.Secret.WrittenAt)
	}
}

func TestRoleFacts(t *testing.T) {
	got := read(t, vaultfake.New(estateOf(vaultfake.Namespace{Auth: []vaultfake.Mount{
		{Path: "ci/approle/", Type: "approle", AppRoles: []vaultfake.AppRole{{Name: "deploy", Policies: []string{"b", "a"}, BindSecretID: true}}},
		{Path: "kubernetes/", Type: "kubernetes", KubernetesRoles: []vaultfake.KubernetesRole{{Name: "wide", Accounts: []string{"*"}, Namespaces: []string{"prod"}}}},
	}}), vaultfake.Options{}), Config{})
	app := got.resources["vault:eu/root/auth/ci/approle/role/deploy"]
	want := &inventory.Trust{
		Method: "approle", Mount: "auth/ci/approle", Policies: []string{"a", "b"}, TokenTTLSeconds: ref(0), TokenMaxTTLSeconds: ref(0), TokenPeriodSeconds: ref(0),
		TokenBoundCIDRs: []string{}, NoDefaultPolicy: ref(false), SecretID: &inventory.SecretIDTerms{Required: ref(true), TTLSeconds: ref(0), Uses: ref(0), BoundCIDRs: []string{}},
	}
	if diff := cmp.Diff(want, app.Trust); diff != "" {
		t.Errorf("the AppRole differs (-want +got):\n%s", diff)
	}
	refs := []inventory.Ref{
		{Edge: "grants", To: "vault:eu/root/sys/policies/acl/a", Target: "vault.policy", Name: "a"},
		{Edge: "grants", To: "vault:eu/root/sys/policies/acl/b", Target: "vault.policy", Name: "b"},
	}
	if diff := cmp.Diff(refs, app.Refs); diff != "" {
		t.Errorf("the refs differ (-want +got):\n%s", diff)
	}
	wide := got.resources["vault:eu/root/auth/kubernetes/role/wide"]
	want = &inventory.Trust{
		Method: "kubernetes", Mount: "auth/kubernetes", ServiceAccounts: []string{"*"}, Namespaces: []string{"prod"}, Policies: []string{},
		TokenTTLSeconds: ref(0), TokenMaxTTLSeconds: ref(0), TokenPeriodSeconds: ref(0), TokenBoundCIDRs: []string{}, NoDefaultPolicy: ref(false),
	}
	if diff := cmp.Diff(want, wide.Trust); diff != "" {
		t.Errorf("the Kubernetes role differs (-want +got):\n%s", diff)
	}
	if len(wide.Unknown)+len(app.Unknown) > 0 {
		t.Errorf("unknown: %v, %v", wide.Unknown, app.Unknown)
	}
}

func TestTokenRolesAndUsers(t *testing.T) {
	got := read(t, vaultfake.New(estateOf(vaultfake.Namespace{
		TokenRoles: []vaultfake.TokenRole{
			{Name: "narrow", Policies: []string{"b", "a"}, Patterns: []string{"app-*"}, Denied: []string{"c"}, DeniedPatterns: []string{"*-root"}, Period: 60, Orphan: true, CIDRs: []string{"10.0.0.0/8"}, EntityAliases: []string{"ci-*"}},
			{Name: "any"},
		},
		Auth: []vaultfake.Mount{{Path: "people/", Type: "userpass", Users: []vaultfake.User{{Name: "ada", Policies: []string{"b", "a"}, TokenTTL: 60}}}},
	}), vaultfake.Options{}), Config{})
	for id, want := range map[inventory.ID]*inventory.Trust{
		"vault:eu/root/auth/token/roles/narrow": {
			Method: "token", Mount: "auth/token", Policies: []string{"a", "b"}, PolicyPatterns: []string{"app-*"}, DeniedPolicies: []string{"c"}, DeniedPatterns: []string{"*-root"},
			Orphan: ref(true), TokenPeriodSeconds: ref(60), TokenBoundCIDRs: []string{"10.0.0.0/8"}, NoDefaultPolicy: ref(false), EntityAliases: []string{"ci-*"},
		},
		"vault:eu/root/auth/token/roles/any": {
			Method: "token", Mount: "auth/token", Policies: []string{}, PolicyPatterns: []string{}, DeniedPolicies: []string{}, DeniedPatterns: []string{},
			Orphan: ref(false), TokenPeriodSeconds: ref(0), TokenBoundCIDRs: []string{}, NoDefaultPolicy: ref(false), EntityAliases: []string{},
		},
		"vault:eu/root/auth/people/users/ada": {
			Method: "userpass", Mount: "auth/people", Policies: []string{"a", "b"}, TokenTTLSeconds: ref(60), TokenMaxTTLSeconds: ref(0), TokenPeriodSeconds: ref(0), TokenBoundCIDRs: []string{}, NoDefaultPolicy: ref(false),
		},
	} {
		res := got.resources[id]
		if diff := cmp.Diff(want, res.Trust); diff != "" || len(res.Unknown) > 0 || len(res.Refs) != len(want.Policies) {
			t.Errorf("%s has unknown %v, refs %v and differs (-want +got):\n%s", id, res.Unknown, res.Refs, diff)
		}
	}
}

func TestAuditDevices(t *testing.T) {
	got := read(t, vaultfake.New(estateOf(vaultfake.Namespace{Audit: []vaultfake.Device{
		{Path: "file/", Type: "file", Options: map[string]string{"file_path": "/a"}},
		{Path: "raw/", Type: "socket", Local: true, Options: map[string]string{"log_raw": "true"}},
	}}), vaultfake.Options{}), Config{})
	if n := got.resources["vault:eu/root/sys"].Account.AuditDevices; n == nil || *n != 2 {
		t.Errorf("the cluster has %v audit devices, want 2", n)
	}
	for id, want := range map[inventory.ID]*inventory.Audit{
		"vault:eu/root/sys/audit/file": {Device: "file", Raw: ref(false), Local: ref(false)},
		"vault:eu/root/sys/audit/raw":  {Device: "socket", Raw: ref(true), Local: ref(true)},
	} {
		if diff := cmp.Diff(want, got.resources[id].Audit); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", id, diff)
		}
	}
	none := read(t, vaultfake.New(estateOf(vaultfake.Namespace{}), vaultfake.Options{}), Config{})
	if n := none.resources["vault:eu/root/sys"].Account.AuditDevices; n == nil || *n != 0 {
		t.Errorf("the cluster has %v audit devices, want 0", n)
	}
}

// Whether encrypting creates keys is a fact of a mount of transit alone.
func TestUpsert(t *testing.T) {
	got := read(t, vaultfake.New(estateOf(vaultfake.Namespace{Mounts: []vaultfake.Mount{
		{Path: "transit/", Type: "transit"}, {Path: "strict/", Type: "transit", NoUpsert: true}, {Path: "kv/", Type: "kv", Version: "2"},
	}}), vaultfake.Options{}), Config{})
	for mount, want := range map[inventory.ID]*bool{"transit": ref(false), "strict": ref(true), "kv": nil} {
		res := got.resources["vault:eu/root/sys/mounts/"+mount]
		if diff := cmp.Diff(want, res.Store.UpsertDisabled); diff != "" || len(res.Unknown) > 0 {
			t.Errorf("%s has unknown %v and differs (-want +got):\n%s", mount, res.Unknown, diff)
		}
	}
}

// KV version 1 keeps no metadata: what it holds cannot be judged, and that must show.
func TestKVVersion1IsAGap(t *testing.T) {
	got := read(t, vaultfake.New(estateOf(vaultfake.Namespace{Mounts: []vaultfake.Mount{{Path: "old/", Type: "kv"}, {Path: "pki/", Type: "pki"}}}), vaultfake.Options{}), Config{})
	gap := got.gap(t, `secrets in "old"`)
	if gap.Why != inventory.Unsupported || !gap.Covers("vault.kv.secret") || gap.Covers("vault.transit.key") {
		t.Errorf("got %+v", gap)
	}
	for _, id := range []inventory.ID{"vault:eu/root/sys/mounts/old", "vault:eu/root/sys/mounts/pki"} {
		if store := got.resources[id].Store; store == nil || *store.Read {
			t.Errorf("%s: got %+v, want one that is not read", id, store)
		}
	}
}

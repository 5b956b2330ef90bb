package vault_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// of is an estate in which one login has one policy, beside a few more keys and secrets in states that matter.
func of(t *testing.T, policy string) *inventory.Snapshot {
	mounts := kept()
	old := vaultfake.TransitKey{Name: "old", Type: "aes256-gcm96", Versions: slices.Repeat([]time.Time{noon}, 30), MinDecryption: 3, Exportable: true}
	mounts[0].Keys = append(mounts[0].Keys, old, vaultfake.TransitKey{Name: "wrap", Type: "rsa-4096", Versions: []time.Time{noon}})
	mounts[1].Secrets = append(
		mounts[1].Secrets,
		vaultfake.Secret{Path: "rotated", Versions: []vaultfake.SecretVersion{{Created: noon}, {Created: noon, Deleted: noon}}},
		vaultfake.Secret{Path: "gone", Versions: []vaultfake.SecretVersion{{Created: noon, Destroyed: true}, {Created: noon, Deleted: noon}}},
		vaultfake.Secret{Path: "destroyed", Versions: []vaultfake.SecretVersion{{Created: noon, Destroyed: true}}},
	)
	return collect(t, vaultfake.Estate{"root": &vaultfake.Namespace{Mounts: mounts, Auth: []vaultfake.Mount{kubernetes("app", "p")}, Policies: map[string]string{"p": policy}}})
}

// Each case is of what Vault 1.21 allows; TestOptionsOfVault asks it.
func TestOptions(t *testing.T) {
	may, perhaps := []string{"auth/kubernetes/role/app"}, []string{"auth/kubernetes/role/app?"}
	config := rule("transit/keys/app/config", "update")
	for name, c := range map[string]struct {
		policy, action, key string
		want                []string
	}{
		"all versions":                              {rule("transit/export/encryption-key/old", "read"), "export", "transit/old", may},
		"one version":                               {rule("transit/export/encryption-key/old/7", "read"), "export", "transit/old", may},
		"one version, spelled otherwise":            {rule("transit/export/encryption-key/old/v7", "read"), "export", "transit/old", may},
		"the latest version":                        {rule("transit/export/hmac-key/old/latest", "read"), "export", "transit/old", may},
		"a version that may not be decrypted with":  {rule("transit/export/encryption-key/old/2", "read"), "export", "transit/old", []string{}},
		"a version that there is not yet":           {rule("transit/export/encryption-key/old/31", "read"), "export", "transit/old", []string{}},
		"versions by their beginning":               {rule("transit/export/encryption-key/old/2*", "read"), "export", "transit/old", may},
		"a version by its beginning":                {rule("transit/export/encryption-key/old/4*", "read"), "export", "transit/old", may},
		"any version":                               {rule("transit/export/+/old/+", "read"), "export", "transit/old", may},
		"any version but the latest":                {rule("transit/export/+/old/+", "read") + rule("transit/export/+/old/latest", "deny"), "export", "transit/old", may},
		"a beginning that no version has":           {rule("transit/export/encryption-key/old/40*", "read"), "export", "transit/old", []string{}},
		"a type that the key is not of":             {rule("transit/export/signing-key/old", "read"), "export", "transit/old", []string{}},
		"a public key reveals nothing":              {rule("transit/export/public-key/wrap", "read"), "export", "transit/wrap", []string{}},
		"a key that does not leave":                 {rule("transit/export/+/app", "read"), "export", "transit/app", []string{}},
		"a key that is let out first":               {rule("transit/export/+/app", "read") + config, "export", "transit/app", may},
		"a key that is let out by another":          {config, "export", "transit/app", []string{}},
		"parameters of its settings":                {rule("transit/export/+/app", "read") + "path \"transit/keys/app/config\" {\n capabilities = [\"update\"]\n allowed_parameters = { auto_rotate_period = [] }\n}\n", "export", "transit/app", perhaps},
		"wrapped for a key that is there":           {rule("transit/byok-export/wrap/open", "read"), "byok-export", "transit/open", may},
		"wrapped, one version":                      {rule("transit/byok-export/wrap/old/9", "read"), "byok-export", "transit/old", may},
		"wrapped for a key that wraps nothing":      {rule("transit/byok-export/app/open", "read"), "byok-export", "transit/open", []string{}},
		"wrapped for a key that is brought":         {rule("transit/byok-export/mine/+", "read") + rule("transit/keys/mine/import", "update"), "byok-export", "transit/open", may},
		"wrapped for a key that nobody brings":      {rule("transit/byok-export/mine/+", "read"), "byok-export", "transit/open", []string{}},
		"wrapped for another than is brought":       {rule("transit/byok-export/mine/+", "read") + rule("transit/keys/other/import", "update"), "byok-export", "transit/open", []string{}},
		"wrapped, a key that does not leave":        {rule("transit/byok-export/*", "read"), "byok-export", "transit/app", []string{}},
		"wrapped, a key that is let out first":      {rule("transit/byok-export/*", "read") + config, "byok-export", "transit/app", may},
		"a backup":                                  {rule("transit/backup/open", "read"), "backup", "transit/open", may},
		"a backup needs both settings":              {rule("transit/backup/old", "read"), "backup", "transit/old", []string{}},
		"a backup after the settings":               {rule("transit/backup/app", "read") + config, "backup", "transit/app", may},
		"deletion after the settings":               {rule("transit/keys/app", "delete") + config, "delete", "transit/app", may},
		"deletion that is not allowed":              {rule("transit/keys/app", "delete"), "delete", "transit/app", []string{}},
		"an old version of a secret":                {rule("secret/data/rotated", "read"), "read", "secret/rotated", may},
		"a secret without a version to read":        {rule("secret/data/gone", "read"), "read", "secret/gone", perhaps},
		"a secret that is undeleted first":          {rule("secret/data/gone", "read") + rule("secret/undelete/gone", "update"), "read", "secret/gone", may},
		"undeleting alone":                          {rule("secret/undelete/gone", "update"), "read", "secret/gone", []string{}},
		"a secret of which all is destroyed":        {rule("secret/+/destroyed", "read", "update"), "read", "secret/destroyed", perhaps},
		"writing asks for update":                   {rule("secret/data/app", "create"), "write", "secret/app", []string{}},
		"writing asks for update after deletion":    {rule("secret/data/gone", "create"), "write", "secret/gone", []string{}},
		"writing what was deleted":                  {rule("secret/data/gone", "update"), "write", "secret/gone", may},
		"creating anew after its metadata are gone": {rule("secret/data/app", "create") + rule("secret/metadata/app", "delete"), "write", "secret/app", may},
		"its metadata alone":                        {rule("secret/metadata/app", "delete"), "write", "secret/app", []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, told(who(t, build(t, of(t, c.policy)), c.action, c.key))); d != "" {
				t.Error(d)
			}
		})
	}
}

// The smallest change takes the last request of each way, and is found where a rule tells versions apart.
func TestFixOfOptions(t *testing.T) {
	for name, c := range map[string]struct {
		policy, action, key string
		want                []string
	}{
		"let out first":     {rule("transit/export/+/app", "read") + rule("transit/keys/app/config", "update"), "export", "transit/keys/app", []string{"transit/export/+/app"}},
		"undeleted first":   {rule("secret/data/gone", "read") + rule("secret/undelete/gone", "update"), "read", "secret/metadata/gone", []string{"secret/data/gone"}},
		"versions by rules": {rule("transit/export/hmac-key/old/4", "read") + rule("transit/export/hmac-key/old/5*", "read"), "export", "transit/keys/old", []string{"transit/export/hmac-key/old/4", "transit/export/hmac-key/old/5*"}},
	} {
		t.Run(name, func(t *testing.T) {
			x, err := build(t, of(t, c.policy)).Explain("app", c.action, inventory.VaultID("eu", "", c.key))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, change := range x.Fix {
				got = append(got, change.Statement)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("%s (%s)", d, x.FixNote)
			}
		})
	}
}

// What a key allows and was not read leaves the lists of its summary unknown.
func TestUnreadFactsOfKeys(t *testing.T) {
	snap := of(t, rule("transit/decrypt/app", "update")+rule("transit/keys/app/rotate", "update"))
	key := resource(t, snap, "transit/keys/app")
	key.Key.Usages = nil
	key.Unknown = append(key.Unknown, inventory.Unknown{Fact: "key.usages", Why: inventory.Denied, Call: "GET TRANSIT/keys/NAME"})
	e := build(t, snap)
	if d := cmp.Diff([]string{"auth/kubernetes/role/app?"}, told(who(t, e, "decrypt", "transit/app"))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"access.administrators", "access.conflicts", "access.self_grants", "access.users"}, unknown(e.Found(key))); d != "" {
		t.Error(d)
	}
}

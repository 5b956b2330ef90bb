package vault_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/reach/vault"
)

// resource is the one with an ID below the root namespace.
func resource(t testing.TB, snap *inventory.Snapshot, path string) *inventory.Resource {
	t.Helper()
	for i := range snap.Resources {
		if snap.Resources[i].ID == inventory.VaultID("eu", "", path) {
			return &snap.Resources[i]
		}
	}
	t.Fatalf("no resource %q", path)
	return nil
}

func unknown(f access.Found) (out []string) {
	for _, u := range f.Unknown {
		out = append(out, u.Fact)
	}
	return out
}

func TestDuties(t *testing.T) {
	app := "auth/kubernetes/role/app"
	for name, c := range map[string]struct {
		policy, key string
		want        []string
	}{
		"uses and configures":                        {rule("transit/decrypt/app", "update") + rule("transit/keys/app/config", "update"), "app", []string{app + ": decrypt with config"}},
		"uses alone":                                 {rule("transit/+/app", "update"), "app", []string{app + ": decrypt,hmac with restore"}},
		"runs alone":                                 {rule("transit/keys/app/+", "update"), "app", nil},
		"uses one key and runs another":              {rule("transit/decrypt/app", "update") + rule("transit/keys/jwt/rotate", "update"), "app", nil},
		"what the key cannot do is no use":           {rule("transit/decrypt/jwt", "update") + rule("transit/keys/jwt/rotate", "update"), "jwt", nil},
		"a key that cannot leave":                    {rule("transit/export/encryption-key/app", "read") + rule("transit/keys/app/rotate", "update"), "app", nil},
		"a key that can leave":                       {rule("transit/export/encryption-key/open", "read") + rule("transit/keys/open/rotate", "update"), "open", []string{app + ": export with rotate"}},
		"deletion that is not allowed":               {rule("transit/decrypt/app", "update") + rule("transit/keys/app", "delete"), "app", nil},
		"who may do everything is told of elsewhere": {rule("*", "create", "read", "update", "delete", "list", "sudo"), "app", nil},
		"everything but sudo is not everything":      {rule("*", "create", "read", "update", "delete", "list"), "app", []string{app + ": decrypt,datakey,hmac with rotate,config,trim,import,restore"}},
		"a condition is not certain":                 {"path \"transit/decrypt/app\" {\n capabilities = [\"update\"]\n min_wrapping_ttl = \"1s\"\n}\n" + rule("transit/keys/app/config", "update"), "app", nil},
	} {
		t.Run(name, func(t *testing.T) {
			snap := collect(t, vaultfake.Estate{"root": &vaultfake.Namespace{Mounts: kept(), Auth: []vaultfake.Mount{kubernetes("app", "p")}, Policies: map[string]string{"p": c.policy}}})
			found := build(t, snap).Found(resource(t, snap, "transit/keys/"+c.key))
			var got []string
			for _, one := range found.Summary.Conflicts {
				got = append(got, fmt.Sprintf("%s: %s with %s", one.Principal, strings.Join(one.Use, ","), strings.Join(one.Administer, ",")))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			if len(found.Unknown) > 0 {
				t.Errorf("unknown: %v", found.Unknown)
			}
		})
	}
}

func TestSelfGrants(t *testing.T) {
	for name, c := range map[string]struct {
		policy string
		want   string
	}{
		"its own policy":                    {rule("sys/policies/acl/p", "update"), "update sys/policies/acl/p"},
		"another's policy":                  {rule("sys/policies/acl/q", "update"), ""},
		"create does not write a policy":    {rule("sys/policies/acl/p", "create"), ""},
		"a role of its own":                 {rule("auth/kubernetes/role/*", "create"), "create auth/kubernetes/role/name"},
		"a password of another's":           {rule("auth/userpass/users/ada/password", "update"), ""},
		"secret-ids of another login":       {rule("auth/kubernetes/role/ci/secret-id", "update"), ""},
		"policies of a login that has none": {rule("auth/kubernetes/role/ci/policies", "update"), ""},
		"child tokens without sudo":         {rule("auth/token/create", "update"), ""},
		"child tokens with sudo":            {rule("auth/token/create", "update", "sudo"), "update auth/token/create"},
		"settings that let the key out":     {rule("transit/keys/app/config", "update") + rule("transit/backup/app", "read"), "update transit/keys/app/config"},
		"who uses it needs none":            {rule("sys/policies/acl/p", "update") + rule("transit/decrypt/app", "update"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			snap := collect(t, vaultfake.Estate{"root": &vaultfake.Namespace{Mounts: kept(), Auth: []vaultfake.Mount{kubernetes("app", "p")}, Policies: map[string]string{"p": c.policy, "q": ""}}})
			found := build(t, snap).Found(resource(t, snap, "transit/keys/app"))
			want := []access.SelfGrant{}
			if c.want != "" {
				want = append(want, access.SelfGrant{Principal: "auth/kubernetes/role/app", By: c.want})
			}
			if d := cmp.Diff(want, found.Summary.SelfGrants); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestMints(t *testing.T) {
	for name, c := range map[string]struct {
		policy   string
		noUpsert bool
		want     []string
	}{
		"encrypting under any name":                                     {rule("transit/encrypt/*", "create", "update"), false, []string{"p: transit/encrypt/* makes keys by encrypting under names that there are none of"}},
		"an engine that makes none":                                     {rule("transit/encrypt/*", "create", "update"), true, nil},
		"a key by its name":                                             {rule("transit/encrypt/new", "create"), false, nil},
		"update encrypts under keys that are":                           {rule("transit/encrypt/*", "update"), false, nil},
		"a narrower rule alone decides":                                 {rule("transit/*", "create") + rule("transit/encrypt/*", "update"), false, nil},
		"policies":                                                      {rule("sys/policies/acl/app-*", "update"), false, []string{"p: sys/policies/acl/app-* writes policies"}},
		"reading policies is none":                                      {rule("sys/policies/acl/*", "read", "list"), false, nil},
		"sudo for child tokens":                                         {rule("auth/token/create", "update", "sudo"), false, []string{"p: auth/token/create makes tokens with any policy but root"}},
		"child tokens without sudo":                                     {rule("auth/token/create", "update"), false, nil},
		"a token role with more than its user":                          {rule("auth/token/create/more", "update"), false, []string{"p: auth/token/create/more makes tokens with policies that it lacks: q"}},
		"a token role with what its user has":                           {rule("auth/token/create/same", "update"), false, nil},
		"a role of an auth method":                                      {rule("auth/kubernetes/*", "update"), false, []string{"p: auth/kubernetes/* decides whose word the auth method takes", "p: auth/kubernetes/* gives a login any policies, or what it is proved by"}},
		"mounting auth methods needs sudo":                              {rule("sys/auth/*", "create", "update"), false, nil},
		"a token role with the policies of a pattern":                   {rule("auth/token/create/globs", "update"), false, []string{"p: auth/token/create/globs makes tokens with policies that it lacks: q"}},
		"a token role with a pattern that its own policies alone match": {rule("auth/token/create/own", "update"), false, nil},
		"a token role with a pattern, and none of it":                   {rule("auth/token/create/denied", "update"), false, nil},
		"a token role that names none":                                  {rule("auth/token/create/none", "update"), false, nil},
		"a denial of the names below":                                   {rule("transit/encrypt/*", "create", "update") + rule("transit/encrypt/app", "deny"), false, []string{"p: transit/encrypt/* makes keys by encrypting under names that there are none of"}},
		"groups of the identity store":                                  {rule("identity/*", "read", "list"), false, nil},
		"policies below a denial that is no more than a wider rule":     {rule("sys/*", "deny") + rule("sys/policies/acl/+", "update"), false, []string{"p: sys/policies/acl/+ writes policies"}},
		"who may do everything is told elsewhere":                       {rule("*", "create", "read", "update", "delete", "list", "sudo"), false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			mounts := kept()
			mounts[0].NoUpsert = c.noUpsert
			snap := collect(t, vaultfake.Estate{"root": &vaultfake.Namespace{
				Mounts: mounts, Auth: []vaultfake.Mount{kubernetes("app", "p")}, Policies: map[string]string{"p": c.policy, "q": ""},
				TokenRoles: []vaultfake.TokenRole{
					{Name: "more", Policies: []string{"p", "q"}},
					{Name: "same", Policies: []string{"p"}},
					{Name: "globs", Patterns: []string{"q*"}},
					{Name: "own", Patterns: []string{"p"}},
					{Name: "denied", Patterns: []string{"q"}, Denied: []string{"q"}},
					{Name: "none"},
				},
			}})
			found := build(t, snap).Found(resource(t, snap, "auth/kubernetes/role/app"))
			var got []string
			for _, m := range found.Summary.Mints {
				got = append(got, m.At+" "+m.Gain)
			}
			if d := cmp.Diff(c.want, slices.DeleteFunc(got, func(s string) bool { return strings.Contains(s, "groups") || strings.Contains(s, "group any") })); d != "" {
				t.Error(d)
			}
			if len(found.Unknown) > 0 {
				t.Errorf("unknown: %v", found.Unknown)
			}
			made := len(c.want) > 0 && strings.Contains(c.want[0], "makes keys")
			if alone := build(t, snap).Found(resource(t, snap, "sys/policies/acl/p")); name != "who may do everything is told elsewhere" && (len(alone.Summary.Mints) > 0) != made {
				t.Errorf("of the policy alone: %+v", alone.Summary.Mints)
			}
		})
	}
}

// Where nobody could ask an engine whether encrypting makes keys, it is not known.
func TestUpsertUnread(t *testing.T) {
	snap := collect(t, vaultfake.Estate{"root": &vaultfake.Namespace{
		Mounts: kept(), Auth: []vaultfake.Mount{kubernetes("app", "p")}, Policies: map[string]string{"p": rule("transit/encrypt/*", "create")},
	}})
	mount := resource(t, snap, "sys/mounts/transit")
	mount.Store.UpsertDisabled = nil
	mount.Unknown = append(mount.Unknown, inventory.Unknown{Fact: "store.upsert_disabled", Why: inventory.Denied, Call: "GET TRANSIT/config/keys"})
	e := build(t, snap)
	for _, path := range []string{"auth/kubernetes/role/app", "sys/policies/acl/p"} {
		if d := cmp.Diff([]inventory.Unknown{{Fact: "access.mints", Why: inventory.Denied, Call: "GET TRANSIT/config/keys"}}, e.Found(resource(t, snap, path)).Unknown); d != "" {
			t.Errorf("%s: %s", path, d)
		}
	}
}

func TestShadows(t *testing.T) {
	snap := collect(t, vaultfake.Estate{"root": &vaultfake.Namespace{
		Mounts: kept(),
		Auth: []vaultfake.Mount{
			kubernetes("app", "base", "app"),
			{Path: "userpass/", Type: "userpass", Users: []vaultfake.User{{Name: "ada", Policies: []string{"base"}}, {Name: "bob", Policies: []string{"app"}}}},
		},
		Policies: map[string]string{"base": rule("secret/*", "deny") + rule("kv/*", "read", "list"), "app": rule("secret/data/app", "read") + rule("kv/app/*", "update")},
	}})
	e := build(t, snap)
	want := []access.Shadow{
		{At: "app: secret/data/app", Over: "base: secret/*", Effect: "grants_denied", Paths: []string{"secret/data/app"}},
		{At: "app: kv/app/*", Over: "base: kv/*", Effect: "drops_granted", Paths: []string{"kv/app/name"}},
	}
	if d := cmp.Diff(want, e.Found(resource(t, snap, "auth/kubernetes/role/app")).Summary.Shadows); d != "" {
		t.Error(d)
	}
	for _, user := range []string{"ada", "bob"} { // rules of different tokens never meet
		if found := e.Found(resource(t, snap, "auth/userpass/users/"+user)); len(found.Summary.Shadows) > 0 || found.Unknown != nil {
			t.Errorf("%s: %+v", user, found)
		}
	}
}

// What was not read is named, and no list that it might fill is known.
func TestUnread(t *testing.T) {
	estate := func() *inventory.Snapshot {
		return collect(t, vaultfake.Estate{"root": &vaultfake.Namespace{
			Mounts: kept(), Auth: []vaultfake.Mount{kubernetes("app", "a", "b")},
			Policies: map[string]string{"a": rule("transit/decrypt/app", "update"), "b": rule("secret/data/app", "read")},
		}})
	}
	all := []string{"access.administrators", "access.conflicts", "access.self_grants", "access.users"}
	for name, c := range map[string]struct {
		hide    func(*inventory.Snapshot)
		holder  []string
		unread  []string
		unknown []string
	}{
		"nothing": {func(*inventory.Snapshot) {}, []string{"auth/kubernetes/role/app"}, nil, nil},
		"a policy": {func(s *inventory.Snapshot) {
			r := resource(t, s, "sys/policies/acl/b")
			r.Document, r.Policy.Document = "", ""
			r.Unknown = append(r.Unknown, inventory.Unknown{Fact: "policy.document", Why: inventory.Denied, Call: "GET sys/policies/acl/NAME"})
		}, []string{"auth/kubernetes/role/app?!"}, nil, all},
		"a policy without its text": {func(s *inventory.Snapshot) { resource(t, s, "sys/policies/acl/b").Document = "" }, []string{"auth/kubernetes/role/app?!"}, nil, all},
		"a policy that is no HCL": {func(s *inventory.Snapshot) {
			resource(t, s, "sys/policies/acl/b").Document = "path \"a\" {\n capabilities = [\"read\"\n}"
		}, []string{"auth/kubernetes/role/app?!"}, nil, all},
		"a policy with a capability that there is not": {func(s *inventory.Snapshot) {
			resource(t, s, "sys/policies/acl/b").Document = "path \"a\" { capabilities = [\"reed\"] }"
		}, []string{"auth/kubernetes/role/app?!"}, nil, all},
		"the list of policies": {func(s *inventory.Snapshot) {
			s.Resources = slices.DeleteFunc(s.Resources, func(r inventory.Resource) bool { return r.Type == "vault.policy" && r.Name == "b" })
			s.Gaps = append(s.Gaps, inventory.Gap{Scope: "vault/eu/root", Types: []string{"vault.policy"}, What: "list of policies", Why: inventory.Denied})
		}, []string{"auth/kubernetes/role/app?!"}, nil, all},
		"a policy that is no more": {func(s *inventory.Snapshot) {
			s.Resources = slices.DeleteFunc(s.Resources, func(r inventory.Resource) bool { return r.Type == "vault.policy" && r.Name == "b" })
		}, []string{"auth/kubernetes/role/app"}, nil, nil},
		"the policies of a role": {func(s *inventory.Snapshot) {
			r := resource(t, s, "auth/kubernetes/role/app")
			r.Trust.Policies = nil
			r.Unknown = append(r.Unknown, inventory.Unknown{Fact: "trust.policies", Why: inventory.Denied})
		}, []string{"auth/kubernetes/role/app?!"}, nil, all},
		"the list of users": {func(s *inventory.Snapshot) {
			s.Gaps = append(s.Gaps, inventory.Gap{Scope: "vault/eu/root", Types: []string{"vault.userpass.user"}, What: "list of users", Why: inventory.Denied})
		}, []string{"auth/kubernetes/role/app"}, []string{"list of users"}, all},
		"tokens that nobody asked for": {func(s *inventory.Snapshot) {
			s.Gaps = append(s.Gaps, inventory.Gap{Scope: "vault/eu/root", Types: []string{"vault.token"}, What: "list of tokens", Why: inventory.NotAsked})
		}, []string{"auth/kubernetes/role/app"}, []string{"list of tokens"}, nil},
		"an auth method that is not read": {func(s *inventory.Snapshot) {
			r := resource(t, s, "sys/auth/kubernetes")
			no := false
			r.Store = &inventory.Store{Engine: "ldap", Auth: r.Store.Auth, Read: &no}
		}, []string{"auth/kubernetes/role/app"}, []string{"roles of auth/kubernetes"}, all},
	} {
		t.Run(name, func(t *testing.T) {
			snap := estate()
			c.hide(snap)
			e := build(t, snap)
			h := who(t, e, "decrypt", "transit/app")
			if d := cmp.Diff(c.holder, told(h)); d != "" {
				t.Error(d)
			}
			var unread []string
			for _, u := range h.Unread {
				unread = append(unread, u.Document)
			}
			if d := cmp.Diff(c.unread, unread); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(c.unknown, unknown(e.Found(resource(t, snap, "transit/keys/app")))); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestExplain(t *testing.T) {
	e := build(t, collect(t, vaultfake.Estate{"root": &vaultfake.Namespace{
		Mounts: kept(), Auth: []vaultfake.Mount{kubernetes("app", "wide", "app")},
		Policies: map[string]string{"wide": rule("transit/*", "update"), "app": rule("secret/data/app", "read") + rule("transit/decrypt/app", "update")},
	}}))
	key := inventory.ID("vault:eu/root/transit/keys/app")
	x, err := e.Explain("app", "decrypt", key)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]access.Because{{Document: "policy app", Statement: "transit/decrypt/app", Line: 4}}, x.Direct.Because); d != "" || x.Direct.Decision != access.Allowed {
		t.Errorf("%s%s", x.Direct.Decision, d)
	}
	// Without the rule the wider one would decide.
	if d := cmp.Diff([]access.Change{{Document: "policy app", Statement: "transit/decrypt/app", Condition: "no capability update"}}, x.Fix); d != "" {
		t.Error(d)
	}
	for _, c := range []struct{ principal, action, want string }{
		{"nobody", "decrypt", `no login, entity, token role or token of Vault that has policies is called "nobody"`},
		{"app", "melt", `"melt" is no action on a key of Vault's transit secrets engine; it is one of backup, byok-export, config, datakey, datakey-wrapped, decrypt, delete, encrypt, export, hmac, import, read, restore, rewrap, rotate, sign, trim, verify, or "OPERATION PATH" such as "update transit/..."`},
		{"app", "sign", `nobody may: Vault refuses to sign with "app", whatever policies say, as a key of its type does not sign`},
	} {
		if _, err := e.Explain(c.principal, c.action, key); err == nil || err.Error() != c.want {
			t.Errorf("%v\nwant %s", err, c.want)
		}
	}
}

func TestStepsTo(t *testing.T) {
	e := build(t, collect(t, vaultfake.Estate{"root": &vaultfake.Namespace{
		Mounts: kept(),
		Auth: []vaultfake.Mount{
			kubernetes("app", "app"),
			{Path: "approle/", Type: "approle", AppRoles: []vaultfake.AppRole{{Name: "ci", Policies: []string{"ci"}, BindSecretID: true, SecretIDCIDRs: []string{"10.0.0.0/8"}}}},
			{Path: "userpass/", Type: "userpass", Users: []vaultfake.User{{Name: "ada", Policies: []string{"ops"}}, {Name: "bob", Policies: []string{"writer"}}}},
		},
		Policies: map[string]string{
			"app": rule("transit/decrypt/app", "update"), "ci": rule("auth/userpass/users/ada/password", "update"),
			"ops": rule("auth/approle/role/ci/secret-id", "update"), "writer": rule("sys/policies/acl/writer", "update"),
		},
		TokenRoles: []vaultfake.TokenRole{{Name: "r", Policies: []string{"app"}}},
	}}))
	told := func(to string) (out []string) {
		for _, s := range e.StepsTo(to, all) {
			sign := ">"
			if s.Decision != access.Allowed {
				sign = "?"
			}
			if !strings.HasPrefix(s.From, "auth/token/accessors/") {
				out = append(out, s.From+" "+sign+" "+s.By)
			}
		}
		return out
	}
	writer := "auth/userpass/users/bob > update sys/policies/acl/writer"
	for to, want := range map[string][]string{
		"auth/kubernetes/role/app": {writer, "system:serviceaccount:prod:app > login by auth/kubernetes"},
		"auth/approle/role/ci":     {"auth/userpass/users/ada ? update auth/approle/role/ci/secret-id", writer, "whoever has a secret-id of auth/approle/role/ci ? login by auth/approle"},
		"auth/userpass/users/ada":  {"auth/approle/role/ci > update auth/userpass/users/ada/password", writer, "whoever has the password of auth/userpass/users/ada > login by auth/userpass"},
		"auth/token/roles/r":       {writer},
		"nobody":                   nil,
	} {
		if d := cmp.Diff(want, told(to)); d != "" {
			t.Errorf("%s: %s", to, d)
		}
	}
}

// Who may give itself any permission may become whoever has some, also where no policy, password or role of theirs is touched.
func TestStepsByAnyPermission(t *testing.T) {
	const to = "auth/kubernetes/role/app"
	for name, c := range map[string]struct{ policy, want string }{
		"a group of its own": {rule("identity/group", "update"), "bob > update identity/group"},
		"its own entity":     {rule("identity/entity/id/*", "update"), "bob > update identity/entity/id/name"},
		"its own entity, which a rule lets it read and no more": {rule("identity/entity/id/*", "update") + rule("identity/entity/id/{{identity.entity.id}}", "read"), "bob ? update identity/entity/id/name"},
		"a login with any policies":                             {rule("auth/kubernetes/role/*", "create"), "bob ? create auth/kubernetes/role/name"}, // bob has no service account
		"a user with any policies":                              {rule("auth/userpass/users/new", "create", "update"), "bob > update auth/userpass/users/new"},
		"policies of a login":                                   {rule("auth/userpass/users/+/policies", "update"), "bob > update auth/userpass/users/name/policies"},
		"policies of another's login":                           {rule("auth/userpass/users/ada/policies", "update"), "bob ? update auth/userpass/users/ada/policies"},
		"a role of AppRole":                                     {rule("auth/approle/role/new", "create"), "bob > create auth/approle/role/new"},
		"a role of AppRole to read":                             {rule("auth/approle/role/new", "read", "list"), ""},
		"a user where there are none":                           {rule("auth/kubernetes/users/*", "create", "update"), ""},
		"a group by its name":                                   {rule("identity/group/name/+", "update"), "bob > update identity/group/name/name"},
		"groups to create":                                      {rule("identity/group/*", "create"), ""},
		"an entity that may be its own":                         {rule("identity/entity/id/e1", "update"), "bob ? update identity/entity/id/e1"},
		"entities to delete":                                    {rule("identity/entity/batch-delete", "update"), ""},
		"a token role to write and use":                         {rule("auth/token/roles/*", "create") + rule("auth/token/create/mine", "update"), "bob > create auth/token/roles/mine then update auth/token/create/mine"},
		"a token role to write":                                 {rule("auth/token/roles/*", "create", "update"), ""},
		"two token roles":                                       {rule("auth/token/roles/a", "create") + rule("auth/token/create/b", "update"), ""},
		"a token role but for one":                              {rule("auth/token/roles/+", "update") + rule("auth/token/create/+", "update") + rule("auth/token/create/name", "deny"), "bob > update auth/token/roles/other then update auth/token/create/other"},
		"mounting users":                                        {rule("sys/auth/new", "update", "sudo") + rule("auth/new/*", "create"), "bob > update sys/auth/new then create auth/new/users/name"},
		"mounting without sudo":                                 {rule("sys/auth/new", "update") + rule("auth/new/*", "create"), ""},
		"mounting is to update":                                 {rule("sys/auth/new", "create", "sudo") + rule("auth/new/*", "create"), ""},
		"mounting, and no more":                                 {rule("sys/auth/*", "update", "sudo"), ""},
		"storage":                                               {rule("sys/raw/*", "read", "sudo"), "bob ? read sys/raw/name"},
		"storage without sudo":                                  {rule("sys/raw/*", "read", "update"), ""},
		"a copy of everything":                                  {rule("sys/storage/raft/snapshot", "read"), "bob ? read sys/storage/raft/snapshot"},
		"a copy that is put back":                               {rule("sys/storage/raft/+", "update"), "bob ? update sys/storage/raft/snapshot"},
		"the state of a copy":                                   {rule("sys/storage/raft/configuration", "read"), ""},
		"engines that move":                                     {rule("sys/remount", "update", "sudo"), "bob ? update sys/remount"},
		"child tokens of its own":                               {rule("auth/token/create", "update"), ""},
		"parameters of what it writes":                          {"path \"identity/group\" {\n capabilities = [\"update\"]\n denied_parameters = { policies = [] }\n}\n", "bob ? update identity/group"},
		"child tokens of any policies":                          {rule("auth/token/create", "update", "sudo"), "bob > update auth/token/create"},
		"for some":                                              {rule("auth/{{identity.entity.metadata.mount}}/*", "create"), "bob ? create auth/approle/role/name"},
		"a password of another":                                 {rule("auth/userpass/users/ada/password", "update"), ""},
		"another's policy":                                      {rule("sys/policies/acl/app", "update"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			e := build(t, collect(t, vaultfake.Estate{"root": &vaultfake.Namespace{
				Mounts:   kept(),
				Auth:     []vaultfake.Mount{kubernetes("app", "app"), {Path: "approle/", Type: "approle"}, {Path: "userpass/", Type: "userpass", Users: []vaultfake.User{{Name: "bob", Policies: []string{"p"}}}}},
				Policies: map[string]string{"app": rule("transit/decrypt/app", "update"), "p": c.policy},
			}}))
			got := ""
			for _, s := range e.StepsTo(to, all) {
				if who, ok := strings.CutPrefix(s.From, "auth/userpass/users/"); ok {
					got += who + map[access.Decision]string{access.Allowed: " > ", access.Conditional: " ? "}[s.Decision] + s.By
				}
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// Of a user whose entity is known, rules about that decide, as does what the policy default says of it.
func TestStepsByItsOwnEntity(t *testing.T) {
	for name, c := range map[string]struct{ policy, want string }{
		"all entities":          {rule("identity/entity/id/*", "update"), "> update identity/entity/id/name"},
		"all but its own":       {rule("identity/entity/id/*", "update") + rule("identity/entity/id/{{identity.entity.id}}", "read"), ""},
		"its own alone":         {rule("identity/entity/id/{{identity.entity.id}}", "update"), "> update identity/entity/id/e1"},
		"its own by its name":   {rule("identity/entity/name/{{identity.entity.name}}", "update"), "> update identity/entity/name/bob"},
		"another's":             {rule("identity/entity/id/e2", "update") + rule("secret/{{identity.entity.id}}", "read"), ""},
		"somebody else's group": {rule("identity/group/id/g", "update") + rule("secret/{{identity.entity.id}}", "read"), "> update identity/group/id/g"},
	} {
		t.Run(name, func(t *testing.T) {
			e := build(t, collect(t, vaultfake.Estate{"root": &vaultfake.Namespace{
				Mounts:   kept(),
				Auth:     []vaultfake.Mount{kubernetes("app", "app"), {Path: "userpass/", Type: "userpass", Users: []vaultfake.User{{Name: "bob", Policies: []string{"p"}}}}},
				Policies: map[string]string{"app": rule("transit/decrypt/app", "update"), "p": c.policy},
				Entities: []vaultfake.Entity{{ID: "e1", Name: "bob", Aliases: []vaultfake.Alias{{ID: "x", Name: "bob", Accessor: "u", Mount: "userpass/", Type: "userpass"}}}},
			}}))
			got := ""
			for _, s := range e.StepsTo("auth/kubernetes/role/app", all) {
				if s.From == "auth/userpass/users/bob" {
					got += map[access.Decision]string{access.Allowed: "> ", access.Conditional: "? "}[s.Decision] + s.By
				}
			}
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// 10,000 roles with 400 distinct policy sets and 5,000 keys.
func BenchmarkFound(b *testing.B) {
	snap := &inventory.Snapshot{Scopes: []inventory.ScopeRead{{Scope: "vault/eu/root", Report: inventory.Report{Types: []string{
		"vault.approle.role", "vault.entity", "vault.group", "vault.jwt.role", "vault.kubernetes.role", "vault.mount", "vault.policy", "vault.token.role", "vault.userpass.user",
	}}}}}
	add := func(typ string, kind inventory.Kind, name, path string, fill func(*inventory.Resource)) {
		r := inventory.Resource{ID: inventory.VaultID("eu", "", path), Type: typ, Kind: kind, Name: name, Origin: inventory.Live, Scope: "vault/eu/root"}
		fill(&r)
		snap.Resources = append(snap.Resources, r)
	}
	yes := true
	for i := range 5000 {
		name := fmt.Sprintf("app-%d-%d", i%400, i)
		add("vault.transit.key", inventory.KindKey, name, "transit/keys/"+name, func(r *inventory.Resource) {
			r.Key = &inventory.Key{Usages: []string{"encrypt", "decrypt"}, Exportable: &yes, PlaintextBackup: &yes, DeletionAllowed: &yes}
		})
	}
	for i := range 400 {
		name := fmt.Sprintf("team-%d", i)
		text := rule(fmt.Sprintf("transit/+/app-%d-*", i), "update") + rule(fmt.Sprintf("transit/keys/app-%d-*", i), "read") + rule(fmt.Sprintf("secret/data/team-%d/*", i), "read") + rule("transit/keys", "list")
		add("vault.policy", inventory.KindPolicy, name, "sys/policies/acl/"+name, func(r *inventory.Resource) {
			no := false
			r.Policy, r.Document = &inventory.Policy{Builtin: &no, Document: inventory.DocumentHash(text)}, text
		})
	}
	for i := range 10000 {
		name := fmt.Sprintf("role-%d", i)
		add("vault.kubernetes.role", inventory.KindTrust, name, "auth/kubernetes/role/"+name, func(r *inventory.Resource) {
			r.Trust = &inventory.Trust{Method: "kubernetes", Mount: "auth/kubernetes", Policies: []string{fmt.Sprintf("team-%d", i%400)}}
		})
	}
	b.ReportAllocs()
	for b.Loop() {
		e, err := vault.New(snap)
		if err != nil {
			b.Fatal(err)
		}
		users := 0
		for i := range snap.Resources {
			if found := e.Found(&snap.Resources[i]); found.Summary != nil {
				users += found.Summary.Users.Certain
			}
		}
		if users != 5000*25 {
			b.Fatal(users)
		}
	}
}

// A backup says itself which key it is of: the path of restore may leave the name out.
func TestRestoreWithoutName(t *testing.T) {
	e := build(t, collect(t, vaultfake.Estate{"root": &vaultfake.Namespace{
		Mounts: kept(), Auth: []vaultfake.Mount{kubernetes("app", "p")}, Policies: map[string]string{"p": rule("transit/restore", "update")},
	}}))
	if got := told(who(t, e, "restore", "transit/keys/app")); !slices.Equal(got, []string{"auth/kubernetes/role/app"}) {
		t.Errorf("who may restore: %q", got)
	}
}

package vault

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func oneKey(name string) []vaultfake.TransitKey {
	return []vaultfake.TransitKey{{Name: name, Type: "aes256-gcm96", Versions: []time.Time{daysAgo(3)}}}
}

// Where the list of mounts is denied, what the token may use and what the configuration names is read all the same. That there may be
// more stays a gap.
func TestMountsThatMayNotBeListed(t *testing.T) {
	estate := func() vaultfake.Estate {
		return vaultfake.Estate{"root": {
			Mounts: []vaultfake.Mount{{Path: "transit/", Type: "transit", Keys: oneKey("usable")}, {Path: "hidden/", Type: "transit", Keys: oneKey("unseen")}},
			Tokens: []vaultfake.Token{{ID: "root-token", Accessor: "a", Created: daysAgo(1), Rules: vaultfake.ParsePolicy(`
				path "transit/config/keys" { capabilities = ["read"] }
				path "transit/keys" { capabilities = ["list"] }
				path "transit/keys/+" { capabilities = ["read"] }
				path "absent/keys" { capabilities = ["list"] }`)}},
		}}
	}
	got := read(t, vaultfake.New(estate(), vaultfake.Options{}), Config{})
	if ids := got.ofType("vault.transit.key"); !slices.Equal(ids, []inventory.ID{"vault:eu/root/transit/keys/usable"}) {
		t.Errorf("read the keys %v", ids)
	}
	gap := got.gap(t, "list of secrets engines")
	if gap.Why != inventory.Denied || gap.Hint != `path "sys/mounts" { capabilities = ["read"] }` || !gap.Covers("vault.transit.key") || gap.Covers("vault.approle.role") {
		t.Errorf("got the gap %+v", gap)
	}
	mount := got.resources["vault:eu/root/sys/mounts/transit"]
	if facts := names(mount.Unknown); !slices.Equal(facts, []string{"store.max_lease_ttl_seconds"}) {
		t.Errorf("of a mount seen by sys/internal/ui/mounts, %v is unknown", facts)
	}

	// Named in the configuration, the hidden mount is asked for, and refuses. One that does not exist is passed over.
	got = read(t, vaultfake.New(estate(), vaultfake.Options{}), Config{Mounts: map[string][]string{"transit": {"hidden", "transit/", "absent"}}})
	if gap := got.gap(t, `"hidden"`); gap.Why != inventory.Denied || gap.Hint != `path "hidden/keys" { capabilities = ["list"] }` {
		t.Errorf("got the gap %+v", gap)
	}
	for _, g := range got.gaps {
		if strings.Contains(g.What, "absent") {
			t.Errorf("a mount that is not there is a gap: %+v", g)
		}
	}
	if ids := got.ofType("vault.transit.key"); len(ids) != 1 {
		t.Errorf("read the keys %v", ids)
	}
}

// A folder that refuses to be listed is a gap; its neighbours are read.
func TestFolderThatMayNotBeListed(t *testing.T) {
	version := []vaultfake.SecretVersion{{Created: daysAgo(1)}}
	got := read(t, vaultfake.New(vaultfake.Estate{"root": {
		Mounts: []vaultfake.Mount{{Path: "kv/", Type: "kv", Version: "2", Secrets: []vaultfake.Secret{{Path: "a/open", Versions: version}, {Path: "b/closed", Versions: version}, {Path: "top", Versions: version}}}},
		Tokens: []vaultfake.Token{{ID: "root-token", Accessor: "a", Created: daysAgo(1), Rules: vaultfake.ParsePolicy(`
			path "sys/mounts" { capabilities = ["read"] }
			path "kv/metadata/*" { capabilities = ["read", "list"] }
			path "kv/metadata/b/*" { capabilities = ["deny"] }`)}},
	}}, vaultfake.Options{}), Config{})
	if ids := got.ofType("vault.kv.secret"); !slices.Equal(ids, []inventory.ID{"vault:eu/root/kv/metadata/a/open", "vault:eu/root/kv/metadata/top"}) {
		t.Errorf("read %v", ids)
	}
	if gap := got.gap(t, `"kv/b"`); gap.Why != inventory.Denied || !gap.Covers("vault.kv.secret") {
		t.Errorf("got the gap %+v", gap)
	}
}

// A server that nests folders without end, or names things so that their path would lead elsewhere, is told, not followed.
func TestNamesThatLeadAstray(t *testing.T) {
	version := []vaultfake.SecretVersion{{Created: daysAgo(1)}}
	deep := vaultfake.Secret{Path: strings.Repeat("d/", maxDepth+1) + "leaf", Versions: version}
	got := read(t, vaultfake.New(estateOf(vaultfake.Namespace{Mounts: []vaultfake.Mount{{Path: "kv/", Type: "kv", Version: "2", Secrets: []vaultfake.Secret{deep, {Path: "..", Versions: version}}}}}), vaultfake.Options{}), Config{})
	if gap := got.gap(t, "d/d/d"); gap.Why != inventory.OutOfScope {
		t.Errorf("got the gap %+v", gap)
	}
	dots := got.resources["vault:eu/root/kv/metadata/.."]
	if len(dots.Unknown) == 0 || dots.Unknown[0].Why != inventory.Unreadable {
		t.Errorf("the name .. was asked for: %+v", dots)
	}
}

func TestNamespaces(t *testing.T) {
	estate := func() vaultfake.Estate {
		e := estateOf(vaultfake.Namespace{})
		for _, ns := range []string{"team-a", "team-a/app", "team-b"} {
			e[ns] = &vaultfake.Namespace{Mounts: []vaultfake.Mount{{Path: "transit/", Type: "transit", Keys: oneKey("k")}}}
		}
		return e
	}
	scopes := func(c Config, e vaultfake.Estate) (out []string) {
		got := read(t, vaultfake.New(e, vaultfake.Options{}), c)
		for _, id := range got.ofType("vault.transit.key") {
			out = append(out, string(got.resources[id].Scope))
		}
		return out
	}
	for _, c := range []struct {
		config Config
		want   []string
	}{
		{Config{Namespaces: []string{"*"}}, []string{"vault/eu/team-a", "vault/eu/team-a/app", "vault/eu/team-b"}},
		{Config{Namespaces: []string{"team-b/", "team-b"}}, []string{"vault/eu/team-b"}},
		{Config{Namespace: "team-a", Namespaces: []string{"*"}}, []string{"vault/eu/team-a", "vault/eu/team-a/app"}},
		{Config{}, nil},
	} {
		got := scopes(c.config, estate())
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v reads keys in %v, want %v", c.config, got, c.want)
		}
	}

	// A community edition has none, and that is no gap.
	got := read(t, vaultfake.New(estateOf(vaultfake.Namespace{}), vaultfake.Options{}), Config{Namespaces: []string{"*"}, Tokens: Tokens{List: true}})
	if len(got.gaps) > 0 {
		t.Errorf("gaps: %v", got.gaps)
	}

	// Only the root namespace has a cluster and audit devices.
	got = read(t, vaultfake.New(estate(), vaultfake.Options{}), Config{Namespaces: []string{"team-a"}})
	if len(got.ofType("vault.cluster")) > 0 || slices.Contains(got.reports[0].Types, "vault.cluster") {
		t.Error("a namespace other than root yields a cluster")
	}
}

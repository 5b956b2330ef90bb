package vault

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// asScanner reads the full estate with a token that has the given rules. The estate gets namespaces listed by name.
func asScanner(t *testing.T, rules []vaultfake.Rule, c Config) *reading {
	t.Helper()
	estate := fullEstate(4, "canary")
	estate["root"].Tokens = append(estate["root"].Tokens, vaultfake.Token{ID: "root-token", Accessor: "scanner", Policies: []string{"scanner"}, Created: daysAgo(0), Rules: rules})
	return read(t, vaultfake.New(estate, vaultfake.Options{}), c)
}

var scannerConfig = Config{Namespaces: []string{"root", "team-a"}, Tokens: Tokens{List: true}, Mounts: map[string][]string{"transit": {"transit", "crypto/transit"}, "userpass": {"people"}}}

// What "keyreeve permissions" prints is enough: nothing is missing. And it grants no path that gives a value away.
func TestPrintedPolicyIsEnough(t *testing.T) {
	rules := vaultfake.ParsePolicy(Permissions(scannerConfig))
	got := asScanner(t, rules, scannerConfig)
	if len(got.gaps) > 0 {
		t.Errorf("gaps: %v", got.gaps)
	}
	for id, r := range got.resources {
		if len(r.Unknown) > 0 {
			t.Errorf("%s: unknown %v", id, r.Unknown)
		}
	}
	if n := len(got.ofType("vault.transit.key")); n != 4 {
		t.Errorf("read %d keys, want 4", n)
	}
	for _, rule := range rules {
		for _, never := range []string{"data", "export", "backup", "decrypt", "encrypt", "raw", "rotate", "creds"} {
			if slices.Contains(strings.Split(rule.Path, "/"), never) {
				t.Errorf("the policy grants %q", rule.Path)
			}
		}
		for _, writes := range []string{"create", "delete", "patch"} {
			if slices.Contains(rule.Capabilities, writes) {
				t.Errorf("the policy grants %q on %q", writes, rule.Path)
			}
		}
		if slices.Contains(rule.Capabilities, "update") && !strings.HasSuffix(rule.Path, "auth/token/lookup-accessor") {
			t.Errorf("the policy grants update on %q", rule.Path)
		}
	}
}

// notMounted is what the policy allows in the second namespace because the usual mounts could be there too.
var notMounted = []string{"team-a/transit/", "team-a/secret/", "team-a/auth/approle/", "team-a/auth/kubernetes/", "team-a/auth/jwt/", "team-a/auth/oidc/", "team-a/auth/people/", "team-a/auth/token/roles/", "auth/jwt/", "crypto/transit/"}

// Without one rule, exactly the types whose calls need it have gaps or unknown facts, and each says which rule would help.
func TestPrintedPolicyIsNeeded(t *testing.T) {
	all := vaultfake.ParsePolicy(Permissions(scannerConfig))
	for i, missing := range all {
		t.Run(missing.Path, func(t *testing.T) {
			got := asScanner(t, slices.Delete(slices.Clone(all), i, i+1), scannerConfig)
			hit := map[string]bool{}
			told := func(hint string) {
				if !strings.Contains(hint, `"`+missing.Path+`"`) {
					t.Errorf("the hint %q does not name %q", hint, missing.Path)
				}
			}
			for _, g := range got.gaps {
				told(g.Hint)
				for _, typ := range g.Types {
					hit[typ] = true
				}
			}
			for _, r := range got.resources {
				for _, u := range r.Unknown {
					told(u.Hint)
					hit[r.Type] = true
				}
			}
			if len(hit) == 0 && !slices.ContainsFunc(notMounted, func(p string) bool { return strings.HasPrefix(missing.Path, p) }) {
				t.Error("nothing needs the rule")
			}
			for typ := range hit {
				if !slices.Contains(typesThatNeed(missing.Path), typ) {
					t.Errorf("%s suffers although it does not need %s", typ, missing.Path)
				}
			}
		})
	}
}

// typesThatNeed lists the types that cannot be read whole without a path. The lists of mounts lead to what is mounted.
func typesThatNeed(path string) []string {
	path = strings.TrimPrefix(path, "team-a/")
	var types []string
	for _, call := range Calls {
		for _, mount := range []string{"transit", "crypto/transit", "secret", "approle", "kubernetes", "jwt", "oidc", "people"} {
			if p, _ := permission(call, place{mount: mount}, ""); p == path {
				types = append(types, call.Type)
			}
		}
	}
	for _, s := range sides {
		if p, _ := permission(s.call, place{}, ""); p == path {
			types = append(types, s.types...)
		}
	}
	return types
}

// A token without any permission learns nothing, and every gap says what to grant.
func TestTokenWithoutPolicy(t *testing.T) {
	got := asScanner(t, nil, Config{Tokens: Tokens{List: true}})
	for id, r := range got.resources {
		if r.Type != "vault.cluster" {
			t.Errorf("read %s", id)
		}
	}
	cluster := got.resources["vault:eu/root/sys"]
	if facts := names(cluster.Unknown); !slices.Equal(facts, []string{"account.audit_devices"}) || cluster.Account.AuditDevices != nil {
		t.Errorf("the cluster's unknown facts are %v", facts)
	}
	var missing []string
	for _, call := range Calls {
		if call.Type != "vault.cluster" && !slices.ContainsFunc(got.gaps, func(g inventory.Gap) bool {
			return slices.Contains(g.Types, call.Type) && g.Why == inventory.Denied && strings.HasPrefix(g.Hint, "path ")
		}) {
			missing = append(missing, call.Type)
		}
	}
	if len(missing) > 0 {
		t.Errorf("no gap for %v", missing)
	}
}

func TestPolicyOfConfiguration(t *testing.T) {
	policy := Permissions(Config{Name: "eu", Namespace: "admin", Namespaces: []string{"admin/team"}, Mounts: map[string][]string{"kv": {"kv/", "apps/kv"}}})
	for _, want := range []string{`path "team/kv/metadata/*" { capabilities = ["list", "read"] }`, `path "team/apps/kv/metadata/*"`, `path "team/transit/keys/+" { capabilities = ["read"] }`} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s:\n%s", want, policy)
		}
	}
	for _, not := range []string{"sys/audit", "accessors", `"sys/`} {
		if strings.Contains(policy, not) {
			t.Errorf("the policy grants %s, which is not asked for:\n%s", not, policy)
		}
	}
}

// The table names every call, and no two rows are the same.
func TestTableOfCalls(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Calls {
		key := c.Name + " " + c.Type
		if seen[key] {
			t.Errorf("%s is in the table twice", key)
		}
		seen[key] = true
	}
}

func TestInvalidTokenIsToldApart(t *testing.T) {
	got := readAll(t, Config{Name: "eu", Address: "http://" + deadAddress(t), Emulated: true}, Options{Env: func(string) string { return "x" }})
	if g := got.gap(t, "anything"); g.Why != inventory.Unreachable || !strings.Contains(g.Hint, "check the address") || len(got.gaps) != 1 {
		t.Errorf("a dead address gives %+v", got.gaps)
	}
	got = read(t, vaultfake.New(vaultfake.Estate{"root": {}}, vaultfake.Options{}), Config{Auth: Auth{TokenEnv: "KR_TOKEN"}})
	if g := got.gap(t, "anything"); g.Why != inventory.Denied || !strings.Contains(g.Hint, "KR_TOKEN") || len(got.gaps) != 1 || len(got.resources) != 0 {
		t.Errorf("an invalid token gives %+v and %d resources", got.gaps, len(got.resources))
	}
	got = read(t, vaultfake.New(estateOf(vaultfake.Namespace{}), vaultfake.Options{Sealed: true}), Config{})
	if g := got.gap(t, "anything"); !strings.Contains(g.Err, "sealed") || len(got.gaps) != 1 {
		t.Errorf("a sealed server gives %+v", got.gaps)
	}
	var gap *inventory.Gap
	if errors.As(error(&got.gaps[0]), &gap); gap.Hint == "" {
		t.Error("no hint for a sealed server")
	}
}

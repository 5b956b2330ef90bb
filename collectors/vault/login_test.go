package vault

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func loginEstate() vaultfake.Estate {
	e := estateOf(vaultfake.Namespace{Auth: []vaultfake.Mount{{Path: "k8s/eu/", Type: "kubernetes"}, {Path: "approle/", Type: "approle"}}})
	e["root"].Mounts = []vaultfake.Mount{{Path: "transit/", Type: "transit", Keys: oneKey("jwt")}}
	return e
}

func TestKubernetesLogin(t *testing.T) {
	jwt := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(jwt, []byte("jwt-of-pod\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	fake := vaultfake.New(loginEstate(), vaultfake.Options{Login: map[string]string{"jwt-of-pod": "root-token"}})
	got := read(t, fake, Config{Auth: Auth{Kubernetes: KubernetesAuth{Role: "keyreeve", Mount: "k8s/eu", JWTPath: jwt}}})
	if len(got.ofType("vault.transit.key")) != 1 || got.reports[0].Calls[logIn.Name] != 1 {
		t.Errorf("read %v with the calls %v", got.resources, got.reports[0].Calls)
	}
	got = read(t, fake, Config{Auth: Auth{Kubernetes: KubernetesAuth{Role: "keyreeve", JWTPath: jwt + "-absent"}}})
	if gap := got.gap(t, "anything"); !strings.Contains(gap.Hint, "jwt_path") || gap.Call != logIn.Name {
		t.Errorf("without a service account: %+v", gap)
	}
}

func TestRefusedLogin(t *testing.T) {
	got := read(t, vaultfake.New(loginEstate(), vaultfake.Options{}), Config{Auth: Auth{AppRole: AppRoleAuth{RoleID: "r", SecretIDEnv: "S"}}})
	gap := got.gap(t, "anything")
	if gap.Call != logIn.Name || !strings.Contains(gap.Err, "invalid role or secret ID") || !strings.Contains(gap.Hint, "approle") {
		t.Errorf("got %+v", gap)
	}
	if len(got.resources) > 0 {
		t.Errorf("read %v without logging in", got.resources)
	}
}

// A token that keyreeve logged in for may end before the reading does. Then it logs in again, once for all calls under way.
func TestTokenThatEndsInTheMiddle(t *testing.T) {
	synctest.Test(t, tokenEnds)
}

func tokenEnds(t *testing.T) {
	fake := vaultfake.New(loginEstate(), vaultfake.Options{Delay: time.Second, Login: map[string]string{"secret": "root-token"}})
	c, err := Config{Name: "eu", Address: "http://vault.test", Emulated: true, Auth: Auth{AppRole: AppRoleAuth{RoleID: "r"}}, Budget: Budget{RPS: 1e6}}.check()
	if err != nil {
		t.Fatal(err)
	}
	sources, err := open(t.Context(), c, Options{Env: func(string) string { return "secret" }}, fake)
	if err != nil {
		t.Fatal(err)
	}
	first := drain(t, t.Context(), sources)
	sources[0].(*source).server.token = "a token that has ended"
	second := drain(t, t.Context(), sources)
	if len(first.gaps) != len(second.gaps) || len(first.resources) != len(second.resources) {
		t.Errorf("read %d resources with the gaps %v, before %d with %v", len(second.resources), second.gaps, len(first.resources), first.gaps)
	}
	if n := fake.Calls()[logIn.Name]; n != 2 {
		t.Errorf("logged in %d times, want 2", n)
	}
}

// A token given by the environment cannot be had again: every call that fails says so.
func TestGivenTokenThatEnds(t *testing.T) {
	c, err := Config{Name: "eu", Address: "http://vault.test", Emulated: true, Budget: Budget{RPS: 1e6}}.check()
	if err != nil {
		t.Fatal(err)
	}
	sources, err := open(t.Context(), c, Options{Env: func(string) string { return "root-token" }}, vaultfake.New(loginEstate(), vaultfake.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	drain(t, t.Context(), sources)
	sources[0].(*source).server.token = "a token that has ended"
	got := drain(t, t.Context(), sources)
	if gap := got.gap(t, "list of secrets engines"); gap.Why != inventory.Denied || !strings.Contains(gap.Hint, "VAULT_TOKEN") {
		t.Errorf("got %+v", gap)
	}
}

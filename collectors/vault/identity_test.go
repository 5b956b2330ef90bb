package vault

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func TestIdentity(t *testing.T) {
	estate := fullEstate(0, "canary")
	estate["root"].Tokens[0].ID = "root-token"
	got := read(t, vaultfake.New(estate, vaultfake.Options{}), Config{})
	for id, want := range map[inventory.ID]inventory.Resource{
		"vault:eu/root/identity/entity/id/entity": {
			Name: "bot", Tags: map[string]string{"team": "payments"},
			Refs: []inventory.Ref{
				{Edge: "grants", To: "vault:eu/root/sys/policies/acl/app", Target: "vault.policy", Name: "app"},
				{Edge: "member_of", To: "vault:eu/root/identity/group/id/bots", Target: "vault.group", Name: "bots"},
			},
			Principal: &inventory.Principal{Disabled: ref(false), Aliases: []inventory.Alias{{
				ID: "alias", Name: "ci", Mount: "auth/approle", Accessor: "auth_approle_1",
				Metadata: map[string]string{"role_name": "ci"}, CustomMetadata: map[string]string{"cost": "1"},
			}}},
		},
		"vault:eu/root/identity/entity/id/gone": {
			Name: "left", Tags: map[string]string{},
			Principal: &inventory.Principal{Disabled: ref(true), Aliases: []inventory.Alias{{
				ID: "alias-2", Name: "old", Accessor: "auth_ldap_1", Metadata: map[string]string{}, CustomMetadata: map[string]string{},
			}}},
		},
		"vault:eu/root/identity/group/id/bots": {
			Name: "bots", Tags: map[string]string{},
			Refs: []inventory.Ref{
				{Edge: "grants", To: "vault:eu/root/sys/policies/acl/deploy", Target: "vault.policy", Name: "deploy"},
				{Edge: "member_of", To: "vault:eu/root/identity/group/id/staff", Target: "vault.group", Name: "staff"},
			},
			Principal: &inventory.Principal{GroupType: "internal", Aliases: []inventory.Alias{}},
		},
		"vault:eu/root/identity/group/id/sso": {
			Name: "sso", Tags: map[string]string{},
			Principal: &inventory.Principal{GroupType: "external", Aliases: []inventory.Alias{{ID: "alias-3", Name: "admins", Mount: "auth/oidc", Accessor: "auth_oidc_1"}}},
		},
	} {
		have := got.resources[id]
		want.ID, want.Type, want.Kind, want.Origin, want.Scope = id, have.Type, inventory.KindPrincipal, inventory.Live, "vault/eu/root"
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", id, diff)
		}
	}
}

// A Vault with very many entities may answer with as many as it could find in time, and a warning.
func TestPartOfAListIsAGap(t *testing.T) {
	fake := vaultfake.New(estateOf(vaultfake.Namespace{Entities: []vaultfake.Entity{{ID: "a", Name: "a"}}}), vaultfake.Options{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/identity/entity/id" {
			fake.ServeHTTP(w, r)
			return
		}
		_, _ = io.WriteString(w, `{"data":{"keys":["a"],"key_info":{}},"warnings":["partial response due to timeout"]}`)
	}))
	t.Cleanup(server.Close)
	got := readAll(t, Config{Name: "eu", Address: server.URL, Budget: Budget{RPS: 1e6}}, Options{Env: func(string) string { return "root-token" }, retryWait: time.Microsecond})
	if gap := got.gap(t, "list of entities"); gap.Why != inventory.Unreachable || !gap.Covers("vault.entity") || !strings.Contains(gap.Err, "a part of the list") {
		t.Errorf("got %+v", gap)
	}
}

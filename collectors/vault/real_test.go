package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/testdata/backends/vaultserver"
)

// These tests keep the fake honest. They write a small estate into a real Vault, under mounts of their own which they remove
// again, and compare what it answers with what the fake answers for the same estate.

// A peer is a server that is asked directly.
type peer struct {
	t              *testing.T
	address, token string
}

// realVault starts a server of its own.
func realVault(t *testing.T) *peer {
	server, err := vaultserver.Start(context.Background(), vaultserver.Need(t), t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return &peer{t, server.Address, server.Token}
}

// ask makes one call and returns status and body.
func (p *peer) ask(method, path, token string, body any) (int, map[string]any) {
	p.t.Helper()
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			p.t.Fatal(err)
		}
		sent = bytes.NewReader(text)
	}
	req, err := http.NewRequest(method, p.address+"/v1/"+path, sent)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("X-Vault-Token", token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer := map[string]any{}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil && err != io.EOF {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, answer
}

// post makes a call that must succeed.
func (p *peer) post(path string, body any) map[string]any {
	p.t.Helper()
	path = strings.TrimSuffix(path, "/")
	status, answer := p.ask(http.MethodPost, path, p.token, body)
	if status >= 300 {
		p.t.Fatalf("POST %s: %d %v", path, status, answer)
	}
	return answer
}

func (p *peer) remove(path string) {
	path = strings.TrimSuffix(path, "/")
	p.t.Cleanup(func() { p.ask(http.MethodDelete, path, p.token, nil) })
}

// Every kind of answer has the same fields of the same types.
func TestFakeAnswersAsVaultDoes(t *testing.T) {
	live := realVault(t)
	ns := comparedEstate(filepath.Join(t.TempDir(), "audit.log"))
	token, accessor := live.populate(ns)
	server := httptest.NewServer(vaultfake.New(vaultfake.Estate{"root": ns}, vaultfake.Options{Now: func() time.Time { return noon }}))
	t.Cleanup(server.Close)
	fake := &peer{t, server.URL, "root-token"}

	type question struct {
		method, path string
		user         string // "root", "nobody", "invalid", "none"
	}
	var questions []question
	as := func(user string, paths ...string) {
		for _, path := range paths {
			method, path, _ := strings.Cut(path, " ")
			questions = append(questions, question{method, path, user})
		}
	}
	as("root", "GET sys/health", "GET sys/mounts", "GET sys/auth", "GET sys/internal/ui/mounts", "GET sys/audit", "LIST sys/policies/acl", "GET sys/policies/acl/"+ours, "GET sys/policies/acl/absent", "GET sys/policies/acl/root", "LIST sys/namespaces",
		"GET auth/token/lookup-self", "LIST auth/token/accessors", "POST auth/token/lookup-accessor")
	for _, m := range ns.Mounts {
		if m.Version == "" && m.Type == "kv" {
			continue
		}
		if m.Type == "transit" {
			as("root", "LIST "+m.Path+"keys", "GET "+m.Path+"keys/absent", "GET "+m.Path+"config/keys")
		}
		for _, k := range m.Keys {
			as("root", "GET "+m.Path+"keys/"+k.Name)
		}
		if m.Type == "kv" {
			as("root", "GET "+m.Path+"config", "LIST "+m.Path+"metadata", "LIST "+m.Path+"metadata/team", "LIST "+m.Path+"metadata/100%25/deep", "LIST "+m.Path+"metadata/absent", "GET "+m.Path+"metadata/absent",
				"GET "+m.Path+"metadata/team/a%20b%3F", "GET "+m.Path+"metadata/team", "GET "+m.Path+"metadata/100%25/deep/er")
		}
	}
	as("root", "LIST auth/token/roles", "GET auth/token/roles/absent")
	for _, r := range ns.TokenRoles {
		as("root", "GET auth/token/roles/"+r.Name)
	}
	for _, m := range ns.Auth {
		if m.Type == "userpass" {
			as("root", "LIST auth/"+m.Path+"users", "GET auth/"+m.Path+"users/absent")
			for _, u := range m.Users {
				as("root", "GET auth/"+m.Path+"users/"+u.Name)
			}
			continue
		}
		as("root", "LIST auth/"+m.Path+"role", "GET auth/"+m.Path+"role/absent")
		for _, r := range m.AppRoles {
			as("root", "GET auth/"+m.Path+"role/"+r.Name, "LIST auth/"+m.Path+"role/"+r.Name+"/secret-id",
				"POST auth/"+m.Path+"role/"+r.Name+"/secret-id-accessor/lookup", "POST auth/"+m.Path+"role/"+r.Name+"/secret-id-accessor/destroy")
		}
		for _, r := range m.KubernetesRoles {
			as("root", "GET auth/"+m.Path+"role/"+r.Name)
		}
		for _, r := range m.JWTRoles {
			as("root", "GET auth/"+m.Path+"role/"+r.Name)
		}
	}
	as("root", "LIST identity/entity/id", "GET identity/entity/id/absent", "LIST identity/group/id", "GET identity/group/id/absent")
	for _, e := range ns.Entities {
		as("root", "GET identity/entity/id/"+e.ID)
	}
	for _, g := range ns.Groups {
		as("root", "GET identity/group/id/"+g.ID)
	}
	as("root", "GET "+ours+"-absent/keys/a", "LIST "+ours+"-absent/keys")
	as("nobody", "GET sys/mounts", "GET sys/auth", "GET sys/audit", "LIST auth/token/accessors", "GET auth/token/lookup-self", "GET sys/internal/ui/mounts", "LIST identity/entity/id", "LIST "+ours+"/transit/keys",
		"LIST "+ours+"/kv/metadata", "LIST "+ours+"/kv/metadata/team")
	as("invalid", "GET sys/mounts", "GET auth/token/lookup-self", "LIST "+ours+"/transit/keys")
	as("none", "GET sys/mounts", "GET sys/health")

	for _, q := range questions {
		t.Run(q.user+" "+q.method+" "+q.path, func(t *testing.T) {
			ask := func(p *peer, nobody, accessor string) (int, any) {
				with := map[string]string{"root": p.token, "nobody": nobody, "invalid": "hvs.unheard-of", "none": ""}[q.user]
				method, path, body := q.method, q.path, any(nil)
				if method == "LIST" {
					method, path = http.MethodGet, path+"?list=true"
				}
				if method == http.MethodPost {
					body = map[string]string{"accessor": accessor}
				}
				status, answer := p.ask(method, path, with, body)
				if status >= 400 {
					return status, answer["errors"]
				}
				return status, shape(onlyOurs(answer))
			}
			wantStatus, want := ask(live, token, accessor)
			gotStatus, got := ask(fake, "nobody", "nobody")
			if gotStatus != wantStatus {
				t.Errorf("the fake answers %d, Vault %d", gotStatus, wantStatus)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the fake differs from Vault (-vault +fake):\n%s", diff)
			}
		})
	}
}

// onlyOurs leaves out what the real server holds besides, and what concerns no collector.
func onlyOurs(answer map[string]any) map[string]any {
	for _, tree := range []any{answer, answer["data"], at(answer, "data", "secret"), at(answer, "data", "auth")} {
		m, ok := tree.(map[string]any)
		for k := range m {
			if ok && strings.HasSuffix(k, "/") && !strings.HasPrefix(k, ours) {
				delete(m, k)
			}
		}
	}
	return answer
}

func at(v any, keys ...string) any {
	for _, k := range keys {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

// shape replaces values by the names of their types. The values of a list are taken together.
func shape(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, sub := range v {
			out[k] = shape(sub)
		}
		return out
	case []any:
		kinds := map[string]bool{}
		for _, sub := range v {
			kinds[fmt.Sprint(shape(sub))] = true
		}
		return slices.Sorted(maps.Keys(kinds))
	case nil:
		return "null"
	}
	return fmt.Sprintf("%T", v)
}

// The collector reads the same from both, and from the real one with no more than the policy it prints.
func TestCollectorReadsVaultAsItReadsTheFake(t *testing.T) {
	live := realVault(t)
	ns := comparedEstate(filepath.Join(t.TempDir(), "audit.log"))
	live.populate(ns)
	config := Config{Name: "eu", Emulated: true, Tokens: Tokens{List: true}, Budget: Budget{RPS: 1e6}, Mounts: map[string][]string{
		"transit": {ours + "/transit", ours + "/empty"}, "kv": {ours + "/kv"}, "approle": {ours + "/approle"}, "kubernetes": {ours + "/kubernetes"}, "jwt": {ours + "/jwt"}, "userpass": {ours + "/userpass"},
	}}
	token, _ := live.newToken(ours+"-scanner", Permissions(config))

	config.Address = live.address
	fromVault := readAll(t, config, Options{Env: func(string) string { return token }})
	fromFake := read(t, vaultfake.New(vaultfake.Estate{"root": ns}, vaultfake.Options{}), config)
	for _, g := range fromVault.gaps {
		if g.Why == inventory.Denied && strings.Contains(g.What, ours) || strings.HasPrefix(g.What, "list of tokens") || strings.HasPrefix(g.What, "list of secrets engines") {
			t.Errorf("with the printed policy there is the gap %v (%s)", &g, g.Hint)
		}
	}
	compared := 0
	for id, want := range fromFake.resources {
		if !strings.Contains(string(id), ours) && want.Kind != inventory.KindPrincipal {
			continue
		}
		compared++
		if diff := cmp.Diff(timeless(want), timeless(fromVault.resources[id])); diff != "" {
			t.Errorf("%s differs (-fake +vault):\n%s", id, diff)
		}
	}
	if compared < 29 {
		t.Errorf("compared only %d resources", compared)
	}
}

// timeless is a resource in JSON with every time replaced.
func timeless(r inventory.Resource) any {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	var walk func(any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for k, sub := range v {
				v[k] = walk(sub)
			}
		case string:
			if _, err := time.Parse(time.RFC3339Nano, v); err == nil {
				return "a time"
			}
		}
		return v
	}
	return walk(v)
}

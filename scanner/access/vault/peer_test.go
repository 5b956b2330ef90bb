package vault_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/vault"
	"github.com/keyreeve/keyreeve/testdata/backends/vaultserver"
)

// These tests ask a real Vault what the evaluator says of it. It has key-value engines by the first words of the paths that are asked,
// whose secrets are written and removed so that a write is to create or to update as it should be.

var mounts = []string{"a", "b", "ab", "secret", "foo"}

type peer struct {
	t              *testing.T
	address, token string
}

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
	p := &peer{t, server.Address, server.Token}
	for _, m := range mounts {
		p.must("POST", "sys/mounts/"+m, map[string]any{"type": "kv", "options": map[string]string{"version": "1"}})
	}
	return p
}

// ask makes one call and returns its status and what it answers.
func (p *peer) ask(method, path, token, wrap string, body any) (int, map[string]any) {
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
	if wrap != "" {
		req.Header.Set("X-Vault-Wrap-TTL", wrap)
	}
	if method == http.MethodPatch {
		req.Header.Set("Content-Type", "application/merge-patch+json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer := map[string]any{}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil && err != io.EOF {
		p.t.Fatalf("%s %s: %d %v", method, path, resp.StatusCode, err)
	}
	return resp.StatusCode, answer
}

// must makes a call as root that has to succeed, and returns its data.
func (p *peer) must(method, path string, body any) map[string]any {
	p.t.Helper()
	status, answer := p.ask(method, path, p.token, "", body)
	if status >= 300 && (status != http.StatusNotFound || method != http.MethodDelete) {
		p.t.Fatalf("%s %s: %d %v", method, path, status, answer)
	}
	data, _ := answer["data"].(map[string]any)
	if auth, ok := answer["auth"].(map[string]any); ok {
		return auth
	}
	return data
}

// tokenWith writes policies and makes a token that has them. It returns "" where Vault refuses one.
func (p *peer) tokenWith(policies []vault.Policy) string {
	p.t.Helper()
	var names []string
	for _, policy := range policies {
		if status, _ := p.ask("POST", "sys/policies/acl/"+policy.Name, p.token, "", map[string]string{"policy": policy.Text}); status == http.StatusBadRequest {
			return ""
		}
		names = append(names, policy.Name)
	}
	return p.must("POST", "auth/token/create", map[string]any{"policies": names, "no_default_policy": true})["client_token"].(string)
}

// allowed reports whether Vault lets a request through to its handler, which may refuse it all the same.
func (p *peer) allowed(token string, r vault.Request) bool {
	p.t.Helper()
	method := map[string]string{"create": "POST", "update": "POST", "read": "GET", "list": "LIST", "delete": "DELETE", "patch": "PATCH"}[r.Operation]
	path, body := r.Path, any(nil)
	switch r.Operation {
	case "create":
		p.must("DELETE", path, nil)
	case "update":
		p.must("POST", path, map[string]string{"v": "1"})
	}
	if method == "POST" || method == "PATCH" {
		if body = r.Data; r.Data == nil {
			body = map[string]any{}
		}
	}
	status, _ := p.ask(method, path, token, r.WrapTTL, body)
	return status != http.StatusForbidden
}

// askable reports whether a path can be asked for over HTTP, and that of a secret.
func askable(r vault.Request) bool {
	mount, rest, ok := strings.Cut(r.Path, "/")
	if r.Operation == "list" {
		rest, ok = strings.TrimSuffix(rest, "/"), strings.HasSuffix(r.Path, "/")
	}
	return ok && slices.Contains(mounts, mount) && rest != "" && rest == strings.Trim(rest, "/") && !strings.Contains(rest, "//") && !strings.Contains(rest, "*")
}

func TestVaultDecidesTheCasesSo(t *testing.T) {
	p := realVault(t)
	asked := 0
	compare := func(name, token string, r vault.Request, want access.Decision) {
		t.Helper()
		if asked++; p.allowed(token, r) != (want == access.Allowed) {
			t.Errorf("%s: Vault does not say of %s %s with %v, wrapped for %q, that it is %s", name, r.Operation, r.Path, r.Data, r.WrapTTL, want)
		}
	}
	for name, c := range ruleCases {
		token := p.tokenWith(policies(c.texts...))
		want := access.Allowed
		for part := range strings.SplitSeq(c.want, ", ") {
			operation, path, _ := strings.Cut(part, " ")
			r := vault.Request{Operation: operation, Path: path}
			switch {
			case part == "no":
				want = access.Denied
			case askable(r):
				compare(name, token, r, want)
			}
		}
	}
	for name, c := range parameterCases {
		token := p.tokenWith(policies(blocksOf("secret/a", c.rules)...))
		want := access.Allowed
		for part := range strings.SplitSeq(c.want, "; ") {
			if part == "no" {
				want = access.Denied
				continue
			}
			var data map[string]any
			if err := json.Unmarshal([]byte(part), &data); err != nil {
				t.Fatal(err)
			}
			for _, operation := range []string{"create", "update", "patch"} {
				compare(name, token, vault.Request{Operation: operation, Path: "secret/a", Data: data}, want)
			}
			for _, operation := range []string{"delete", "list"} {
				compare(name, token, vault.Request{Operation: operation, Path: "secret/a"}, access.Allowed)
			}
		}
	}
	for name, c := range wrappingCases {
		token := p.tokenWith(policies(blocksOf("secret/a", c.rules)...))
		for _, operation := range operations {
			for ttl := range strings.FieldsSeq(c.allow) {
				compare(name, token, vault.Request{Operation: operation, Path: "secret/a", WrapTTL: ttl}, access.Allowed)
			}
			for ttl := range strings.FieldsSeq(c.deny) {
				compare(name, token, vault.Request{Operation: operation, Path: "secret/a", WrapTTL: strings.TrimPrefix(ttl, "none")}, access.Denied)
			}
		}
	}
	t.Logf("asked %d requests", asked)
	if asked < 500 {
		t.Errorf("only %d requests were asked", asked)
	}
}

// blocksOf are policies for the same path with these lines each.
func blocksOf(path string, lines []string) (out []string) {
	for _, l := range lines {
		out = append(out, rule(path, "create read update patch delete list", l))
	}
	return out
}

// Random policies: what Vault says they allow at once, and whether it lets requests through.
func TestVaultDecidesAsTheEvaluator(t *testing.T) {
	p := realVault(t)
	g := newGenerator(7)
	e := vault.New()
	allowed, denied := 0, 0
	for i := range 300 {
		r := g.request(15, 50*(i%2), false)
		r.Namespace, r.Identity = "", vault.Identity{}
		token := p.tokenWith(r.Policies)
		acl, err := e.ACL("", r.Policies, vault.Identity{})
		if (token == "") != (err != nil) {
			t.Fatalf("Vault takes the policies: %v, but %v\n%v", token != "", err, r.Policies)
		}
		var paths []string
		for range 30 {
			if path := g.path(); path != "" {
				paths = append(paths, path)
			}
		}
		said := p.must("POST", "sys/capabilities", map[string]any{"token": token, "paths": paths})
		for _, path := range paths {
			if got, want := reported(said[path]), listed(acl, path); got != want {
				t.Errorf("of %q Vault says %s, want %s\n%v", path, got, want, r.Policies)
			}
		}
		for range 20 {
			r.Operation, r.Path = g.one(operations...), g.path()
			if r.Operation == "list" {
				r.Path = strings.TrimSuffix(r.Path, "/") + "/"
			}
			if !askable(r) {
				continue
			}
			if r.Operation == "read" || r.Operation == "delete" || r.Operation == "list" {
				r.Data = nil // has no body over HTTP
			} else {
				r.Data = g.request(0, 100, false).Data
			}
			want := e.Decide(r).Decision
			if got := p.allowed(token, r); got != (want == access.Allowed) {
				t.Errorf("%s %s with %v, wrapped for %q: Vault lets it through: %v, want %s\n%v", r.Operation, r.Path, r.Data, r.WrapTTL, got, want, r.Policies)
			}
			if want == access.Allowed {
				allowed++
			} else {
				denied++
			}
		}
	}
	t.Logf("%d requests allowed, %d denied", allowed, denied)
	if allowed < 150 || denied < 500 {
		t.Errorf("only %d requests were allowed and %d denied", allowed, denied)
	}
}

// reported are capabilities as Vault lists them, in an order of their own.
func reported(said any) string {
	var names []string
	for _, c := range said.([]any) {
		names = append(names, c.(string))
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

// listed is what Vault says of a path: of all capabilities by the rule that LIST has, limits aside.
func listed(acl *vault.ACL, path string) string {
	names := strings.Split(acl.Listed(path).String(), ",")
	if names[0] == "" {
		return "deny"
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

// The identity is what Vault's API answers for it; the token is one of a login.
func TestVaultCompletesTemplatesSo(t *testing.T) {
	p := realVault(t)
	p.must("POST", "sys/auth/userpass", map[string]any{"type": "userpass"})
	password := fmt.Sprintf("%x", p.address)
	p.must("POST", "auth/userpass/users/ada", map[string]any{"password": password, "token_no_default_policy": true})
	accessor := p.must("GET", "sys/auth/userpass", nil)["accessor"].(string)
	id := p.must("POST", "identity/entity", map[string]any{"name": "ada", "metadata": map[string]string{"team": "red", "none": "", "star": "*", "slash": "/x"}, "policies": []string{"templated"}})["id"].(string)
	p.must("POST", "identity/entity-alias", map[string]any{"name": "ada", "canonical_id": id, "mount_accessor": accessor, "custom_metadata": map[string]string{"k": "v"}})
	inner := p.must("POST", "identity/group", map[string]any{"name": "ops", "metadata": map[string]string{"site": "north"}, "member_entity_ids": []string{id}})["id"].(string)
	outer := p.must("POST", "identity/group", map[string]any{"name": "dev", "member_group_ids": []string{inner}})["id"].(string)
	p.must("POST", "identity/group", map[string]any{"name": "others"})
	texts := []string{
		"{{identity.entity.id}}", "{{identity.entity.name}}", "{{ identity.entity.name }}/x", "{{identity.entity.metadata.team}}*", "{{identity.entity.metadata.none}}", "{{identity.entity.metadata.star}}",
		"{{identity.entity.metadata.unheard}}", "{{identity.entity.metadata}}", "{{identity.entity.groups.names}}", "{{identity.entity.aliases." + accessor + ".name}}", "{{identity.entity.aliases." + accessor + ".id}}",
		"{{identity.entity.aliases." + accessor + ".custom_metadata.k}}", "{{identity.entity.aliases." + accessor + ".metadata.k}}", "{{identity.entity.aliases.other.name}}", "{{identity.groups.names.ops.id}}",
		"{{identity.groups.names.ops.metadata.site}}", "{{identity.groups.ids." + inner + ".name}}", "{{identity.groups.ids." + outer + ".name}}", "{{identity.groups.names.dev.id}}", "{{identity.groups.names.others.id}}",
		"{{identity.groups.names.ops}}", "{{other}}", "{{}}",
	}
	var identity vault.Identity
	raw, err := json.Marshal(map[string]any{
		"entity": p.must("GET", "identity/entity/id/"+id, nil),
		"groups": []any{p.must("GET", "identity/group/id/"+inner, nil), p.must("GET", "identity/group/id/"+outer, nil)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &identity); err != nil {
		t.Fatal(err)
	}
	alias := identity.Entity.Aliases[accessor].ID
	paths := []string{"a/", "a/any", "a/v", "a/ada", "a/ada/x", "a/red", "a/redder", "a/north", "a/ops", "a/dev", "a/" + id, "a/" + inner, "a/" + outer, "a/" + alias, "x", "/x", "any", "ada"}
	token := p.must("POST", "auth/userpass/login/ada", map[string]string{"password": password})["client_token"].(string)
	for _, text := range texts {
		for _, before := range []string{"a/", "", "/"} {
			policy := vault.Policy{Name: "templated", Text: rule(before+text, "read") + rule("a/a*", "deny")}
			if strings.Contains(text, "star") && before != "a/" {
				continue // everything, so nothing is told apart
			}
			p.must("POST", "sys/policies/acl/templated", map[string]string{"policy": policy.Text})
			acl, err := vault.New().ACL("", []vault.Policy{policy}, identity)
			if err != nil {
				t.Fatal(err)
			}
			said := p.must("POST", "sys/capabilities", map[string]any{"token": token, "paths": paths})
			for _, path := range paths {
				if got, want := reported(said[path]), listed(acl, path); got != want {
					t.Errorf("with %s Vault says of %s %s, want %s", before+text, path, got, want)
				}
			}
		}
	}
}

// Texts of policies, well and ill: Vault takes those that the parser takes.
func TestVaultTakesThePoliciesThatTheParserTakes(t *testing.T) {
	p := realVault(t)
	g := newGenerator(8)
	lines := []string{
		`capabilities = ["read"]`, `capabilities = ["read", "deny", "unheard"]`, `capabilities = ["unheard", "deny"]`, `capabilities = "read"`, `capabilities = []`, `policy = "read"`, `policy = "deny"`, `policy = "all"`,
		`allowed_parameters = { "a" = ["b", 1, true] }`, `allowed_parameters = { "a" = "b" }`, `denied_parameters { x = [] }`, `required_parameters = ["z"]`, `required_parameters = "z"`, `min_wrapping_ttl = "1s"`,
		`max_wrapping_ttl = 90`, `max_wrapping_ttl = "0s"`, `min_wrapping_ttl = "2h"`, `min_wrapping_ttl = true`, `max_wrapping_ttl = "1d"`, `mfa_methods = ["m"]`, `comment = "c"`, `comment = ["c"]`, `unheard = 1`,
		`control_group = { factor "f" { identity { group_names = ["g"] approvals = 1 } } }`, `control_group = {}`, `control_group = { factor "f" { controlled_capabilities = ["read"] identity { group_ids = ["g"] approvals = 1 } } }`,
		`subscribe_event_types = ["*"]`, `capabilities = ["read"`, `}`,
	}
	heads := []string{`path "a" {`, `path "a" {`, `path "a/+*" {`, `path "a/{{x" {`, `path "a/{{x}}" {`, `path {`, `name = "n"` + "\n" + `path "a" {`, `name = []` + "\n" + `path "a" {`, `other "a" {`, `path "a" "b" {`}
	taken := 0
	for range 400 {
		text := g.one(heads...)
		if g.chance(60) {
			text = heads[0]
		}
		text += "\n" + strings.Join(g.some(3, lines...), "\n") + "\n}\n"
		status, answer := p.ask("POST", "sys/policies/acl/p", p.token, "", map[string]string{"policy": text})
		_, err := vault.New().ACL("", policies(text), vault.Identity{})
		if (status == http.StatusBadRequest) != (err != nil) || status >= 500 {
			t.Errorf("Vault says %d %v, want %v\n%s", status, answer["errors"], err, text)
		}
		if err == nil {
			taken++
		}
	}
	if taken < 50 || taken > 350 {
		t.Errorf("%d of 400 policies were taken", taken)
	}
}

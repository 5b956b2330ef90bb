package vault_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/keyreeve/keyreeve/collectors/vault"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/material"
	"github.com/keyreeve/keyreeve/remediate/plan"
	rotate "github.com/keyreeve/keyreeve/remediate/vault"
	"github.com/keyreeve/keyreeve/testdata/backends/vaultserver"
)

// A real Vault and what a test does with it as root; the rotator has a token with the printed policy only.
type real struct {
	t       *testing.T
	address string
	root    *api.Client
	token   string
}

func realVault(t *testing.T) *real {
	server, err := vaultserver.Start(context.Background(), vaultserver.Need(t), t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	root, err := server.Client(server.Token)
	if err != nil {
		t.Fatal(err)
	}
	return &real{t: t, address: server.Address, root: root}
}

// write makes a call that must succeed.
func (v *real) write(path string, body map[string]any) map[string]any {
	v.t.Helper()
	s, err := v.root.Logical().WriteWithContext(v.t.Context(), path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	if s == nil {
		return nil
	}
	return s.Data
}

func (v *real) read(path string, query map[string][]string) map[string]any {
	v.t.Helper()
	s, err := v.root.Logical().ReadWithDataWithContext(v.t.Context(), path, query)
	if err != nil || s == nil {
		v.t.Fatalf("read %s: %v", path, err)
	}
	return s.Data
}

// grant makes the rotator's token.
func (v *real) grant(rules []string) {
	v.t.Helper()
	if err := v.root.Sys().PutPolicyWithContext(v.t.Context(), "rotate", strings.Join(rules, "\n")); err != nil {
		v.t.Fatal(err)
	}
	s, err := v.root.Auth().Token().CreateWithContext(v.t.Context(), &api.TokenCreateRequest{Policies: []string{"rotate"}, NoDefaultPolicy: true})
	if err != nil {
		v.t.Fatal(err)
	}
	v.token = s.Auth.ClientToken
}

func (v *real) dial(ctx context.Context, cluster, namespace string) (*vault.Connection, error) {
	env := func(name string) string { return map[string]string{"VAULT_TOKEN": v.token}[name] }
	return vault.Connect(ctx, vault.Config{Name: cluster, Address: v.address, Budget: vault.Budget{RPS: 1e6}}, vault.Options{Env: env, Now: time.Now}, namespace)
}

// step does a step's act as the engine would, and holds the server to what the plan says of before and after.
func (v *real) step(rotator plan.Rotator, r plan.Rotation, s plan.Step, act string, known plan.Facts) plan.Facts {
	v.t.Helper()
	expect, after := s.Expect, s.After
	if act == s.Undo {
		expect, after = s.UndoExpect, s.UndoAfter
	}
	see := func(want plan.Facts) {
		v.t.Helper()
		facts, err := rotator.Look(v.t.Context(), r, known)
		if err != nil {
			v.t.Fatal(err)
		}
		if diff := want.Differs(facts, known); diff != "" {
			v.t.Fatalf("%s: %s", act, diff)
		}
	}
	see(expect)
	made, err := rotator.Do(v.t.Context(), r, s, act, known)
	if err != nil {
		v.t.Fatal(err)
	}
	see(after)
	return made
}

// Against a real Vault, with no more than the printed policy: the value changes beside the other fields, and comes back.
func TestRealKV(t *testing.T) {
	v := realVault(t)
	if err := v.root.Sys().MountWithContext(t.Context(), "team/kv", &api.MountInput{Type: "kv", Options: map[string]string{"version": "2"}}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) { // a new mount takes a moment to be upgraded to version 2
		_, err := v.root.Logical().WriteWithContext(t.Context(), "team/kv/data/a b/db", map[string]any{"data": map[string]any{"password": firstPassword, "user": "app", "port": 5432}})
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	d := remediate.Draft{Resource: password(1), Pattern: plan.InPlace, Key: &remediate.Key{Field: "password", Random: &material.Random{}}}
	d.Resource.ID = "vault:eu/root/team/kv/metadata/a b/db"
	_, steps, err := rotate.DraftKV(d)
	if err != nil {
		t.Fatal(err)
	}
	r := plan.Rotation{ID: "db", Resource: d.Resource.ID, Scope: "vault/eu/root", Steps: steps}
	v.grant(rotate.KVPolicy(r))
	kv := rotate.KV{Dial: v.dial, Programs: programs}
	value := func(version string) map[string]any {
		return v.read("team/kv/data/a b/db", map[string][]string{"version": {version}})["data"].(map[string]any)
	}
	v.step(kv, r, steps[0], steps[0].Act, nil)
	if now := value("2"); len(now) != 3 || now["user"] != "app" || now["port"].(interface{ String() string }).String() != "5432" || len(now["password"].(string)) != 43 {
		t.Errorf("version 2 has %d fields, user %v", len(now), now["user"])
	}
	if value("1")["password"] != firstPassword {
		t.Error("version 1 cannot be read any more")
	}
	if _, err := kv.Do(t.Context(), r, steps[0], steps[0].Act, nil); err == nil || !strings.Contains(err.Error(), "PATCH team/kv/data/a b/db") || strings.Contains(err.Error(), plan.ErrUnclear.Error()) {
		t.Errorf("written twice: %v", err)
	}
	v.step(kv, r, steps[0], steps[0].Undo, nil)
	if value("3")["password"] != firstPassword {
		t.Error("the old value was not written back")
	}

	v.write("team/kv/config", map[string]any{"max_versions": 1})
	v.write("team/kv/metadata/a b/db", map[string]any{"max_versions": 1})
	facts, err := kv.Look(t.Context(), r, nil)
	if err != nil || facts["old_version_stays"] != "no, as 1 version is kept" {
		t.Errorf("one version is kept: %s, %v", facts, err)
	}
	v.write("team/kv/metadata/a b/db", map[string]any{"max_versions": 3})
	if facts, err = kv.Look(t.Context(), r, nil); err != nil || facts["old_version_stays"] != "yes" {
		t.Errorf("the larger of the two is kept: %s, %v", facts, err)
	}
	v.write("team/kv/config", map[string]any{"delete_version_after": "2h"})
	v.write("team/kv/metadata/a b/db", map[string]any{"delete_version_after": "3h"})
	if facts, err = kv.Look(t.Context(), r, nil); err != nil || facts["old_version_stays"] != "no, as versions are deleted after 2h0m0s" {
		t.Errorf("versions are deleted: %s, %v", facts, err)
	}
	v.write("team/kv/config", map[string]any{"delete_version_after": "-1s"})
	if facts, err = kv.Look(t.Context(), r, nil); err != nil || facts["old_version_stays"] != "yes" {
		t.Errorf("the mount forbids it: %s, %v", facts, err)
	}
}

// Against a real Vault, with no more than the printed policy: the new secret-id logs in before the old one is gone, and after.
func TestRealAppRole(t *testing.T) {
	v := realVault(t)
	if err := v.root.Sys().EnableAuthWithOptionsWithContext(t.Context(), "team/approle", &api.EnableAuthOptions{Type: "approle"}); err != nil {
		t.Fatal(err)
	}
	v.write("auth/team/approle/role/ci", map[string]any{"token_policies": "default"})
	roleID := v.read("auth/team/approle/role/ci/role-id", nil)["role_id"]
	old := v.write("auth/team/approle/role/ci/secret-id", map[string]any{})
	logsIn := func(secretID any) bool {
		_, err := v.root.Logical().WriteWithContext(t.Context(), "auth/team/approle/login", map[string]any{"role_id": roleID, "secret_id": secretID})
		return err == nil
	}
	program, inbox := courier(t)
	d := remediate.Draft{Resource: pipeline(), Now: time.Now(), Pattern: plan.Overlap, Key: &remediate.Key{Clients: []string{"runner"}, Deliver: []string{program}}}
	d.Resource.ID = "vault:eu/root/auth/team/approle/role/ci"
	_, steps, err := rotate.DraftAppRole(d)
	if err != nil {
		t.Fatal(err)
	}
	r := plan.Rotation{ID: "ci", Resource: d.Resource.ID, Scope: "vault/eu/root", Steps: steps}
	v.grant(rotate.AppRolePolicy(r))
	role := rotate.AppRole{Dial: v.dial, Programs: material.Runner{Environ: os.Getenv}, Now: time.Now}

	// What the policy lets out is wrapped.
	mine, err := v.root.Clone()
	if err != nil {
		t.Fatal(err)
	}
	mine.SetToken(v.token)
	if s, err := mine.Logical().WriteWithContext(t.Context(), "auth/team/approle/role/ci/secret-id", nil); err == nil {
		t.Errorf("the policy lets a secret-id out: %d fields", len(s.Data))
	}

	// Issued, and taken back: the old one serves on.
	known := v.step(role, r, steps[0], steps[0].Act, plan.Facts{})
	v.step(role, r, steps[0], steps[0].Undo, known)
	if !logsIn(old["secret_id"]) || known["old_secret_id"] != old["secret_id_accessor"] {
		t.Error("taking the new secret-id back took the old one too")
	}

	// Issued again, delivered, and the old one destroyed.
	known = v.step(role, r, steps[0], steps[0].Act, plan.Facts{})
	tokens := lines(t, inbox)
	unwrapped, err := v.root.Logical().UnwrapWithContext(t.Context(), tokens[len(tokens)-1])
	if err != nil {
		t.Fatal(err)
	}
	if unwrapped.Data["secret_id_accessor"] != known["new_secret_id"] {
		t.Error("the accessor that was found by its mark is not that of what was delivered")
	}
	if !logsIn(unwrapped.Data["secret_id"]) || !logsIn(old["secret_id"]) {
		t.Error("both secret-ids have to log in during the overlap")
	}
	v.step(role, r, steps[3], steps[3].Act, known)
	if logsIn(old["secret_id"]) || !logsIn(unwrapped.Data["secret_id"]) {
		t.Error("after the end, the new secret-id alone logs in")
	}
	v.leaksOut(role, r, program, roleID, unwrapped.Data["secret_id"])
	if _, err := role.Do(t.Context(), r, steps[3], steps[3].Act, known); err == nil || !strings.Contains(err.Error(), plan.ErrUnclear.Error()) {
		t.Errorf("destroyed twice: %v", err) // Vault answers 500, so it is looked up
	}
}

// leaksOut rotates in an emergency: a token that the leaked secret-id was traded for is of no use afterwards, and one that is issued then is.
func (v *real) leaksOut(role rotate.AppRole, r plan.Rotation, program string, roleID, leaked any) {
	v.t.Helper()
	logIn := func(secretID any) *api.Client {
		v.t.Helper()
		s, err := v.root.Logical().WriteWithContext(v.t.Context(), "auth/team/approle/login", map[string]any{"role_id": roleID, "secret_id": secretID})
		if err != nil {
			v.t.Fatal(err)
		}
		client, err := v.root.Clone()
		if err != nil {
			v.t.Fatal(err)
		}
		client.SetToken(s.Auth.ClientToken)
		return client
	}
	serves := func(c *api.Client) bool {
		_, err := c.Auth().Token().LookupSelfWithContext(v.t.Context())
		return err == nil
	}
	d := remediate.Draft{Resource: pipeline(), Now: time.Now(), Pattern: plan.Urgent, Emergency: true, Key: &remediate.Key{Deliver: []string{program}}}
	d.Resource.ID = r.Resource
	_, steps, err := rotate.DraftAppRole(d)
	if err != nil {
		v.t.Fatal(err)
	}
	r.Steps = steps
	v.grant(rotate.AppRolePolicy(r))
	thief := logIn(leaked)
	if !serves(thief) {
		v.t.Fatal("the leaked secret-id gives no token")
	}
	known := v.step(role, r, steps[0], steps[0].Act, plan.Facts{})
	ended := v.step(role, r, steps[2], steps[2].Act, known)
	if !serves(thief) || ended["old_secret_id_ended"] == "" {
		v.t.Errorf("destroying a secret-id tells %s", ended)
	}
	for name, value := range ended {
		known[name] = value
	}
	v.step(role, r, steps[3], steps[3].Act, known)
	if serves(thief) {
		v.t.Error("the token of the leaked secret-id still serves")
	}
}

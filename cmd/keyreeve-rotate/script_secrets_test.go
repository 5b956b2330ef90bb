package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
)

// secrets puts the secret team/db of KV and the AppRole ci, which has one secret-id and two tokens, into the fake Vault.
func secrets(ts *testscript.TestScript, neg bool, args []string) {
	s := sceneOf(ts)
	root, old := s.vault.Estate()["root"], s.clock().AddDate(0, 0, -120)
	root.Mounts = append(root.Mounts, vaultfake.Mount{Path: "kv/", Type: "kv", Version: "2", Secrets: []vaultfake.Secret{{
		Path: "team/db", Versions: []vaultfake.SecretVersion{{Created: old, Data: map[string]any{"password": "v4lue-of-version-1", "user": "app"}}},
	}}})
	root.Leases = []vaultfake.Lease{{ID: "auth/approle/login/h1", Issued: old}, {ID: "auth/approle/login/h2", Issued: old}}
	root.Auth = append(root.Auth, vaultfake.Mount{Path: "approle/", Type: "approle", AppRoles: []vaultfake.AppRole{{
		Name: "ci", BindSecretID: true, SecretIDs: []vaultfake.SecretID{{Accessor: "first", Value: "sid-of-the-first", Created: old}},
	}}})
}

func kvSecret(ts *testscript.TestScript) *vaultfake.Secret {
	for _, m := range sceneOf(ts).vault.Estate()["root"].Mounts {
		if m.Type == "kv" {
			return &m.Secrets[0]
		}
	}
	ts.Fatalf("the fake holds no secret")
	return nil
}

func role(ts *testscript.TestScript) *vaultfake.AppRole {
	return &sceneOf(ts).vault.Estate()["root"].Auth[0].AppRoles[0]
}

// value asserts a field of the versions of team/db, where "new" is what no version before has: value FIELD WANT...
func value(ts *testscript.TestScript, neg bool, args []string) {
	var got []string
	seen := []any{"v4lue-of-version-1"}
	for _, v := range kvSecret(ts).Versions {
		text := fmt.Sprint(v.Data[args[0]])
		if args[0] == "password" && !slices.Contains(seen, v.Data[args[0]]) {
			seen, text = append(seen, v.Data[args[0]]), "new"
		}
		got = append(got, text)
	}
	if !slices.Equal(got, args[1:]) {
		ts.Fatalf("%s is %q, want %q", args[0], got, args[1:])
	}
}

// same asserts that two versions of team/db have the same password: same A B.
func same(ts *testscript.TestScript, neg bool, args []string) {
	password := map[string]any{}
	for i, v := range kvSecret(ts).Versions {
		password[fmt.Sprint(i+1)] = v.Data["password"]
	}
	if a := password[args[0]]; a == nil || a != password[args[1]] {
		ts.Fatalf("versions %s and %s are not there or differ", args[0], args[1])
	}
}

// secretIDs asserts the accessors of the AppRole ci: secretids ACCESSOR...
func secretIDs(ts *testscript.TestScript, neg bool, args []string) {
	var got []string
	for _, id := range role(ts).SecretIDs {
		got = append(got, id.Accessor)
	}
	if !slices.Equal(got, args) {
		ts.Fatalf("the secret-ids are %q, want %q", got, args)
	}
}

// loggedIn asserts how many tokens of AppRoles there are: loggedin N.
func loggedIn(ts *testscript.TestScript, neg bool, args []string) {
	if n := len(sceneOf(ts).vault.Estate()["root"].Leases); fmt.Sprint(n) != args[0] {
		ts.Fatalf("%d tokens are there, want %s", n, args[0])
	}
}

// unwraps asserts that a file holds one token, and that unwrapping it gives the newest secret-id: unwraps FILE.
func unwraps(ts *testscript.TestScript, neg bool, args []string) {
	r, err := http.NewRequest(http.MethodPost, sceneOf(ts).address+"/v1/sys/wrapping/unwrap", http.NoBody)
	ts.Check(err)
	r.Header.Set("X-Vault-Token", strings.TrimSpace(ts.ReadFile(args[0])))
	resp, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer resp.Body.Close()
	var answer struct {
		Data struct {
			SecretID string `json:"secret_id"`
		} `json:"data"`
	}
	ts.Check(json.NewDecoder(resp.Body).Decode(&answer))
	ids := role(ts).SecretIDs
	if got := answer.Data.SecretID; got == "" || got != ids[len(ids)-1].Value {
		ts.Fatalf("status %d: what is wrapped is not the newest secret-id", resp.StatusCode)
	}
}

// hidden asserts that no secret value is in any file of the script, nor in what the command before printed: hidden [EXCEPT...].
func hidden(ts *testscript.TestScript, neg bool, args []string) {
	var values []string
	for _, v := range kvSecret(ts).Versions {
		values = append(values, fmt.Sprint(v.Data["password"]))
	}
	for _, id := range role(ts).SecretIDs {
		values = append(values, id.Value)
	}
	values = append(values, "hvs.wrap-") // any wrapping token
	look := func(where string, text []byte) {
		for _, v := range values {
			if bytes.Contains(text, []byte(v)) {
				ts.Fatalf("%s holds a secret value", where)
			}
		}
	}
	look("standard output", []byte(ts.ReadFile("stdout")))
	look("standard error", []byte(ts.ReadFile("stderr")))
	dir := ts.MkAbs(".")
	ts.Check(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || slices.Contains(args, strings.TrimPrefix(path, dir+string(filepath.Separator))) {
			return err
		}
		text, err := os.ReadFile(path)
		look(path, text)
		return err
	}))
}

package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keyreeve/keyreeve/collectors/vault"
	"github.com/keyreeve/keyreeve/scanner/config"
)

// ciphertexts writes lines as a store would be dumped, numbered from 1: ciphertexts FILE N VERSION.
func ciphertexts(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, `{"id": %d, "ciphertext": "vault:v%s:%s", "owner": "nobody"}`+"\n", i, args[2], base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "payload %d", i)))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o600))
}

// called asserts how often a call has reached the fake Vault since it was started: called N CALL.
func called(ts *testscript.TestScript, neg bool, args []string) {
	if n := sceneOf(ts).vault.Calls()[args[1]]; fmt.Sprint(n) != args[0] {
		ts.Fatalf("%s was called %d times, want %s", args[1], n, args[0])
	}
}

// Where a namespace ends and a mount begins is told by the configuration; Vault takes what is left of a namespace in the path.
func TestTransitKeyTakesIDsApart(t *testing.T) {
	d := &desk{config: &config.Config{}}
	d.config.Sources.Vault = []vault.Config{{Name: "eu"}, {Name: "us", Namespace: "team", Namespaces: []string{"team/a", "*"}}}
	for id, want := range map[string][3]string{
		"vault:eu/root/transit/keys/jwt":        {"eu", "root", "transit/keys/jwt"},
		"vault:eu/root/prod/transit/keys/jwt":   {"eu", "root", "prod/transit/keys/jwt"},
		"vault:eu/team/transit/keys/jwt":        {"eu", "root", "team/transit/keys/jwt"},
		"vault:us/team/transit/keys/jwt":        {"us", "team", "transit/keys/jwt"},
		"vault:us/team/a/transit/keys/jwt":      {"us", "team/a", "transit/keys/jwt"},
		"vault:us/team/b/transit/keys/jwt":      {"us", "team", "b/transit/keys/jwt"},
		"vault:us/root/transit/keys/jwt":        {"us", "root", "transit/keys/jwt"},
		"vault:us/teamwork/a/transit/keys/jwt":  {"us", "root", "teamwork/a/transit/keys/jwt"},
		"vault:eu/root/keys/keys/keys":          {"eu", "root", "keys/keys/keys"},
		"vault:eu/root/transit/keys":            {},
		"vault:eu/transit/keys/jwt":             {},
		"vault:asia/root/transit/keys/jwt":      {},
		"vault:eu/root/kv/metadata/jwt":         {},
		"arn:aws:kms:eu-west-1:111122223333:x/": {},
		"":                                      {},
	} {
		cluster, namespace, path, err := d.transitKey(id)
		if got := [3]string{cluster, namespace, path}; got != want || (err == nil) != (want[0] != "") {
			t.Errorf("%s: %q, %v; want %q", id, got, err, want)
		}
	}
}

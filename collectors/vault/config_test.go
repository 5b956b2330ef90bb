package vault

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

func TestConfigMistakes(t *testing.T) {
	const address = "address: https://vault:8200\n"
	for _, c := range []struct{ yaml, want string }{
		{"name: eu\n", "address is missing"},
		{"name: eu\naddress: vault:8200\n", "is no URL"},
		{"name: eu\naddress: https://user@vault\n", "user name"},
		{address, "name is missing"},
		{"name: a/b\n" + address, "name is missing or has characters"},
		{"name: eu\n" + address + "auth: {token_env: T, kubernetes: r}\n", "more than one"},
		{"name: eu\n" + address + "auth: {kubernetes: {mount: k}}\n", "no role"},
		{"name: eu\n" + address + "auth: {approle: {secret_id_env: S}}\n", "no role_id"},
		{"name: eu\n" + address + "budget: {rps: -1}\n", "negative"},
		{"name: eu\n" + address + "mounts: {pki: [pki]}\n", `the engine "pki"`},
		{"name: eu\n" + address + "ca_file: /nonexistent/ca.pem\n", "read ca_file"},
		{"name: eu\n" + address, "VAULT_TOKEN is empty"},
		{"name: eu\n" + address + "auth: {token_env: T}\n", "T is empty"},
		{"name: eu\n" + address + "auth: {approle: {role_id: r}}\n", "VAULT_SECRET_ID is empty"},
	} {
		var config Config
		if err := strictyaml.Decode("keyreeve.yaml", []byte(c.yaml), &config); err != nil {
			t.Errorf("%s: %v", c.yaml, err)
			continue
		}
		_, err := Open(t.Context(), config, Options{Env: func(string) string { return "" }})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "vault ") {
			t.Errorf("%s: got the error %v, want one with %q", c.yaml, err, c.want)
		}
	}
}

func TestConfigInYAML(t *testing.T) {
	const text = `
name: eu
address: https://vault:8200
emulated: true
namespace: admin
namespaces: ["*"]
auth: {kubernetes: keyreeve}
ca_file: ca.pem
budget: {rps: 2.5, concurrency: 3}
tokens: {list: true, max_lookups: 7}
timeout: 5s
mounts: {kv: [apps]}
`
	var short, long Config
	if err := strictyaml.Decode("a.yaml", []byte(text), &short); err != nil {
		t.Fatal(err)
	}
	if err := strictyaml.Decode("b.yaml", []byte(strings.Replace(text, "kubernetes: keyreeve", "kubernetes: {role: keyreeve}", 1)), &long); err != nil {
		t.Fatal(err)
	}
	want := "{eu https://vault:8200 true admin [*] { {keyreeve  } {  }} ca.pem {2.5 3} {true 7} 5s map[kv:[apps]]}"
	for _, c := range []Config{short, long} {
		if got := fmt.Sprint(c); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	var wrong Config
	err := strictyaml.Decode("c.yaml", []byte("auth: {kubernetes: {rolle: x}}\n"), &wrong)
	if err == nil || !strings.Contains(err.Error(), "rolle") {
		t.Errorf("a misspelt key inside kubernetes gives %v", err)
	}
}

func TestFromEnvironment(t *testing.T) {
	env := map[string]string{"VAULT_ADDR": "https://vault.eu.example:8200", "VAULT_TOKEN": "x", "VAULT_NAMESPACE": "admin", "VAULT_CACERT": "/ca.pem"}
	o := Options{Env: func(name string) string { return env[name] }}
	c, ok := FromEnvironment(o)
	if !ok || c.Name != "vault.eu.example" || c.Namespace != "admin" || c.CAFile != "/ca.pem" || c.Address != env["VAULT_ADDR"] {
		t.Errorf("got %+v, %t", c, ok)
	}
	env["KEYREEVE_VAULT_NAME"] = "eu"
	if c, _ := FromEnvironment(o); c.Name != "eu" {
		t.Errorf("got the name %q", c.Name)
	}
	delete(env, "VAULT_TOKEN")
	if _, ok := FromEnvironment(o); ok {
		t.Error("an address without a token is offered")
	}
}

// The SDK reads variables of its own; none of them may send the token to another address or into a wrapped answer.
func TestSDKVariablesDoNotDivert(t *testing.T) {
	for name, value := range map[string]string{
		"VAULT_ADDR": "https://elsewhere.example", "VAULT_AGENT_ADDR": "https://elsewhere.example", "VAULT_NAMESPACE": "elsewhere",
		"VAULT_TOKEN": "another", "VAULT_WRAP_TTL": "5m", "VAULT_RATE_LIMIT": "1",
	} {
		t.Setenv(name, value)
	}
	if got := read(t, vaultfake.New(loginEstate(), vaultfake.Options{}), Config{}); len(got.ofType("vault.transit.key")) != 1 {
		t.Errorf("read %v with the gaps %v", got.resources, got.gaps)
	}
}

package vaultfake

import (
	"testing"
	"time"
)

func TestRules(t *testing.T) {
	rules := ParsePolicy(`
		path "transit/keys" { capabilities = ["list"] }
		path "transit/keys/+" { capabilities = ["read"] }
		path "kv/metadata/*" { capabilities = ["read", "list"] }
		path "kv/metadata/team/*" { capabilities = ["deny"] }
		path "kv/metadata/team/open" { capabilities = ["read"] }
		path "auth/+/role/+" { capabilities = ["read"] }
		path "sys/mo*" { capabilities = ["read"] }
		path "auth/approle/role/ci/secret-id" { capabilities = ["update"] min_wrapping_ttl = "600s" }
		path "auth/approle/role/ci/secret-id/" { capabilities = ["list"] }`)
	allow := func(capability, path string) {
		t.Helper()
		if !may(rules, path, capability) {
			t.Errorf("%s %s is denied", capability, path)
		}
	}
	deny := func(capability, path string) {
		t.Helper()
		if may(rules, path, capability) {
			t.Errorf("%s %s is allowed", capability, path)
		}
	}
	allow("list", "transit/keys/")
	deny("read", "transit/keys")
	allow("read", "transit/keys/jwt")
	deny("read", "transit/keys/jwt/deeper")
	deny("update", "transit/keys/jwt")
	allow("list", "kv/metadata/")
	allow("read", "kv/metadata/a/b/c")
	deny("read", "kv/metadata/team/closed")
	deny("list", "kv/metadata/team/")
	allow("read", "kv/metadata/team/open")
	deny("read", "kv/data/a")
	allow("read", "auth/approle/role/ci")
	deny("read", "auth/a/b/role/ci")
	allow("read", "sys/mounts")
	deny("read", "sys/auth")
	allow("update", "auth/approle/role/ci/secret-id")
	allow("list", "auth/approle/role/ci/secret-id/")
	deny("list", "auth/approle/role/ci/secret-id")
	if r := deciding(rules, "auth/approle/role/ci/secret-id"); r.MinWrap != 10*time.Minute {
		t.Errorf("answers have to be wrapped for %s", r.MinWrap)
	}
	if !reaches(rules, "kv/") || reaches(rules, "other/") || !reaches(rules, "auth/approle/") {
		t.Error("reaches the wrong mounts")
	}
}

package main

import (
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/collectors/vault"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/scanner/config"
)

// TestAPlanThatNobodyDrafted: what a rotation says it is decides its tier, so it has to be what its rotator rotates.
func TestAPlanThatNobodyDrafted(t *testing.T) {
	d := &desk{config: &config.Config{}}
	d.config.Sources.Vault = []vault.Config{{Name: "eu", Address: "https://vault.test"}}
	for typ, want := range map[string]string{"vault.kv.secret": "", "vault.transit.key": "vault-kv rotates no vault.transit.key"} {
		err := d.sameEndpoints(&plan.Plan{Rotations: []plan.Rotation{{
			ID: "keys-1", Type: typ, Rotator: "vault-kv", Scope: "vault/eu/root", Resource: "vault:eu/root/kv/metadata/prod/keys/staging", Endpoint: "https://vault.test",
		}}})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", typ, err, want)
		}
	}
}

package remediate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/remediate/plan"
)

// settings reads one entry of rotation.keys.
func settings(t *testing.T, key string) (*Key, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"make.sh": "#!/bin/sh\n", "config.yaml": "version: 1\nrotation:\n  ledger: ledger\n  signers: signers\n  keys:\n    - {match: [{name: db}], " + key + "}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s, err := ReadSettings(filepath.Join(dir, "config.yaml"))
	if err == nil {
		err = s.locate()
	}
	if err != nil {
		return nil, err
	}
	return &s.Keys[0], nil
}

// How new values are made and handed over is read strictly: what could not work, or would make a weak value, is refused.
func TestSettingsOfNewValues(t *testing.T) {
	for key, want := range map[string]string{
		"generator: [./make.sh], random: {}": "keys[0] has both generator and random",
		"random: {length: 10}":               "keys[0].random: 10 characters of alphanumeric are 60 bits",
		"random: {alphabet: greek}":          `keys[0].random: alphabet is "greek"; write one of alphanumeric, base64url, hex, printable`,
		"random: {lenght: 40}":               `unknown key "lenght"`,
		"wrap_ttl: 10s":                      "keys[0].wrap_ttl is 10s; it is a minute or more",
		"wrap_ttl: 8d":                       "no longer than a plan lives (7d)",
		"generator: [./absent.sh]":           `keys[0].generator: the program "./absent.sh" is not there`,
		"deliver: [./absent.sh]":             `keys[0].deliver: the program "./absent.sh" is not there`,
	} {
		if _, err := settings(t, key); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", key, err, want)
		}
	}
	k, err := settings(t, "field: password, generator: [./make.sh, --long], deliver: [./make.sh], wrap_ttl: 10m")
	if err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(k.Generator[0]) || k.Generator[1] != "--long" || !filepath.IsAbs(k.Deliver[0]) || k.Field != "password" || *k.WrapTTL != plan.Duration(10*time.Minute) {
		t.Errorf("read as %+v", k)
	}
	if k, err = settings(t, "random: {}"); err != nil || k.Random == nil {
		t.Errorf("random with its defaults is read as %+v, %v", k, err)
	}
}

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/remediate"
)

// TestReadme holds what the README says of keyreeve-rotate to what runs: each of its commands is executed by the script
// rotate/readme.txtar, and its YAML is read by the code that reads people's files.
func TestReadme(t *testing.T) {
	root := filepath.Join("..", "..")
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join(root, "testdata", "script", "rotate", "readme.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`(?m)^keyreeve-rotate (.*?)(?: +#.*)?$`).FindAllStringSubmatch(string(readme), -1)
	for _, c := range commands {
		if !regexp.MustCompile(`(?m)^exits \d+ ` + regexp.QuoteMeta(c[1]) + `$`).Match(script) {
			t.Errorf("no test executes the README's %q; add it to testdata/script/rotate/readme.txtar", c[0])
		}
	}
	settings := regexp.MustCompile("(?ms)^```yaml\n(rotation:.*?)^```").FindAllStringSubmatch(string(readme), -1)
	for _, s := range settings {
		path := filepath.Join(t.TempDir(), "keyreeve.yaml")
		if err := os.WriteFile(path, []byte("version: 1\n"+s[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := remediate.ReadSettings(path); err != nil {
			t.Error(err)
		}
		if !strings.Contains(string(script), "\n"+strings.SplitN(s[1], "\n", 3)[1]) {
			t.Error("the script rotate/readme.txtar has other settings than the README")
		}
	}
	if len(commands) < 8 || len(settings) != 1 {
		t.Errorf("found %d commands and %d settings in the README; the test no longer reads it", len(commands), len(settings))
	}
}

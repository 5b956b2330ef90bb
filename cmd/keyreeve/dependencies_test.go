package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestDependencies holds the binary to its design: the scanner cannot rotate anything, and each heavy dependency has one
// importing package.
func TestDependencies(t *testing.T) {
	list := func(args ...string) []string {
		out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
		if err != nil {
			t.Fatalf("go list %v: %v", args, err)
		}
		return strings.Fields(string(out))
	}
	for _, p := range list("-deps", ".") {
		if strings.Contains(p, "keyreeve/remediate") {
			t.Errorf("cmd/keyreeve depends on %s", p)
		}
	}
	importers := map[string][]string{
		"github.com/open-policy-agent/opa/": {"scanner/evaluate"}, "github.com/zricethezav/gitleaks/": {"scanner/repo/secrets"}, "github.com/owenrumney/go-sarif/": {"scanner/report"},
		"github.com/gofrs/flock": {"remediate/ledger"}, "gocloud.dev/": {"collectors/ledger/bucket"}, "github.com/hiddeco/sshsig": {"remediate/approval"},
		"golang.org/x/crypto/ssh":        {"remediate/approval", "remediate/rotatortest"}, // which makes keys for tests
		"github.com/go-jose/go-jose/":    {"remediate/approval", "remediate/jwks"},        // tokens are verified, key sets are rendered
		"github.com/hashicorp/vault/api": {"collectors/vault"}, "github.com/aws/": {"collectors/aws"}, "github.com/goccy/go-yaml": {"scanner/strictyaml"}, "golang.org/x/term": {"cmd/internal/cli"},
	}
	for _, p := range list("-f", `{{.ImportPath}}:{{join .Imports ","}}`, "github.com/keyreeve/keyreeve/cmd/...", "github.com/keyreeve/keyreeve/scanner/...",
		"github.com/keyreeve/keyreeve/collectors", "github.com/keyreeve/keyreeve/collectors/aws", "github.com/keyreeve/keyreeve/collectors/vault", "github.com/keyreeve/keyreeve/policies/...", "github.com/keyreeve/keyreeve/collectors/ledger/...", "github.com/keyreeve/keyreeve/remediate/...") {
		path, imports, _ := strings.Cut(p, ":")
		for _, imported := range strings.Split(imports, ",") {
			for prefix, only := range importers {
				if strings.HasPrefix(imported, prefix) && !slices.ContainsFunc(only, func(o string) bool { return strings.HasSuffix(path, "/"+o) }) {
					t.Errorf("%s imports %s; only %s may", path, imported, strings.Join(only, " and "))
				}
			}
		}
	}
}

package gobuild_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/testdata/backends/gobuild"
)

func TestRun(t *testing.T) {
	for name, test := range map[string]struct {
		source  string
		trouble string // in the error; empty: it builds
	}{
		"good":          {"package main\n\nfunc main() {}\n", ""},
		"does not type": {"package main\n\nfunc main() { missing() }\n", "undefined: missing"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "go.mod", "module example.test/program\n")
			write(t, dir, "main.go", test.source+"\n// "+dir+"\n") // new to the build cache, so that it is compiled
			var lines []string
			b := gobuild.Build{Dir: dir, Package: ".", Output: filepath.Join(dir, "program"), Env: []string{"GOFLAGS=", "GOWORK=off"}}
			err := b.Run(t.Context(), func(line string) { lines = append(lines, line) })
			if test.trouble != "" {
				if err == nil || !strings.Contains(err.Error(), test.trouble) {
					t.Fatalf("err = %v, want one with %q", err, test.trouble)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(lines, "example.test/program") {
				t.Errorf("lines %q lack the package that was compiled", lines)
			}
			if _, err := os.Stat(b.Output); err != nil {
				t.Error(err)
			}
		})
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

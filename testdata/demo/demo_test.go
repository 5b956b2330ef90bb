package main

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/report"
	"github.com/keyreeve/keyreeve/testdata/backends/gobuild"
	"github.com/keyreeve/keyreeve/testdata/backends/vaultserver"
)

// TestDemo plays the whole demo twice in one folder and reads what it wrote.
func TestDemo(t *testing.T) {
	vaultserver.Need(t)
	root, err := vaultserver.Root()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for range 2 { // the second run finds what the first one left
		var out bytes.Buffer
		d := &demo{root: root, dir: dir, talk: &talk{out: &out}}
		playErr, stopErr := d.play(t.Context()), d.stop()
		if playErr != nil || stopErr != nil {
			t.Fatalf("%v, %v\n%s", playErr, stopErr, &out)
		}
		for _, said := range []string{"killed on purpose", "(found done)", "none of what was rotated is among them"} {
			if !strings.Contains(out.String(), said) {
				t.Errorf("the demo does not say %q\n%s", said, &out)
			}
		}
		if answers(d.vault.Address) || answers(d.aws.Address) || answers(d.door.URL) {
			t.Error("a server outlived the demo")
		}
		t.Logf("%s", &out)
	}
	if _, err := os.Stat(filepath.Join(dir, "keys")); !os.IsNotExist(err) {
		t.Error("the keys of those who sign were not removed")
	}
	if _, err := os.Stat(filepath.Join(dir, "vault")); !os.IsNotExist(err) {
		t.Error("the unseal key and the root token of the Vault server were not removed")
	}

	scan, err := readResult(filepath.Join(dir, "out", "scan.json"))
	if err != nil {
		t.Fatal(err)
	}
	sameAsReadme(t, root, filepath.Join(dir, "out", "scan.json"))
	for _, gap := range scan.Gaps {
		if gap.Scope.Backend() == "vault" {
			t.Errorf("the token with the printed policy left a gap: %v", &gap.Gap)
		}
	}
	for _, f := range scan.Findings {
		for _, fact := range f.Deciding {
			if f.Resource.Scope.Backend() == "vault" && fact.Why == inventory.Denied {
				t.Errorf("the token with the printed policy was denied %s of %s", fact.Fact, f.Resource.ID)
			}
		}
	}
	lint, err := readResult(filepath.Join(dir, "out", "lint.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range expected {
		result := scan
		if strings.HasPrefix(e.rule, "credentials/in-") {
			result = lint
		}
		if got := verdict(result, e.rule, e.resource); got != e.verdict {
			t.Errorf("%s on %q: %q, want %q", e.rule, e.resource, got, e.verdict)
		}
	}
}

// sameAsReadme holds the session of the README to what a scan says: each of its lines but the verb, the clock and fingerprints.
func sameAsReadme(t *testing.T, root, scan string) {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, session, _ := strings.Cut(string(readme), "```console\n")
	session, _, _ = strings.Cut(session, "\n$ echo")
	r, err := readResult(scan)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := report.Write(&out, "text", r, report.Options{MaxLines: 2}); err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for line := range strings.Lines(out.String()) {
		said[steady(line)] = true
	}
	compared := 0
	for line := range strings.Lines(session) {
		if strings.HasPrefix(line, "$") || strings.HasPrefix(line, "keyreeve") || strings.TrimSpace(line) == "[...]" {
			continue
		}
		compared++
		if !said[steady(line)] {
			t.Errorf("the README's session has a line that the demo's scan does not print:\n%s", line)
		}
	}
	if compared < 20 {
		t.Errorf("compared %d lines; the test no longer finds the session", compared)
	}
}

// steady takes out of a line what differs from run to run.
func steady(line string) string {
	return strings.TrimRight(volatile.ReplaceAllString(line, "-"), " \n")
}

var volatile = regexp.MustCompile(`\b[0-9a-f]{8}\b|\d{4}-\d\d-\d\d \d\d:\d\d UTC`)

// verdict is what a rule found on the resource of that ID or name; "waived" when that is accepted, "" when it found nothing.
func verdict(r *finding.Result, rule, resource string) finding.Verdict {
	for _, f := range r.Findings {
		if f.Rule != rule || string(f.Resource.ID) != resource && f.Resource.Name != resource {
			continue
		}
		if f.Waived != nil {
			return waived
		}
		return f.Verdict
	}
	return ""
}

// TestInterrupted ends a demo that holds its servers as Ctrl-C does.
func TestInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot send an interrupt to another process")
	}
	vaultserver.Need(t)
	root, err := vaultserver.Root()
	if err != nil {
		t.Fatal(err)
	}
	dir, binary := t.TempDir(), filepath.Join(t.TempDir(), "demo")
	if err := (gobuild.Build{Dir: root, Package: "./testdata/demo", Output: binary}).Run(t.Context(), func(string) {}); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "-hold", "-dir", dir)
	cmd.Dir = root
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill() // in vain where it has ended
	var addresses []string
	for lines := bufio.NewScanner(stdout); lines.Scan() && !strings.Contains(lines.Text(), "until Ctrl-C"); {
		addresses = append(addresses, regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindAllString(lines.Text(), -1)...)
	}
	if len(addresses) < 2 {
		t.Fatalf("the demo told the addresses %q, want those of two servers\n%s", addresses, &stderr)
	}
	for _, a := range addresses {
		if !answers(a) {
			t.Errorf("%s does not answer while the demo holds", a)
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // the exit code is looked at below
	if code := cmd.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit code %d, want 130\n%s", code, &stderr)
	}
	for _, a := range addresses {
		if answers(a) {
			t.Errorf("%s outlived the demo", a)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "vault")); !os.IsNotExist(err) {
		t.Error("the data of the Vault server was not removed")
	}
}

func answers(address string) bool {
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(address)
	if err != nil {
		return false
	}
	response.Body.Close()
	return true
}

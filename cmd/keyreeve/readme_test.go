package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/config"
	"github.com/keyreeve/keyreeve/scanner/finding"
)

var fence = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```")

// TestReadme holds the README to what runs: each of its commands is executed by the script readme.txtar, each make target
// exists, and its YAML is read by the code that reads people's files.
func TestReadme(t *testing.T) {
	root := filepath.Join("..", "..")
	read := func(path ...string) string {
		data, err := os.ReadFile(filepath.Join(append([]string{root}, path...)...))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	readme, script, makefile := read("README.md"), read("testdata", "script", "readme.txtar"), read("Makefile")

	commands, configurations, waivers := 0, 0, 0
	for _, block := range fence.FindAllStringSubmatch(readme, -1) {
		switch language, text := block[1], block[2]; {
		case language == "sh":
			for line := range strings.Lines(text) {
				line, _, _ = strings.Cut(line, " #")
				line = strings.TrimSpace(line)
				if args, ok := strings.CutPrefix(line, "keyreeve "); ok {
					commands++
					if !regexp.MustCompile(`(?m)^exits \d+ ` + regexp.QuoteMeta(args) + `$`).MatchString(script) {
						t.Errorf("no test executes the README's %q; add it to testdata/script/readme.txtar", line)
					}
				}
				if target, ok := strings.CutPrefix(line, "make "); ok && !strings.Contains(makefile, "\n"+target+":") {
					t.Errorf("the README's %q is no target of the Makefile", line)
				}
			}
		case language == "yaml" && strings.HasPrefix(text, "version:"):
			configurations++
			if _, err := config.Read(write(t, text)); err != nil {
				t.Error(err)
			}
		case language == "yaml" && strings.HasPrefix(text, "- rule:"):
			waivers++
			if _, err := finding.ReadWaivers(write(t, text)); err != nil {
				t.Error(err)
			}
		}
	}
	if commands < 10 || configurations != 1 || waivers != 1 {
		t.Errorf("found %d commands, %d configurations and %d waivers in the README; the test no longer reads it", commands, configurations, waivers)
	}
}

func write(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "readme.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestReadmePrintsExitCodes compares the README's table with the constants.
func TestReadmePrintsExitCodes(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for code, words := range map[string]string{"0": "judged or read", "1": "a finding", "2": "is wrong", "3": "could not be read", "4": "nothing could be read", "130": "interrupted"} {
		if !regexp.MustCompile(`(?m)^\| ` + code + ` \| .*` + words).Match(data) {
			t.Errorf("the README's table has no line for exit code %s", code)
		}
	}
}

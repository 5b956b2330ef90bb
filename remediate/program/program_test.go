package program

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func script(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func bound(t *testing.T, argv ...string) Program {
	t.Helper()
	p, err := Bind(argv)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var call = Call{Within: time.Minute, Env: []string{"KEYREEVE_STEP=s"}, Environ: func(name string) string {
	return map[string]string{"PATH": os.Getenv("PATH"), "HOME": "/nowhere", "VAULT_TOKEN": "not for it"}[name]
}}

// A program gets PATH, HOME and what it is told, and nothing else of the environment.
func TestEnvironment(t *testing.T) {
	t.Setenv("KEYREEVE_TEST_CANARY", "not for it")
	var out strings.Builder
	c := call
	c.Out = &out
	if err := bound(t, script(t, "env")).Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); strings.Contains(text, "not for it") || !strings.Contains(text, "HOME=/nowhere\n") || !strings.Contains(text, "KEYREEVE_STEP=s\n") {
		t.Errorf("its environment is\n%s", text)
	}
}

// How a program ends is told, and none of what it writes.
func TestEnds(t *testing.T) {
	for body, want := range map[string]string{
		"exit 0":               "",
		"echo hush >&2;exit 3": "program with arguments ended with 3",
		"kill -9 $$":           "program with arguments ended with -1",
	} {
		err := bound(t, script(t, body), "with", "arguments").Run(t.Context(), call)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasSuffix(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", body, err, want)
		}
	}
}

// A plan that names a program by no path would have one file looked at and another run.
func TestOnlyAnAbsolutePathIsRun(t *testing.T) {
	ran := filepath.Join(t.TempDir(), "ran")
	approved, other := script(t, "true"), script(t, ": >"+ran)
	sum := bound(t, approved).SHA256
	t.Chdir(filepath.Dir(approved))
	c := call
	t.Setenv("PATH", filepath.Dir(other))
	for _, name := range []string{"program", "./program"} {
		p := Program{Argv: []string{name}, SHA256: sum}
		if err := p.Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), "absolute path") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Bind(p.Argv); err == nil {
			t.Errorf("%s is bound", name)
		}
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("another program than the approved one ran")
	}
}

// A program that was changed after it was approved is not run.
func TestAChangedProgramIsNotRun(t *testing.T) {
	ran := filepath.Join(t.TempDir(), "ran")
	p := bound(t, script(t, "true"))
	if err := os.WriteFile(p.Argv[0], []byte("#!/bin/sh\ntouch "+ran), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := p.Run(t.Context(), call); err == nil || !strings.Contains(err.Error(), "is not the program that was approved") {
		t.Errorf("it is run: %v", err)
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("it ran")
	}
	if err := os.Remove(p.Argv[0]); err != nil {
		t.Fatal(err)
	}
	if err := p.Check(); err == nil {
		t.Error("a program that is gone passes the check")
	}
	if _, err := Bind([]string{p.Argv[0]}); err == nil {
		t.Error("a program that is absent is bound")
	}
	if _, err := Bind(nil); err == nil {
		t.Error("no program is bound")
	}
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/inventory/inventorytest"
)

// TestMain lets scripts run keyreeve as a command. Its clock is KEYREEVE_TEST_NOW, so that two runs can be compared byte by byte.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"keyreeve": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			now := func() time.Time {
				t, err := time.Parse(time.RFC3339, os.Getenv("KEYREEVE_TEST_NOW"))
				if err != nil {
					panic(err)
				}
				return t
			}
			a := &app{stdout: os.Stdout, stderr: os.Stderr, env: os.Getenv, now: now}
			os.Exit(a.run(ctx, os.Args[1:]))
		},
	})
}

// testNow is the clock of all scripts.
const testNow = "2026-01-01T00:00:00Z"

func TestScripts(t *testing.T) {
	update := os.Getenv("KEYREEVE_UPDATE") != ""
	repository, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("..", "..", "testdata", "script"),
		UpdateScripts:       update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("REPOSITORY", repository)
			e.Setenv("KEYREEVE_TEST_NOW", testNow)
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("AKID", "AK"+"IA"+"Q3EGRTVYLPKZ6QW7") // looks like an access key, and is none
			e.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			e.Setenv("GIT_AUTHOR_NAME", "a")
			e.Setenv("GIT_AUTHOR_EMAIL", "a@example.test")
			e.Setenv("GIT_COMMITTER_NAME", "a")
			e.Setenv("GIT_COMMITTER_EMAIL", "a@example.test")
			e.Values[backgroundKey{}] = &background{}
			return nil
		},
		Condition: func(cond string) (bool, error) { return cond == "root" && os.Geteuid() == 0, nil },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"amend":     amend,
			"expand":    expand,
			"vault":     vaultCommand,
			"aws":       awsCommand,
			"snapshot":  snapshotCommand,
			"interrupt": interrupt,
			"exited":    exited,
		},
	})
}

// exits runs keyreeve and checks its exit code: exits CODE ARGS...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARGS...")
	}
	err := ts.Exec("keyreeve", args[1:]...)
	code := "0"
	if err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("keyreeve did not run: %v", err)
		}
		code = exit.String()[len("exit status "):]
	}
	if code != args[0] {
		ts.Fatalf("keyreeve exited with %s, want %s", code, args[0])
	}
}

// amend adds resources and gaps to a snapshot, one JSON object a line: amend SNAPSHOT LINES OUT.
func amend(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: amend SNAPSHOT LINES OUT")
	}
	snap, err := readSnapshot(ts.MkAbs(args[0]))
	ts.Check(err)
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		var r inventory.Resource
		var g inventory.Gap
		ts.Check(json.Unmarshal([]byte(line), &r))
		ts.Check(json.Unmarshal([]byte(line), &g))
		if g.What != "" {
			snap.Gaps = append(snap.Gaps, g)
		} else {
			snap.Resources = append(snap.Resources, r)
		}
	}
	out, err := os.Create(ts.MkAbs(args[2]))
	ts.Check(err)
	ts.Check(snap.Write(out))
	ts.Check(out.Close())
}

// expand replaces @NAME@ in files by a variable of the environment: expand FILE... It keeps addresses, which differ from run
// to run, and values that look like credentials out of the scripts.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		path := ts.MkAbs(name)
		data, err := os.ReadFile(path)
		ts.Check(err)
		text := placeholder.ReplaceAllStringFunc(string(data), func(m string) string {
			value := ts.Getenv(strings.Trim(m, "@"))
			if value == "" {
				ts.Fatalf("expand %s: %s is not set", name, m)
			}
			return value
		})
		ts.Check(os.WriteFile(path, []byte(text), 0o600))
	}
}

// snapshotCommand writes a snapshot file from one that was written by hand (see inventorytest.ByHand): snapshot HAND FILE.
func snapshotCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: snapshot HAND FILE")
	}
	snap, err := inventorytest.ByHand(strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	var out bytes.Buffer
	ts.Check(snap.Write(&out))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out.Bytes(), 0o600))
}

var placeholder = regexp.MustCompile(`@[A-Z_]+@`)

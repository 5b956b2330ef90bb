package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/crypto/ssh"

	"github.com/keyreeve/keyreeve/collectors/collectortest"
	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/report"
)

// TestMain lets scripts run keyreeve-rotate as a command. Its clock is KEYREEVE_TEST_NOW.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"keyreeve-rotate": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			now := func() time.Time {
				t, err := time.Parse(time.RFC3339, os.Getenv("KEYREEVE_TEST_NOW"))
				if err != nil {
					panic(err)
				}
				return t
			}
			a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: os.Getenv, now: now}
			os.Exit(a.run(ctx, os.Args[1:]))
		},
	})
}

// scene is what the commands of one script share.
type scene struct {
	mu      sync.Mutex
	now     time.Time
	vault   *vaultfake.Server // answers at address
	address string
	server  *httptest.Server
	gone    bool // so that nothing answers at address
	hanging <-chan struct{}
	issuer  *issuer
	aws     *awsfake.Server
	cmd     *exec.Cmd
}

type sceneKey struct{}

func (s *scene) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func sceneOf(ts *testscript.TestScript) *scene { return ts.Value(sceneKey{}).(*scene) }

const start = "2026-01-05T09:00:00Z" // a Monday

func TestScripts(t *testing.T) {
	scanner := filepath.Join(t.TempDir(), "keyreeve")
	if out, err := exec.Command("go", "build", "-o", scanner, "../keyreeve").CombinedOutput(); err != nil {
		t.Fatalf("build keyreeve: %v: %s", err, out)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("..", "..", "testdata", "script", "rotate"),
		UpdateScripts:       os.Getenv("KEYREEVE_UPDATE") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			now, _ := time.Parse(time.RFC3339, start)
			e.Values[sceneKey{}] = &scene{now: now}
			e.Setenv("KEYREEVE_TEST_NOW", start)
			e.Setenv("SCANNER", scanner)
			e.Setenv("HOME", e.WorkDir)
			return makeKeys(e.WorkDir)
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "root":
				return os.Geteuid() == 0, nil
			case "ssh-keygen":
				_, err := exec.LookPath("ssh-keygen")
				return err == nil, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "scan": scan, "clock": setClock, "vault": vaultCommand, "versions": versions, "rotated": rotated,
			"expand": expand, "hangs": hangs, "gone": gone, "interrupt": interrupt, "exited": exited, "tamper": tamper, "forge": forge, "somebody": somebody,
			"secrets": secrets, "value": value, "same": same, "secretids": secretIDs, "loggedin": loggedIn, "unwraps": unwraps, "hidden": hidden,
			"issuer": issuerCommand, "token": token, "aws": awsCommand,
			"ciphertexts": ciphertexts, "called": called, "kms": startKMS, "rolled": rolled, "sign": makeToken, "verifies": verifies, "transit": transit,
		},
	})
}

// people sign in scripts; their keys are made from their names, and guard nothing.
var people = []string{"ana", "ben", "cleo", "ci", "mallory"}

// makeKeys writes keys/NAME for everybody, and allowed_signers with everybody but mallory.
func makeKeys(dir string) error {
	if err := os.Mkdir(filepath.Join(dir, "keys"), 0o700); err != nil {
		return err
	}
	var allowed strings.Builder
	for _, name := range people {
		seed := sha256.Sum256([]byte("a key for tests of " + name))
		key := ed25519.NewKeyFromSeed(seed[:])
		block, err := ssh.MarshalPrivateKey(key, "")
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, "keys", name), pem.EncodeToMemory(block), 0o600); err != nil {
			return err
		}
		public, err := ssh.NewPublicKey(key.Public())
		if err != nil {
			return err
		}
		if name != "mallory" {
			fmt.Fprintf(&allowed, "%s %s", name, ssh.MarshalAuthorizedKey(public))
		}
	}
	return os.WriteFile(filepath.Join(dir, "allowed_signers"), []byte(allowed.String()), 0o644)
}

// exits runs keyreeve-rotate with the configuration keyreeve.yaml and checks its exit code: exits CODE ARGS...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec("keyreeve-rotate", args[1:]...)
	code := 0
	if exit, ok := err.(*exec.ExitError); ok {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("keyreeve-rotate exited with %d, want %s", code, args[0])
	}
}

// scan has keyreeve read the fake Vault: scan NAME writes NAME.json and NAME.ndjson, as of the script's clock.
func scan(ts *testscript.TestScript, neg bool, args []string) {
	name := args[0]
	mine := ts.Getenv("VAULT_TOKEN")
	ts.Setenv("VAULT_TOKEN", "hvs.reader")
	defer ts.Setenv("VAULT_TOKEN", mine)
	err := ts.Exec(ts.Getenv("SCANNER"), "collect", "-c", "keyreeve.yaml", name+".ndjson")
	if err != nil && !exitedWith(err, 3) {
		ts.Fatalf("collect: %v", err)
	}
	retime(ts, name+".ndjson")
	if err := ts.Exec(ts.Getenv("SCANNER"), "check", name+".ndjson", "-c", "keyreeve.yaml", "-o", "json="+name+".json"); err != nil && !exitedWith(err, 3) {
		ts.Fatalf("check: %v", err)
	}
}

func exitedWith(err error, code int) bool {
	exit, ok := err.(*exec.ExitError)
	return ok && exit.ExitCode() == code
}

// retime makes a snapshot one that was taken at the script's time, as the binary of keyreeve has the machine's clock.
func retime(ts *testscript.TestScript, file string) {
	in, err := os.Open(ts.MkAbs(file))
	ts.Check(err)
	snap, err := inventory.ReadSnapshot(in, file)
	ts.Check(err)
	ts.Check(in.Close())
	snap.TakenAt = sceneOf(ts).clock()
	ts.Check(report.WriteFile(ts.MkAbs(file), snap.Write))
}

// setClock moves the clock of keyreeve-rotate and of the fake Vault: clock TIME, or clock +DURATION.
func setClock(ts *testscript.TestScript, neg bool, args []string) {
	s := sceneOf(ts)
	s.mu.Lock()
	defer s.mu.Unlock()
	if by, err := time.ParseDuration(args[0]); err == nil {
		s.now = s.now.Add(by)
	} else {
		t, err := time.Parse(time.RFC3339, args[0])
		ts.Check(err)
		s.now = t
	}
	ts.Setenv("KEYREEVE_TEST_NOW", s.now.Format(time.RFC3339))
}

// vaultCommand starts a fake Vault and sets VAULT_ADDR and VAULT_TOKEN. Another start in the same script keeps address and content:
//
//	vault [-kinds] [-policy FILE] [-fault KIND -call CALL -times N]
func vaultCommand(ts *testscript.TestScript, neg bool, args []string) {
	flags := flag.NewFlagSet("vault", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	policy := flags.String("policy", "", "")
	kind := flags.String("fault", "", "")
	call := flags.String("call", "", "")
	times := flags.Int("times", 0, "")
	kinds := flags.Bool("kinds", false, "")
	ts.Check(flags.Parse(args))
	s := sceneOf(ts)
	token := vaultfake.Token{ID: "hvs.script", Accessor: "script", DisplayName: "rotate", Created: s.now, Root: *policy == ""}
	reader := vaultfake.Token{ID: "hvs.reader", Accessor: "reader", DisplayName: "keyreeve", Created: s.now, Root: true}
	if *policy != "" {
		data, err := os.ReadFile(ts.MkAbs(*policy))
		ts.Check(err)
		token.Rules = vaultfake.ParsePolicy(string(data))
	}
	ago := func(days int) time.Time { return s.now.AddDate(0, 0, -days) }
	estate := vaultfake.Estate{"root": &vaultfake.Namespace{
		Mounts: []vaultfake.Mount{{Path: "transit/", Type: "transit", Keys: []vaultfake.TransitKey{
			{Name: "jwt", Type: "ed25519", Versions: []time.Time{ago(500), ago(120)}},
			{Name: "staging-jwt", Type: "ed25519", Versions: []time.Time{ago(120)}},
			{Name: "payload", Type: "aes256-gcm96", Versions: []time.Time{ago(500)}},
			{Name: "imported", Type: "aes256-gcm96", Versions: []time.Time{ago(500)}, Imported: true},
			{Name: "fresh", Type: "ed25519", Versions: []time.Time{ago(10)}},
		}}},
		Tokens: []vaultfake.Token{token, reader},
	}}
	if s.vault != nil {
		estate["root"].Mounts, estate["root"].Auth = s.vault.Estate()["root"].Mounts, s.vault.Estate()["root"].Auth
		estate["root"].Leases = s.vault.Estate()["root"].Leases
	}
	if *kinds {
		estate["root"].Mounts[0].Keys = append(estate["root"].Mounts[0].Keys, otherKinds(ago(10))...)
	}
	fake := vaultfake.New(estate, vaultfake.Options{Now: s.clock, Fault: collectortest.Fault{Kind: collectortest.FaultKind(*kind), Call: *call, Times: *times}})
	s.mu.Lock()
	s.vault, s.hanging, s.gone = fake, fake.Hanging(), false
	s.mu.Unlock()
	if s.address == "" {
		s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			now, gone := s.vault, s.gone
			s.mu.Unlock()
			if gone {
				panic(http.ErrAbortHandler) // closes the connection without a word in the log
			}
			now.ServeHTTP(w, r)
		}))
		ts.Defer(s.server.Close)
		ts.Defer(s.server.CloseClientConnections)
		s.address = s.server.URL
	}
	ts.Setenv("VAULT_ADDR", s.address)
	ts.Setenv("VAULT_TOKEN", token.ID)
}

// versions asserts how many versions a key has: versions KEY N.
func versions(ts *testscript.TestScript, neg bool, args []string) {
	if n := sceneOf(ts).vault.KeyVersions("transit/", args[0]); fmt.Sprint(n) != args[1] {
		ts.Fatalf("%s has %d versions, want %s", args[0], n, args[1])
	}
}

// rotated asserts how many calls that write have reached the fake since it was started: rotated N.
func rotated(ts *testscript.TestScript, neg bool, args []string) {
	n := 0
	for call, times := range sceneOf(ts).vault.Calls() {
		if strings.HasPrefix(call, "POST TRANSIT") {
			n += times
		}
	}
	if fmt.Sprint(n) != args[0] {
		ts.Fatalf("%d calls that write reached Vault, want %s", n, args[0])
	}
}

// expand replaces $NAME in files by the script's environment.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		data, err := os.ReadFile(ts.MkAbs(name))
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(os.Expand(string(data), ts.Getenv)), 0o644))
	}
}

// hangs waits until a call hangs.
func hangs(ts *testscript.TestScript, neg bool, args []string) {
	select {
	case <-sceneOf(ts).hanging:
	case <-time.After(time.Minute):
		ts.Fatalf("no call has arrived that hangs")
	}
}

// gone waits until a call hangs and takes the network away, until vault is started again.
func gone(ts *testscript.TestScript, neg bool, args []string) {
	hangs(ts, neg, nil)
	s := sceneOf(ts)
	s.mu.Lock()
	s.gone = true
	s.mu.Unlock()
	s.cmd = ts.BackgroundCmds()[0]
	s.server.CloseClientConnections()
}

// interrupt waits until a call hangs and sends a signal to the command in the background: interrupt int|kill.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	hangs(ts, neg, nil)
	s := sceneOf(ts)
	s.cmd = ts.BackgroundCmds()[0]
	ts.Check(s.cmd.Process.Signal(map[string]os.Signal{"int": os.Interrupt, "kill": os.Kill}[args[0]]))
}

// exited checks the exit code of the command that was interrupted, after wait: exited CODE.
func exited(ts *testscript.TestScript, neg bool, args []string) {
	if code := sceneOf(ts).cmd.ProcessState.ExitCode(); fmt.Sprint(code) != args[0] {
		ts.Fatalf("exited with %d, want %s", code, args[0])
	}
}

// tamper replaces one text by another in a file: tamper FILE OLD NEW.
func tamper(ts *testscript.TestScript, neg bool, args []string) {
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	if !strings.Contains(string(data), args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(path, []byte(strings.Replace(string(data), args[1], args[2], 1)), 0o600))
}

// somebody rotates a key of the fake Vault, as a colleague would: somebody KEY.
func somebody(ts *testscript.TestScript, neg bool, args []string) {
	s := sceneOf(ts)
	for _, m := range s.vault.Estate()["root"].Mounts {
		for i := range m.Keys {
			if m.Keys[i].Name == args[0] {
				m.Keys[i].Versions = append(m.Keys[i].Versions, s.clock())
			}
		}
	}
	vaultCommand(ts, false, nil) // counts calls from here on
}

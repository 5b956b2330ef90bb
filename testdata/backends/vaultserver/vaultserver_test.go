package vaultserver_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/vault/api"

	"github.com/keyreeve/keyreeve/testdata/backends/vaultserver"
)

// TestEstateHasAPast reads the ages back through the API of a server whose clock is right.
func TestEstateHasAPast(t *testing.T) {
	client := filled(t)

	t.Run("transit versions", func(t *testing.T) {
		for key, want := range map[string]map[string]int{
			"prod/transit/keys/jwt-signing":        {"1": 800, "2": 400, "3": 100},
			"prod/transit/keys/payload-encryption": {"1": 800, "2": 100},
			"prod/transit/keys/archive-encryption": {"1": 800},
			"prod/transit/keys/webhook-signing":    {"1": 400},
			"prod/transit/keys/session-signing":    {"1": 400, "2": 20},
			"prod/transit/keys/card-encryption":    {"3": 20}, // older versions are hidden below min_decryption_version
		} {
			if diff := cmp.Diff(want, versionAges(t, read(t, client, key))); diff != "" {
				t.Errorf("%s: ages in days (-want +got):\n%s", key, diff)
			}
		}
	})
	t.Run("KV secrets", func(t *testing.T) {
		for path, want := range map[string]int{
			"prod/kv/metadata/feature-flags":              800,
			"prod/kv/metadata/payments/card-processor":    400,
			"prod/kv/metadata/shipping/carrier":           100,
			"staging/kv/metadata/payments/card-processor": 20,
		} {
			if got := age(t, read(t, client, path)["created_time"]); got != want {
				t.Errorf("%s: written %d days ago, want %d", path, got, want)
			}
		}
	})
	t.Run("tokens", func(t *testing.T) {
		got := map[string]int{}
		list, err := client.Logical().List("auth/token/accessors")
		if err != nil {
			t.Fatal(err)
		}
		for _, accessor := range list.Data["keys"].([]any) {
			token, err := client.Logical().Write("auth/token/lookup-accessor", map[string]any{"accessor": accessor})
			if err != nil {
				t.Fatal(err)
			}
			name := token.Data["display_name"].(string)
			got[name] = age(t, token.Data["creation_time"])
			if _, bound := token.Data["bound_cidrs"]; bound != (name == "token-edge-unseal") {
				t.Errorf("%s is bound to addresses: %v", name, bound)
			}
		}
		want := map[string]int{"root": 800, "token-old-batch-job": 400, "token-ci-runner": 100, "token-edge-unseal": 100, "token-on-call": 0}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ages in days (-want +got):\n%s", diff)
		}
	})
}

// TestEnds tries every way in which a server must end, and that it then really is gone.
func TestEnds(t *testing.T) {
	binary := vaultserver.Need(t)
	for name, end := range map[string]func(s *vaultserver.Server, cancel context.CancelFunc) error{
		"Stop":    func(s *vaultserver.Server, _ context.CancelFunc) error { return s.Stop() },
		"context": func(s *vaultserver.Server, cancel context.CancelFunc) error { cancel(); _ = s.Stop(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			server, err := vaultserver.Start(ctx, binary, t.TempDir(), 0)
			if err != nil {
				t.Fatal(err)
			}
			if !answers(server.Address) {
				t.Fatal("the server does not answer before its end")
			}
			if err := end(server, cancel); err != nil {
				t.Fatal(err)
			}
			if answers(server.Address) {
				t.Error("the server still answers")
			}
		})
	}
}

// TestEndsWithItsParent kills the process that started a server, which can then clean up nothing.
func TestEndsWithItsParent(t *testing.T) {
	binary := vaultserver.Need(t)
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), asParent+"="+binary, "DATA="+t.TempDir())
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	defer parent.Process.Kill() // in vain where it was killed below
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimSpace(line)
	if !answers(address) {
		t.Fatal("the server does not answer before its end")
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // killed
	for deadline := time.Now().Add(time.Minute); answers(address); {
		if time.Now().After(deadline) {
			t.Fatal("the server outlived its parent")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// asParent makes the test binary a program that starts a server and waits to be killed.
const asParent = "VAULTSERVER_TEST_AS_PARENT"

func TestMain(m *testing.M) {
	binary := os.Getenv(asParent)
	if binary == "" {
		os.Exit(m.Run())
	}
	server, err := vaultserver.Start(context.Background(), binary, os.Getenv("DATA"), 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(server.Address)
	select {}
}

func answers(address string) bool {
	response, err := http.Get(address + "/v1/sys/health")
	if err != nil {
		return false
	}
	response.Body.Close()
	return true
}

func TestRefusesOtherAddresses(t *testing.T) {
	binary := vaultserver.Need(t)
	out, err := exec.CommandContext(t.Context(), binary, "-data", t.TempDir(), "-addr", "0.0.0.0:0").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("err = %v, output %q; want exit status 1", err, out)
	}
}

func TestFilesArePrivate(t *testing.T) {
	binary, dir := vaultserver.Need(t), t.TempDir()
	server, err := vaultserver.Start(t.Context(), binary, dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	for _, name := range []string{"unseal-key", "root-token"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", name, info.Mode().Perm())
		}
	}
}

func TestFillWantsTheOrderOfTime(t *testing.T) {
	err := vaultserver.Fill(t.Context(), "never started", t.TempDir(), []vaultserver.Stage{{DaysAgo: 100}, {DaysAgo: 800}})
	if err == nil || !strings.Contains(err.Error(), "order of time") {
		t.Fatalf("err = %v; want one about the order of time", err)
	}
}

// filled returns a root client of a server that holds Estate.
func filled(t *testing.T) *api.Client {
	t.Helper()
	binary, dir := vaultserver.Need(t), t.TempDir()
	if err := vaultserver.Fill(t.Context(), binary, dir, vaultserver.Estate); err != nil {
		t.Fatal(err)
	}
	// t.Context ends before the cleanup does.
	server, err := vaultserver.Start(context.WithoutCancel(t.Context()), binary, dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	client, err := server.Client(server.Token)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func read(t *testing.T, client *api.Client, path string) map[string]any {
	t.Helper()
	s, err := client.Logical().Read(path)
	if err != nil || s == nil {
		t.Fatalf("read %s: %v, %v", path, s, err)
	}
	return s.Data
}

// versionAges reads the two shapes of a transit key's versions: Unix seconds, or an object for keys with a public half.
func versionAges(t *testing.T, key map[string]any) map[string]int {
	t.Helper()
	ages := map[string]int{}
	for version, v := range key["keys"].(map[string]any) {
		if object, ok := v.(map[string]any); ok {
			v = object["creation_time"]
		}
		ages[version] = age(t, v)
	}
	return ages
}

// age is in whole days.
func age(t *testing.T, v any) int {
	t.Helper()
	var at time.Time
	var err error
	switch v := v.(type) {
	case json.Number:
		var seconds int64
		seconds, err = v.Int64()
		at = time.Unix(seconds, 0)
	case string:
		at, err = time.Parse(time.RFC3339, v)
	default:
		err = fmt.Errorf("no time: %v", v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return int(time.Since(at).Hours() / 24)
}

// Package vaultserver builds, starts, fills and stops the real Vault server of testdata/backends/vault, for tests and the demo.
//
// The server is a nested module with a licence of its own, so it is built as a program and run as a process, never imported. It is built with
// a wall clock that can be shifted; a server started 400 days ago makes keys that are 400 days old today.
// What a scan makes of it is left to the tests that use it.
package vaultserver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/keyreeve/keyreeve/testdata/backends/gobuild"
)

// moduleDir is the nested module, from the top of the work tree.
var moduleDir = filepath.Join("testdata", "backends", "vault")

// Root returns the top of the work tree that holds the current directory.
func Root() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, moduleDir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is not inside a work tree of keyreeve", start)
		}
	}
}

// Cached returns the path of the built server and whether it is there. The path names everything the build depends on: the files of
// the nested module, the overlay, the Go release and the platform. A server of other sources is therefore never taken for this one.
func Cached(ctx context.Context, root string) (string, bool, error) {
	release, err := goEnv(ctx, root, "GOVERSION")
	if err != nil {
		return "", false, err
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%s %s %s %q %q\n", release, runtime.GOOS, runtime.GOARCH, shift, wallOffsetFile)
	module := os.DirFS(filepath.Join(root, moduleDir))
	err = fs.WalkDir(module, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(module, path)
		fmt.Fprintf(hash, "%s %x\n", path, sha256.Sum256(text))
		return err
	})
	if err != nil {
		return "", false, err
	}
	name := "vault"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	binary := filepath.Join(root, ".cache", "vault-server", hex.EncodeToString(hash.Sum(nil)[:8]), name)
	_, err = os.Stat(binary)
	return binary, err == nil, nil
}

// Build returns the built server, building it first where it is not in the cache: minutes, and a few hundred MB of Go modules, once. Each
// line the go command writes is handed to talk as it comes: "go: downloading MODULE VERSION", or the path of a package that was compiled.
// Several processes may build at once; one does and the others wait.
func Build(ctx context.Context, root string, talk func(line string)) (string, error) {
	binary, there, err := Cached(ctx, root)
	if err != nil || there {
		return binary, err
	}
	dir := filepath.Dir(binary)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	unlock, err := lockedfile.MutexAt(filepath.Join(filepath.Dir(dir), "lock")).Lock()
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, there, err := Cached(ctx, root); err != nil || there {
		return binary, err
	}
	goroot, err := goEnv(ctx, root, "GOROOT")
	if err != nil {
		return "", err
	}
	clock, err := overlay(goroot, dir)
	if err != nil {
		return "", err
	}
	// The binary gets its name last, so an interrupted build leaves nothing that looks finished.
	part := binary + ".part"
	build := gobuild.Build{
		Dir: filepath.Join(root, moduleDir), Package: ".", Output: part,
		Flags: []string{"-mod=readonly", "-buildvcs=false", "-ldflags=-s -w", "-overlay", clock},
		Env:   []string{"CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off"},
	}
	if err := build.Run(ctx, talk); err != nil {
		return "", fmt.Errorf("the Vault server: %w", err)
	}
	return binary, os.Rename(part, binary)
}

func goEnv(ctx context.Context, dir, name string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "env", name)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("ask go for %s: %w", name, err)
	}
	return strings.TrimSpace(string(out)), nil
}

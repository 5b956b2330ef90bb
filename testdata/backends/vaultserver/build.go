// Package vaultserver builds, starts, fills and stops the real Vault server of testdata/backends/vault, for tests and the demo.
//
// The server is a nested module with a licence of its own, so it is built as a program and run as a process, never imported. It is built with
// a wall clock that can be shifted; a server started 400 days ago makes keys that are 400 days old today.
// What a scan makes of it is left to the tests that use it.
package vaultserver

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// moduleDir is the nested module, from the top of the work tree.
var moduleDir = filepath.Join("testdata", "backends", "vault")

// stopBuildWithin is how long an interrupted build may take to end its compilers before it is killed.
const stopBuildWithin = 20 * time.Second

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
	build := exec.CommandContext(ctx, "go", "build", "-v", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-overlay", clock, "-o", part, ".")
	build.Dir = filepath.Join(root, moduleDir)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off", "PWD="+build.Dir)
	build.Cancel = func() error { return interrupt(build.Process) }
	build.WaitDelay = stopBuildWithin
	if err := run(build, talk); err != nil {
		return "", fmt.Errorf("build the Vault server: %w", err)
	}
	return binary, os.Rename(part, binary)
}

// run runs a go command, handing its lines on. Its error holds what the command said that is neither a download nor a package.
func run(cmd *exec.Cmd, talk func(string)) error {
	reader, writer := io.Pipe()
	cmd.Stdout, cmd.Stderr = writer, writer
	var trouble bytes.Buffer
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(reader)
		for lines.Scan() {
			line := lines.Text()
			talk(line)
			if strings.Contains(line, " ") && !strings.HasPrefix(line, "go: downloading ") {
				fmt.Fprintln(&trouble, line)
			}
		}
		_, _ = io.Copy(io.Discard, reader) // after a line too long to scan
	}()
	err := cmd.Run()
	writer.Close()
	<-read
	if err != nil {
		return fmt.Errorf("%w\n%s", err, strings.TrimSpace(trouble.String()))
	}
	return nil
}

// interrupt asks a process to stop; where the system cannot ask, it is killed.
func interrupt(p *os.Process) error {
	if err := p.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return p.Kill()
	}
	return nil
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

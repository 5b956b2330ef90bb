package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/testdata/backends/child"
	"github.com/keyreeve/keyreeve/testdata/backends/gobuild"
)

const stopCommandWithin = 20 * time.Second

// bareEnviron is what programs need of this process's environment. The rest may name other back ends and hold their credentials.
func bareEnviron() []string {
	var env []string
	for _, name := range []string{"PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "TERM", "COLORTERM", "NO_COLOR"} {
		if value, set := os.LookupEnv(name); set {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// ask runs keyreeve and returns what it wrote to standard output. An exit code other than the expected one is an error. What it
// writes to standard error is shown.
func (d *demo) ask(ctx context.Context, env []string, expected int, args ...string) (string, error) {
	return d.run(ctx, d.keyreeve, env, expected, args)
}

// askRotate does the same with keyreeve-rotate.
func (d *demo) askRotate(ctx context.Context, env []string, expected int, args ...string) (string, error) {
	return d.run(ctx, d.rotator, env, expected, args)
}

func (d *demo) run(ctx context.Context, binary string, env []string, expected int, args []string) (string, error) {
	name := strings.TrimSuffix(filepath.Base(binary), ".exe")
	d.say("$ %s %s", name, strings.Join(args, " "))
	var stdout, stderr bytes.Buffer
	cmd := d.command(ctx, binary, args)
	cmd.Env = append(cmd.Env, env...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	d.quote(stderr.String())
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return "", err
	}
	if code := cmd.ProcessState.ExitCode(); code != expected {
		d.quote(stdout.String())
		return "", fmt.Errorf("%s %s: exit code %d, expected %d", name, args[0], code, expected)
	}
	return stdout.String(), nil
}

// show runs keyreeve and lets it write to the demo's own output, in colour where that is a terminal.
func (d *demo) show(ctx context.Context, args ...string) error {
	d.say("$ keyreeve %s\n", strings.Join(args, " "))
	cmd := d.command(ctx, d.keyreeve, args)
	cmd.Stdout, cmd.Stderr = d.talk.out, d.talk.out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("keyreeve %s: %w", args[0], err)
	}
	return nil
}

func (d *demo) command(ctx context.Context, binary string, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = bareEnviron()
	cmd.Cancel = func() error { return child.Interrupt(cmd.Process) }
	cmd.WaitDelay = stopCommandWithin
	return cmd
}

// relative is how a person at the top of the work tree would write a path.
func (d *demo) relative(path string) string {
	if rel, err := filepath.Rel(d.root, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// goBuild builds one package of the root module into a folder of the work tree.
func goBuild(ctx context.Context, root string, line func(string), dir, name, pkg string) (string, error) {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	binary := filepath.Join(root, dir, name)
	return binary, gobuild.Build{Dir: root, Package: pkg, Output: binary}.Run(ctx, line)
}

// Package program runs the programs that a plan names: gates, approvers, what makes a value and what takes one.
//
// A plan holds the SHA-256 of a program's file. That is what was approved: neither what the program reads nor what it calls.
package program

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A Program is one that a plan names: its arguments, the first being an absolute path, and the SHA-256 of its file in hex. Only a
// file with that sum is run.
type Program struct {
	Argv   []string
	SHA256 string
}

// Bind reads the program's file.
func Bind(argv []string) (Program, error) {
	if len(argv) == 0 {
		return Program{}, errors.New("no program is named")
	}
	p := Program{Argv: argv}
	sum, err := p.sum()
	p.SHA256 = sum
	return p, err
}

// String is the program as people approve it.
func (p Program) String() string { return fmt.Sprintf("%q (SHA-256 %.12s)", p.Argv, p.SHA256) }

// Args are the program as arguments of a plan's step: NAME is its argv in JSON, NAME_sha256 its sum.
func (p Program) Args(name string) map[string]string {
	argv, err := json.Marshal(p.Argv)
	if err != nil {
		panic(err) // a list of strings always is JSON
	}
	return map[string]string{name: string(argv), name + "_sha256": p.SHA256}
}

// Of is the program that Args wrote.
func Of(args map[string]string, name string) (Program, error) {
	p := Program{SHA256: args[name+"_sha256"]}
	if err := json.Unmarshal([]byte(args[name]), &p.Argv); err != nil || len(p.Argv) == 0 || p.SHA256 == "" {
		return p, fmt.Errorf("the step does not say which program is its %s", name)
	}
	return p, nil
}

// Check returns an error if the file is not the one that was approved, or if others could exchange it before it is run.
func (p Program) Check() error {
	sum, err := p.sum()
	if err != nil {
		return err
	}
	if sum != p.SHA256 {
		return p.says("is not the program that was approved (SHA-256 %.12s, approved %.12s)", sum, p.SHA256)
	}
	return nil
}

// sum is the SHA-256 of a file that nobody else can change.
func (p Program) sum() (string, error) {
	if !filepath.IsAbs(p.Argv[0]) { // the file would be one of this folder, and what is run one of PATH
		return "", p.says("is not named by an absolute path")
	}
	if err := guarded(p.Argv[0], maxLinks); err != nil {
		return "", err
	}
	f, err := os.Open(p.Argv[0])
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// maxLinks bounds the symbolic links between a name and a file.
const maxLinks = 40

// A Call is how a program is run. It gets PATH and HOME of the environment, and Env; nothing of what it writes to standard error is kept, as it may
// write anything.
type Call struct {
	Environ func(string) string
	Env     []string // NAME=VALUE; none of it is secret
	Within  time.Duration
	In      io.Reader
	Out     io.Writer
}

// Run runs the program if its file is the approved one, in a session of its own: Ctrl-C does not reach it, and what it started ends with it when it
// takes too long. It returns nil when the program has ended with 0. Errors begin with the program's arguments.
func (p Program) Run(ctx context.Context, c Call) error {
	if err := p.Check(); err != nil {
		return err
	}
	within, cancel := context.WithTimeout(ctx, c.Within)
	defer cancel()
	cmd := exec.CommandContext(within, p.Argv[0], p.Argv[1:]...)
	cmd.Env = append([]string{"PATH=" + c.Environ("PATH"), "HOME=" + c.Environ("HOME")}, c.Env...)
	cmd.Stdin, cmd.Stdout, cmd.WaitDelay = c.In, c.Out, time.Second
	apart(cmd)
	err := cmd.Run()
	switch exit := (*exec.ExitError)(nil); {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return p.says("was interrupted")
	case within.Err() != nil:
		return p.says("did not end within %s", c.Within)
	case errors.As(err, &exit):
		return p.says("ended with %d", exit.ExitCode())
	}
	return fmt.Errorf("run %s: %w", p.Argv[0], err)
}

func (p Program) says(format string, args ...any) error {
	return fmt.Errorf("%s %s", strings.Join(p.Argv, " "), fmt.Sprintf(format, args...))
}

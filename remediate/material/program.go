package material

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
	"strings"
	"time"
	"unicode/utf8"
)

const (
	programTime = 30 * time.Second // how long a program may run
	maxValue    = 64 << 10         // bytes that a generator may print
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
	sum, err := sumOf(argv[0])
	return Program{argv, sum}, err
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

// ProgramOf is the program that Args wrote.
func ProgramOf(args map[string]string, name string) (Program, error) {
	p := Program{SHA256: args[name+"_sha256"]}
	if err := json.Unmarshal([]byte(args[name]), &p.Argv); err != nil || len(p.Argv) == 0 || p.SHA256 == "" {
		return p, fmt.Errorf("the step does not say which program is its %s", name)
	}
	return p, nil
}

// Check returns an error if the file is not the one that was approved.
func (p Program) Check() error {
	sum, err := sumOf(p.Argv[0])
	if err != nil {
		return err
	}
	if sum != p.SHA256 {
		return fmt.Errorf("%s is not the program that was approved (SHA-256 %.12s, approved %.12s)", p.Argv[0], sum, p.SHA256)
	}
	return nil
}

// About is what a program is told besides, in its environment: KEYREEVE_ROTATION, KEYREEVE_RESOURCE and KEYREEVE_STEP. None of it is secret.
type About struct{ Rotation, Resource, Step string }

// A Runner runs programs. They get PATH and HOME, what About says, and nothing else of the environment. What they print on standard error is not
// kept, as it may be anything.
type Runner struct {
	Environ func(string) string
}

// Generate takes what a program prints on standard output as a new value, without the newline at its end. The program may be run again
// when a run is interrupted before the value was kept.
func (r Runner) Generate(ctx context.Context, p Program, a About) (Secret, error) {
	out := &bounded{}
	if err := r.run(ctx, p, a, nil, out); err != nil {
		return Secret{}, err
	}
	value := strings.TrimSuffix(strings.TrimSuffix(out.text.String(), "\n"), "\r")
	switch {
	case out.over:
		return Secret{}, fmt.Errorf("%s printed more than %d bytes", p.Argv[0], maxValue)
	case value == "":
		return Secret{}, fmt.Errorf("%s printed no value", p.Argv[0])
	case !utf8.ValidString(value):
		return Secret{}, fmt.Errorf("%s printed a value that is not UTF-8", p.Argv[0])
	}
	return New(value), nil
}

// Deliver gives a value and a newline to a program on standard input. A program that ends with 0 has taken it.
func (r Runner) Deliver(ctx context.Context, p Program, a About, s Secret) error {
	return r.run(ctx, p, a, strings.NewReader(s.Reveal()+"\n"), io.Discard)
}

func (r Runner) run(ctx context.Context, p Program, a About, in io.Reader, out io.Writer) error {
	if err := p.Check(); err != nil {
		return err
	}
	within, cancel := context.WithTimeout(ctx, programTime)
	defer cancel()
	cmd := exec.CommandContext(within, p.Argv[0], p.Argv[1:]...)
	cmd.Env = []string{
		"PATH=" + r.Environ("PATH"), "HOME=" + r.Environ("HOME"),
		"KEYREEVE_ROTATION=" + a.Rotation, "KEYREEVE_RESOURCE=" + a.Resource, "KEYREEVE_STEP=" + a.Step,
	}
	cmd.Stdin, cmd.Stdout, cmd.WaitDelay = in, out, time.Second
	err := cmd.Run()
	switch exit := (*exec.ExitError)(nil); {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s was interrupted", p.Argv[0])
	case within.Err() != nil:
		return fmt.Errorf("%s did not end within %s", p.Argv[0], programTime)
	case errors.As(err, &exit):
		return fmt.Errorf("%s ended with %d", p.Argv[0], exit.ExitCode())
	}
	return fmt.Errorf("run %s: %w", p.Argv[0], err)
}

// bounded keeps so much of what is written, and takes the rest without keeping it.
type bounded struct {
	text strings.Builder
	over bool
}

func (b *bounded) Write(p []byte) (int, error) {
	room := maxValue - b.text.Len()
	b.over = b.over || len(p) > room
	b.text.Write(p[:min(len(p), room)])
	return len(p), nil
}

func sumOf(path string) (string, error) {
	f, err := os.Open(path)
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

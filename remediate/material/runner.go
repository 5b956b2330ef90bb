package material

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/keyreeve/keyreeve/remediate/program"
)

const (
	programTime = 30 * time.Second // how long a program may run
	maxValue    = 64 << 10         // bytes that a generator may print
)

// About is what a program is told besides, in its environment: KEYREEVE_ROTATION, KEYREEVE_RESOURCE and KEYREEVE_STEP. None of it is secret.
type About struct{ Rotation, Resource, Step string }

// A Runner runs the programs that make values and take them.
type Runner struct {
	Environ func(string) string
}

// Generate takes what a program prints on standard output as a new value, without the newline at its end. The program may be run again
// when a run is interrupted before the value was kept.
func (r Runner) Generate(ctx context.Context, p program.Program, a About) (Secret, error) {
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
func (r Runner) Deliver(ctx context.Context, p program.Program, a About, s Secret) error {
	return r.run(ctx, p, a, strings.NewReader(s.Reveal()+"\n"), io.Discard)
}

func (r Runner) run(ctx context.Context, p program.Program, a About, in io.Reader, out io.Writer) error {
	return p.Run(ctx, program.Call{
		Environ: r.Environ, Within: programTime, In: in, Out: out,
		Env: []string{"KEYREEVE_ROTATION=" + a.Rotation, "KEYREEVE_RESOURCE=" + a.Resource, "KEYREEVE_STEP=" + a.Step},
	})
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

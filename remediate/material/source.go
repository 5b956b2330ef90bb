package material

import (
	"context"
	"fmt"
	"maps"
	"strconv"

	"github.com/keyreeve/keyreeve/remediate/program"
)

// A Source is where the new value of a secret comes from: a program if it has one, and chance otherwise.
type Source struct {
	Program *program.Program
	Random  Random
}

// The arguments of a step that say where its value comes from.
const (
	argGenerator = "generator"
	argLength    = "random_length"
	argAlphabet  = "random_alphabet"
)

// Args are the source as arguments of a plan's step.
func (s Source) Args() map[string]string {
	if s.Program != nil {
		return s.Program.Args(argGenerator)
	}
	r := s.Random.filled()
	return map[string]string{argLength: strconv.Itoa(r.Length), argAlphabet: r.Alphabet}
}

// SourceOf is the source that Args wrote.
func SourceOf(args map[string]string) (s Source, err error) {
	if args[argGenerator] != "" {
		p, err := program.Of(args, argGenerator)
		return Source{Program: &p}, err
	}
	s.Random.Alphabet = args[argAlphabet]
	if s.Random.Length, err = strconv.Atoi(args[argLength]); err != nil || s.Random.Alphabet == "" {
		return s, fmt.Errorf("the step does not say where its new value comes from")
	}
	return s, s.Random.Check()
}

// String is the source as people approve it.
func (s Source) String() string {
	if s.Program != nil {
		return "what " + s.Program.String() + " prints"
	}
	return s.Random.String()
}

// Make makes a value.
func (s Source) Make(ctx context.Context, r Runner, a About) (Secret, error) {
	if s.Program != nil {
		return r.Generate(ctx, *s.Program, a)
	}
	return s.Random.Make()
}

// With adds arguments to those of a step.
func With(args ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, a := range args {
		maps.Copy(all, a)
	}
	return all
}

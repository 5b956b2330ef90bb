package material

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/remediate/program"
)

const canary = "c4nary-that-nobody-may-see"

// A secret, alone or inside of something, is shown by nothing.
func TestASecretIsNotShown(t *testing.T) {
	type open struct{ S Secret }
	type closed struct{ s Secret }
	s := New(canary)
	for _, v := range []any{s, &s, open{s}, closed{s}, &closed{s}, []Secret{s}, map[string]Secret{"a": s}, fmt.Errorf("%v", s), Secret{}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, canary) || strings.Contains(text, fmt.Sprintf("%x", canary)) {
				t.Errorf("%s of %T prints the value: %s", verb, v, text)
			}
		}
		text, err := json.Marshal(v)
		if err != nil || strings.Contains(string(text), canary) {
			t.Errorf("JSON of %T: %s, %v", v, text, err)
		}
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("told", "v", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("told", "v", v)
		if strings.Contains(log.String(), canary) {
			t.Errorf("a log of %T holds the value: %s", v, log.String())
		}
	}
	if s.Reveal() != canary || (Secret{}).Reveal() != "" || s.String() != "(redacted)" {
		t.Error("a secret does not reveal what it keeps")
	}
}

// Values are as long as asked for, of the alphabet, and every letter is about as frequent as every other.
func TestRandomValuesAreFair(t *testing.T) {
	for name, letters := range alphabets {
		r := Random{Length: 1000, Alphabet: name}
		count, total := map[rune]int{}, 0
		for range 100 {
			s, err := r.Make()
			if err != nil || len(s.Reveal()) != 1000 {
				t.Fatalf("%s: %v, %d characters", name, err, len(s.Reveal()))
			}
			for _, c := range s.Reveal() {
				count[c]++
				total++
			}
		}
		want := float64(total) / float64(len(letters))
		for _, c := range letters {
			if off := math.Abs(float64(count[c]) - want); off > 7*math.Sqrt(want) { // 7 sigma: once in 10^11 letters
				t.Errorf("%s: %q came %d times, about %.0f would be fair", name, c, count[c], want)
			}
			delete(count, c)
		}
		if len(count) > 0 {
			t.Errorf("%s: letters of no alphabet: %v", name, count)
		}
	}
	a, _ := Random{}.Make()
	b, _ := Random{}.Make()
	if a.Reveal() == b.Reveal() || len(a.Reveal()) != 43 {
		t.Error("two values are equal, or not of the default length")
	}
}

func TestValuesThatCouldBeGuessedAreRefused(t *testing.T) {
	for want, r := range map[string]Random{
		"16 characters of hex are 64 bits, which is less than 128; take 32 or more": {Length: 16, Alphabet: "hex"},
		"take 22 or more":    {Length: 21},
		`alphabet is "abc"`:  {Alphabet: "abc"},
		"it is at most 4096": {Length: 5000},
		"length is -1":       {Length: -1},
	} {
		if err := r.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", r, err, want)
		}
		if s, err := r.Make(); err == nil || s.Reveal() != "" {
			t.Errorf("%v makes a value", r)
		}
	}
	for _, r := range []Random{{}, {Length: 22}, {Length: 32, Alphabet: "hex"}} {
		if err := r.Check(); err != nil {
			t.Errorf("%v: %v", r, err)
		}
	}
}

// script writes a program of the shell and binds it.
func script(t *testing.T, body string) program.Program {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	p, err := program.Bind([]string{path, "with", "arguments"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var (
	runner = Runner{Environ: func(name string) string {
		return map[string]string{"PATH": os.Getenv("PATH"), "HOME": "/nowhere", "VAULT_TOKEN": canary}[name]
	}}
	about = About{"db-1", "vault:eu/root/kv/metadata/db", "create"}
)

func TestAGeneratorPrintsTheValue(t *testing.T) {
	for body, want := range map[string]string{
		"echo value":              "value",
		"printf value":            "value",
		`printf 'value\r\n'`:      "value",
		`printf 'two\nlines\n\n'`: "two\nlines\n",
		`echo "$KEYREEVE_ROTATION $KEYREEVE_RESOURCE $KEYREEVE_STEP $HOME $1"`: "db-1 vault:eu/root/kv/metadata/db create /nowhere with",
		"head -c 65536 /dev/zero | tr '\\0' a":                                 strings.Repeat("a", 65536),
	} {
		if s, err := runner.Generate(t.Context(), script(t, body), about); err != nil || s.Reveal() != want {
			t.Errorf("%s: %q, %v", body, s.Reveal(), err)
		}
	}
}

// What a program prints besides is in no error, however it fails.
func TestAGeneratorThatFails(t *testing.T) {
	for body, want := range map[string]string{
		"echo " + canary + "; echo " + canary + " >&2; exit 3": "arguments ended with 3",
		"true":                                 "printed no value",
		"echo":                                 "printed no value",
		`printf '\377'`:                        "not UTF-8",
		"head -c 65537 /dev/zero | tr '\\0' a": "more than 65536 bytes",
		"echo " + canary + "; kill -9 $$":      "arguments ended with -1",
	} {
		s, err := runner.Generate(t.Context(), script(t, body), about)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), canary) || s.Reveal() != "" {
			t.Errorf("%s: %v, want %q", body, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := runner.Generate(ctx, script(t, "echo value"), about); err == nil || !strings.Contains(err.Error(), "was interrupted") {
		t.Errorf("interrupted: %v", err)
	}
}

// A value goes to standard input and to nowhere else: neither arguments nor environment hold it, nor anything of the caller's environment.
func TestDeliverUsesAPipeOnly(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("KEYREEVE_TEST_CANARY", canary)
	p := script(t, fmt.Sprintf(`cat >%[1]s/in; env >%[1]s/env; echo "$0 $*" >%[1]s/argv; ls -l /proc/self/fd >%[1]s/fd 2>/dev/null; true`, dir))
	if err := runner.Deliver(t.Context(), p, about, New(canary)); err != nil {
		t.Fatal(err)
	}
	if in, err := os.ReadFile(filepath.Join(dir, "in")); err != nil || string(in) != canary+"\n" {
		t.Errorf("standard input was %q, %v", in, err)
	}
	for _, name := range []string{"env", "argv", "fd"} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || strings.Contains(string(text), canary) {
			t.Errorf("%s holds the value: %s %v", name, text, err)
		}
	}
	if err := runner.Deliver(t.Context(), script(t, "cat; cat >&2; exit 7"), about, New(canary)); err == nil || !strings.HasSuffix(err.Error(), "arguments ended with 7") {
		t.Errorf("a program that fails: %v", err)
	}
	if err := runner.Deliver(t.Context(), script(t, "exit 0"), about, New(strings.Repeat("a", 1<<20))); err != nil {
		t.Errorf("a program that does not read: %v", err)
	}
}

// What a plan says of a source is the source.
func TestSourcesGoThroughPlans(t *testing.T) {
	p := script(t, "echo value")
	for _, s := range []Source{{}, {Random: Random{Length: 64, Alphabet: "hex"}}, {Program: &p}} {
		back, err := SourceOf(With(s.Args(), map[string]string{"field": "password"}))
		if err != nil || back.String() != s.String() {
			t.Errorf("%s came back as %s, %v", s, back, err)
		}
		if v, err := back.Make(t.Context(), runner, about); err != nil || v.Reveal() == "" {
			t.Errorf("%s makes no value: %v", back, err)
		}
	}
	for _, args := range []map[string]string{
		nil, {"generator": "[]", "generator_sha256": "00"}, {"generator": "x"}, {"generator": `["/bin/true"]`}, {"random_length": "8", "random_alphabet": "hex"}, {"random_length": "43"},
	} {
		if s, err := SourceOf(args); err == nil {
			t.Errorf("%v is taken for %s", args, s)
		}
	}
}

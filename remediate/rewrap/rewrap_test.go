package rewrap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A key re-wraps as Transit does: what follows the version stays.
type key struct {
	latest, most int // most is the size of the largest batch so far
	size         int // of the ciphertexts of the largest batch, in bytes
	fails        int // the call that fails, from 1; 0: none
	calls        int
}

var errDown = errors.New("no answer")

func (k *key) Latest(context.Context) (int, error) { return k.latest, nil }

func (k *key) Rewrap(ctx context.Context, items []Item) ([]Result, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	k.calls++
	if k.calls == k.fails {
		return nil, errDown
	}
	k.most = max(k.most, len(items))
	size := 0
	for _, i := range items {
		size += len(i.Ciphertext)
	}
	k.size = max(k.size, size)
	var out []Result
	for _, i := range items {
		if (i.Context == "") != (items[0].Context == "") {
			return nil, errors.New("context should be set either in all the request blocks or in none")
		}
		_, text, _ := strings.Cut(strings.TrimPrefix(i.Ciphertext, "vault:v"), ":")
		if v, _ := versionOf(i.Ciphertext); v > k.latest {
			out = append(out, Result{Error: "too new"})
			continue
		}
		out = append(out, Result{Ciphertext: fmt.Sprintf("vault:v%d:%s", k.latest, text)})
	}
	return out, nil
}

func run(t interface{ Helper() }, k *key, in, out string, batch int, keep bool) (Counts, error) {
	t.Helper()
	j := &Job{Key: k, In: strings.NewReader(in), Out: out, Batch: batch, KeepGoing: keep, Progress: func(int, int64) {}, Refused: func(ItemError) {}}
	return j.Run(context.Background())
}

// Wherever runs are cut off, in a call or in the middle of a line, the last one leaves what a single run would have left.
func TestAnyCrashIsResumed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "rewrap")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		out := filepath.Join(dir, "out")
		latest := rapid.IntRange(1, 4).Draw(t, "latest")
		var in, want strings.Builder
		n := rapid.IntRange(0, 40).Draw(t, "lines")
		for i := range n {
			version := rapid.IntRange(1, latest).Draw(t, "version")
			form := rapid.SampledFrom([]string{"vault:v%d:%s", `{"id":1,"ciphertext":"vault:v%d:%s"}`, `{"ciphertext" : "vault:v%d:%s","context":"YQ=="}`, "  vault:v%d:%s\r", "blank"}).Draw(t, "form")
			if form == "blank" {
				in.WriteString(" \n")
				want.WriteString(" \n")
				continue
			}
			text := fmt.Sprintf("cGF5bG9hZA%d", i)
			fmt.Fprintf(&in, form, version, text)
			fmt.Fprintf(&want, form, latest, text)
			want.WriteString("\n")
			if i < n-1 || rapid.Bool().Draw(t, "line feed at the end") {
				in.WriteString("\n")
			}
		}
		for range rapid.IntRange(0, 6).Draw(t, "crashes") {
			k := &key{latest: latest, fails: rapid.IntRange(1, 4).Draw(t, "fails")}
			_, err := run(t, k, in.String(), out, rapid.IntRange(1, 9).Draw(t, "batch"), false)
			if err == nil {
				break // the call that would have failed was not made
			}
			if !errors.Is(err, errDown) {
				t.Fatalf("a run that is cut off: %v", err)
			}
			info, err := os.Stat(out + ".part")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(out+".part", int64(rapid.IntRange(0, int(info.Size())).Draw(t, "left"))); err != nil {
				t.Fatal(err)
			}
		}
		batch := rapid.IntRange(1, 9).Draw(t, "batch")
		k := &key{latest: latest}
		counts, err := run(t, k, in.String(), out, batch, false)
		if err != nil && !errors.Is(err, ErrDone) {
			t.Fatalf("the last run: %v", err)
		}
		if err == nil && counts.Lines != strings.Count(want.String(), "\n") {
			t.Fatalf("counts %+v for %d lines", counts, n)
		}
		got, err := os.ReadFile(out)
		if err != nil || string(got) != want.String() {
			t.Fatalf("the input\n%s\nbecame\n%s(%v), want\n%s", in.String(), got, err, want.String())
		}
		if k.most > batch {
			t.Fatalf("a batch had %d items, more than %d", k.most, batch)
		}
	})
}

func TestLinesThatAreRefused(t *testing.T) {
	const good = "vault:v1:Zmlyc3Q=\n"
	for name, c := range map[string]struct{ line, why string }{
		"plaintext":            {"hunter2", "holds no ciphertext"},
		"another scheme":       {"azure:v1:YQ==", "holds no ciphertext"},
		"no version":           {"vault:v:YQ==", "holds no ciphertext"},
		"no text":              {"vault:v1:", "holds no ciphertext"},
		"two":                  {"vault:v1:YQ== vault:v1:YQ==", "holds no ciphertext"},
		"a number":             {`{"ciphertext": 7}`, "holds no ciphertext"},
		"plaintext in JSON":    {`{"ciphertext": "hunter2"}`, "holds no ciphertext"},
		"none in JSON":         {`{"id": 1}`, `no field "ciphertext"`},
		"deeper":               {`{"a": {"ciphertext": "vault:v1:YQ=="}}`, `no field "ciphertext"`},
		"twice":                {`{"ciphertext": "vault:v1:YQ==", "ciphertext": "vault:v1:YQ=="}`, "two fields"},
		"cut off":              {`{"ciphertext": "vault:v1:YQ=="`, "no JSON object"},
		"more behind":          {`{"ciphertext": "vault:v1:YQ=="} 1`, "no JSON object"},
		"broken":               {`{"ciphertext"; "vault:v1:YQ=="}`, "no JSON object"},
		"a context of numbers": {`{"ciphertext": "vault:v1:YQ==", "context": 1}`, `"context" is no string`},
		"a nonce of numbers":   {`{"ciphertext": "vault:v1:YQ==", "nonce": 1}`, `"nonce" is no string`},
		"a list":               {`["vault:v1:YQ=="]`, "holds no ciphertext"},
	} {
		out := filepath.Join(t.TempDir(), "out")
		_, err := run(t, &key{latest: 2}, good+c.line+"\n"+good, out, 9, true)
		if err == nil || !strings.Contains(err.Error(), "line 2 of the input") || !strings.Contains(err.Error(), c.why) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := os.ReadFile(out + ".part"); err != nil || string(got) != "vault:v2:Zmlyc3Q=\n" {
			t.Errorf("%s: %q (%v) was written", name, got, err)
		}
	}
}

// What an earlier run wrote is gone on from only where it comes from the same input.
func TestPartsOfOtherInputs(t *testing.T) {
	const in = `{"id":1,"ciphertext":"vault:v1:YQ=="}` + "\n" + `{"id":2,"ciphertext":"vault:v2:Yg=="}` + "\nvault:v1:Yw==\n"
	for name, part := range map[string]string{
		"another id":                 `{"id":9,"ciphertext":"vault:v2:YQ=="}` + "\n",
		"another of that version":    `{"id":1,"ciphertext":"vault:v1:AA=="}` + "\n",
		"older":                      `{"id":1,"ciphertext":"vault:v2:YQ=="}` + "\n" + `{"id":2,"ciphertext":"vault:v1:Yg=="}` + "\n",
		"alone, not in an object":    "vault:v2:YQ==\n",
		"a blank line":               "\n",
		"more than the input":        `{"id":1,"ciphertext":"vault:v2:YQ=="}` + "\n" + `{"id":2,"ciphertext":"vault:v2:Yg=="}` + "\nvault:v2:Yw==\nvault:v2:ZA==\n",
		"zeros after a power cut":    `{"id":1,"ciphertext":"vault:v2:YQ=="}` + "\n" + strings.Repeat("\x00", 9) + "\n",
		"another kind of file":       "version: 1\n",
		"a longer line than allowed": strings.Repeat("x", maxLine+1) + "\n",
	} {
		out := filepath.Join(t.TempDir(), "out")
		if err := os.WriteFile(out+".part", []byte(part), 0o600); err != nil {
			t.Fatal(err)
		}
		k := &key{latest: 2}
		if _, err := run(t, k, in, out, 9, true); err == nil || k.calls != 0 {
			t.Errorf("%s: %d calls, %v", name, k.calls, err)
		}
		if got, err := os.ReadFile(out + ".part"); err != nil || string(got) != part {
			t.Errorf("%s: it was changed (%v)", name, err)
		}
	}
}

// Long lines are bounded, and a batch is bounded in bytes.
func TestBounds(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	_, err := run(t, &key{latest: 2}, "vault:v1:YQ==\nvault:v1:"+strings.Repeat("A", maxLine)+"\n", out, 9, false)
	if err == nil || !strings.Contains(err.Error(), "line 2 of the input: it has more than") {
		t.Errorf("a line that is too long: %v", err)
	}
	big := "vault:v1:" + strings.Repeat("A", maxLine/2) + "\n"
	k := &key{latest: 2}
	if _, err := run(t, k, strings.Repeat(big, 8), filepath.Join(t.TempDir(), "out"), 1000, false); err != nil || k.most > 2 {
		t.Errorf("%v; a batch had %d lines of 2 MiB", err, k.most)
	}
}

// Older lines are counted over all runs, and an answer that makes no sense is not written.
func TestOlderLinesAndBadAnswers(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	const in = "vault:v9:YQ==\nvault:v1:Yg==\nvault:v1:Yw==\n"
	if _, err := run(t, &key{latest: 2, fails: 2}, in, out, 1, true); !errors.Is(err, errDown) {
		t.Fatal(err)
	}
	counts, err := run(t, &key{latest: 2}, in, out, 1, true)
	if want := (Counts{Lines: 3, Resumed: 1, Rewrapped: 2, Older: 1, Latest: 2}); err != nil || counts != want {
		t.Errorf("%+v (%v), want %+v", counts, err, want)
	}
	for name, answer := range map[string][]Result{
		"none":       {},
		"too many":   {{Ciphertext: "vault:v2:YQ=="}, {Ciphertext: "vault:v2:YQ=="}},
		"older":      {{Ciphertext: "vault:v1:YQ=="}},
		"plaintext?": {{Ciphertext: "aHVudGVyMg=="}},
	} {
		out := filepath.Join(t.TempDir(), "out")
		j := &Job{Key: odd{answer}, In: strings.NewReader("vault:v1:YQ==\n"), Out: out, Batch: 9, Progress: func(int, int64) {}}
		_, err := j.Run(t.Context())
		if err == nil || strings.Contains(err.Error(), "aHVudGVyMg") {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := os.ReadFile(out + ".part"); err != nil || len(got) > 0 {
			t.Errorf("%s: %q (%v) was written", name, got, err)
		}
	}
}

// odd answers the same to everything.
type odd struct{ answer []Result }

func (odd) Latest(context.Context) (int, error)                { return 2, nil }
func (o odd) Rewrap(context.Context, []Item) ([]Result, error) { return o.answer, nil }

// Two at once on one output: one of them stops.
func TestSomebodyElseWrites(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	j := &Job{Key: &key{latest: 2}, In: strings.NewReader(strings.Repeat("vault:v1:YQ==\n", 9)), Out: out, Batch: 2}
	j.Progress = func(lines int, _ int64) {
		if lines == 4 {
			f, err := os.OpenFile(out+".part", os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(f, "vault:v2:YQ==")
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := j.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "somebody else writes to it") {
		t.Errorf("%v", err)
	}
}

// What stands around a ciphertext stays, byte for byte, whatever it is.
func FuzzLineKeepsWhatStandsAround(f *testing.F) {
	for _, seed := range []string{`{"id":1,"ciphertext":"vault:v1:YQ=="}`, "vault:v3:YQ==", " ", "\tvault:v0:YQ==\r", `{"ciphertext":"vault:v1:YQ==","context":"YQ==","nonce":"YQ==","x":{"ciphertext":1}} `, "{}", "{", "hunter2"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if bytes.IndexByte(text, '\n') >= 0 {
			return
		}
		l, err := parseLine(text)
		if err != nil {
			return
		}
		made := l.with("vault:v999999999:YQ==")
		if l.version == 0 {
			if string(made) != string(text)+"\n" {
				t.Fatalf("the blank line %q became %q", text, made)
			}
			return
		}
		again, err := parseLine(made[:len(made)-1])
		if err != nil {
			t.Fatalf("%q became %q, which is refused: %v", text, made, err)
		}
		if err := again.follows(&l); err != nil || again.item.Context != l.item.Context || again.item.Nonce != l.item.Nonce || again.id != l.id {
			t.Fatalf("%q became %q: %v", text, made, err)
		}
		if !bytes.HasPrefix(text, l.before) || !bytes.HasSuffix(text, l.after) {
			t.Fatalf("%q is not between %q and %q", text, l.before, l.after)
		}
	})
}

// A batch is never longer than its answer may be, whatever the lines are like.
func TestLongLines(t *testing.T) {
	k := &key{latest: 2}
	var in strings.Builder
	for _, size := range []int{10, maxLine - 100, maxLine - 100, 10, maxLine / 2, maxLine - 100, 10} {
		in.WriteString("vault:v1:" + strings.Repeat("A", size) + "\n")
	}
	counts, err := run(t, k, in.String(), filepath.Join(t.TempDir(), "out"), 100, false)
	if err != nil || counts.Rewrapped != 7 || k.size > maxBytes {
		t.Errorf("%d re-wrapped in batches of up to %d bytes, %v", counts.Rewrapped, k.size, err)
	}
}

package evaluate

import (
	"context"
	"reflect"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// TestRememberedEqualsEvaluated: what a rule is remembered to have said of an equal view is what it says when it is asked again.
func TestRememberedEqualsEvaluated(t *testing.T) {
	e := everyRule(t)
	run := newRun(context.Background(), e)
	asked, remembered := 0, 0
	for seed := uint64(1); seed <= 250; seed++ {
		d := newDice(seed)
		w := d.world()
		if seed%2 == 0 {
			w, _ = d.forget(w)
		}
		s := w.subject()
		for _, rl := range e.about(s.typ, s.kind) {
			rl.program.analyse(e.compiler, rl.ID)
			v := newView(rl, &rl.program.reads, s)
			asked++
			if key, ok := v.key(nil); ok && rl.memo.get(key) != nil {
				remembered++
			}
			got, want := run.judge(rl, s), v.judgement(run.answer(v))
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d: %s: remembered %+v, evaluated %+v", seed, rl.ID, got, want)
			}
		}
	}
	if remembered < asked/10 {
		t.Errorf("of %d answers only %d were remembered; the test shows nothing", asked, remembered)
	}
}

// TestRememberedKeepsTheHint: two subjects with one key have their own reasons for not having been read.
func TestRememberedKeepsTheHint(t *testing.T) {
	e, err := Load(Options{Builtin: ownRules})
	if err != nil {
		t.Fatal(err)
	}
	for _, hint := range []string{"grant a", "grant b"} {
		w := key(func(w *world) {
			take(&w.resource, "key.rotated_at")
			w.resource.Unknown = []inventory.Unknown{{Fact: "key.rotated_at", Why: inventory.Denied, Hint: hint}}
		})
		js, err := e.Judge(context.Background(), w.subject())
		if err != nil || js[0].Deciding[0].Hint != hint {
			t.Errorf("got %+v, want the hint %q: %v", js[0].Deciding, hint, err)
		}
	}
}

func TestMemoIsBounded(t *testing.T) {
	m := &memo{}
	for i := range maxReplies + 10 {
		m.put([]byte{byte(i), byte(i >> 8)}, &reply{})
	}
	if n := len(m.replies); n != 10 {
		t.Errorf("it holds %d replies", n)
	}
}

package evaluate

import (
	"context"
	"slices"
	"testing"

	"github.com/keyreeve/keyreeve/policies"
	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// TestOnlyDependingVerdictsTurnUnknown moves one fact at a time of wholly known resources to unknown. A verdict of a built-in rule may
// turn unknown only if two values of the fact give two verdicts, it must if they do, and it then names this fact and no other.
func TestOnlyDependingVerdictsTurnUnknown(t *testing.T) {
	e, err := Load(Options{Builtin: policies.FS})
	if err != nil {
		t.Fatal(err)
	}
	run := newRun(context.Background(), e)
	turned := 0
	for seed := uint64(1); seed <= 16; seed++ {
		d := newDice(seed)
		w := d.world()
		for _, fact := range factPaths(w.resource.Kind) {
			u := w.clone()
			take(&u.resource, fact)
			u.resource.Unknown = []inventory.Unknown{{Fact: fact, Why: inventory.Denied}}
			s := u.subject()
			var values []*Subject
			for range 60 {
				c := u.clone()
				c.resource.Unknown = nil
				if d.chance(80) || slices.Contains(u.resource.RequiredFacts(), fact) {
					d.give(&c.resource, fact)
				}
				values = append(values, c.subject())
			}
			for _, rl := range e.about(s.typ, s.kind) {
				j := run.judge(rl, s)
				seen := map[finding.Verdict]bool{run.judge(rl, w.subject()).Verdict: true}
				for _, c := range values {
					seen[run.judge(rl, c).Verdict] = true
				}
				switch {
				case j.Verdict != finding.Unknown && len(seen) > 1:
					t.Errorf("seed %d: %s: %s without %s, but it can be %v", seed, rl.ID, j.Verdict, fact, seen)
				case j.Verdict == finding.Unknown && len(seen) == 1:
					t.Errorf("seed %d: %s: unknown without %s, but 60 values all give %v", seed, rl.ID, fact, seen)
				case j.Verdict == finding.Unknown:
					turned++
					if len(j.Deciding) != 1 || j.Deciding[0].Fact != fact {
						t.Errorf("seed %d: %s: unknown for want of %s, but it names %v", seed, rl.ID, fact, j.Deciding)
					}
				}
			}
		}
	}
	if turned < 40 {
		t.Errorf("only %d verdicts turned unknown; the worlds do not exercise the rules", turned)
	}
}

package evaluate

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// runExample lets the rule that an example belongs to judge it, alone: what another rule would replace does not show.
func (e *Engine) runExample(ctx context.Context, id string, x *example) (Judgement, error) {
	rl := e.find(id)
	if rl == nil {
		return Judgement{}, fmt.Errorf("there is no rule %q", id)
	}
	if !rl.Matches(x.subject.typ, x.subject.kind) {
		return Judgement{Rule: &rl.Rule, Verdict: finding.NotApplicable}, nil
	}
	if len(x.Settings) > 0 {
		c, err := configure(id, rl.source.header, x.Settings)
		if err != nil {
			return Judgement{}, err
		}
		own := &rule{Rule: rl.Rule, source: rl.source, config: c, replaces: rl.replaces, program: rl.program}
		all := map[string]*rule{id: own}
		for _, r := range e.rules {
			if r.ID != id {
				all[r.ID] = r
			}
		}
		own.resolve(all)
		rl = own
	}
	run := newRun(ctx, e)
	defer run.done()
	return run.judge(rl, x.subject), ctx.Err()
}

// differences says how a judgement differs from what an example expects.
func (x *example) differences(j Judgement) []string {
	var out []string
	if j.Verdict != x.Verdict {
		text := fmt.Sprintf("is %s, not %s", j.Verdict, x.Verdict)
		switch {
		case j.Err != "":
			text += ": " + j.Err
		case len(j.Deciding) > 0:
			text += fmt.Sprintf("; it hangs on %v", facts(j.Deciding))
		case len(j.Violations) > 0:
			text += "; found: " + j.Violations[0].Message
		}
		return []string{text}
	}
	if len(x.Findings) > 0 {
		want := make([]Violation, len(x.Findings))
		for i, f := range x.Findings {
			want[i] = Violation{Message: f.Message, At: f.At, Facts: plainFacts(f.Facts), Severity: f.Severity}
		}
		want = tidy(want)
		for _, w := range want {
			i := slices.IndexFunc(j.Violations, w.same)
			switch {
			case i < 0:
				out = append(out, fmt.Sprintf("does not find %s", w))
			case w.Facts != nil && !reflect.DeepEqual(w.Facts, j.Violations[i].Facts):
				out = append(out, fmt.Sprintf("finds %s, not %s", j.Violations[i], w))
			case w.Severity != "" && w.Severity != j.Violations[i].Severity:
				out = append(out, fmt.Sprintf("finds %s with the severity %s, not %s", w, j.Violations[i].Severity, w.Severity))
			}
		}
		for _, v := range j.Violations {
			if !slices.ContainsFunc(want, v.same) {
				out = append(out, fmt.Sprintf("finds %s, which it does not expect", v))
			}
		}
	}
	if len(x.Deciding) > 0 {
		want := slices.Sorted(slices.Values(x.Deciding))
		if got := facts(j.Deciding); !slices.Equal(got, want) {
			out = append(out, fmt.Sprintf("hangs on %v, not on %v", got, want))
		}
	}
	return out
}

func facts(ds []finding.Deciding) []string {
	out := make([]string, len(ds))
	for i, d := range ds {
		out[i] = d.Fact
	}
	return out
}

// String reads: "no audit device is enabled" at "x" {"age_days":91}.
func (v Violation) String() string {
	s := fmt.Sprintf("%q", v.Message)
	if v.At != "" {
		s += fmt.Sprintf(" at %q", v.At)
	}
	if len(v.Facts) > 0 {
		text, err := json.Marshal(v.Facts)
		if err != nil {
			return s
		}
		s += " " + string(text)
	}
	return s
}

// plainFacts turns the numbers of a YAML reader into those of a judgement.
func plainFacts(m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	out := maps.Clone(m)
	for k, v := range out {
		if sub, ok := v.(map[string]any); ok {
			out[k] = plainFacts(sub)
		} else {
			out[k] = plainValue(v)
		}
	}
	return out
}

// Package evaluate judges resources by rules written in Rego. It makes the subject that a rule sees of a resource, loads and checks
// rules, and answers pass, fail, not_applicable or unknown, where unknown means that a fact which was not read decides.
//
// It is the only importer of OPA. It leaves to others what a resource is (inventory), what it is for (relate) and what becomes of a
// verdict (the pipeline, finding).
package evaluate

import (
	"context"
	"slices"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// An Engine holds compiled rules. It does not change, so any number of goroutines may use it.
type Engine struct {
	rules    []*rule  // sorted by ID
	off      []string // IDs of rules that the configuration switches off, sorted
	libs     []*file
	byType   map[string][]*rule
	compiler *ast.Compiler
	partials pool
	store    storage.Store
	txn      storage.Transaction // one for ever; nothing writes
	patience time.Duration       // how long one rule may take for one resource
}

// patience is far more than any rule of ours takes. What does not end by then is unknown, with an error that names the rule: a run that
// hangs says nothing about anything.
const patience = 20 * time.Second

// Rules lists the rules, sorted by ID.
func (e *Engine) Rules() []finding.Rule {
	out := make([]finding.Rule, len(e.rules))
	for i, r := range e.rules {
		out[i] = r.Rule
	}
	return out
}

// Off lists the rules that the configuration switches off.
func (e *Engine) Off() []string { return e.off }

// A Judgement is what one rule says of one subject.
type Judgement struct {
	Rule       *finding.Rule
	Verdict    finding.Verdict
	Severity   finding.Severity   // in the subject's tier; the worst one where the tier cannot be told
	Violations []Violation        // of a fail: at least one, sorted
	Deciding   []finding.Deciding // of an unknown: the facts it hangs on, sorted
	Err        string             // a runtime error of the rule; the verdict is then unknown
	ReplacedBy string             // the rule that fails in the place of this one; the verdict is then not_applicable
}

// A Violation is one way in which a subject fails a rule.
type Violation struct {
	Message string
	At      string         // the part of the resource; "" for the whole
	Facts   map[string]any // a fact that is absent, or was not read, is NotKnown
	// Severity is that of the finding: never above the judgement's, and below it where the deny says so and all that it hangs on is known.
	Severity finding.Severity
}

// NotKnown stands in a violation's facts for one that the rule mentions but that is absent or was not read.
const NotKnown = "not known"

// Judge lets every rule that is about the subject's type judge it. The judgements are sorted by rule. The error is that of the
// context, when it ends.
func (e *Engine) Judge(ctx context.Context, s *Subject) ([]Judgement, error) {
	rules := e.about(s.typ, s.kind)
	out := make([]Judgement, len(rules))
	run := newRun(ctx, e)
	defer run.done()
	for i, r := range rules {
		out[i] = run.judge(r, s)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	replace(rules, out)
	return out, nil
}

// AsksAccess reports whether a rule that is about a resource's type looks at who may do what.
func (e *Engine) AsksAccess(r *inventory.Resource) bool {
	return slices.ContainsFunc(e.about(r.Type, r.Kind), func(rl *rule) bool {
		rl.program.analyse(e.compiler, rl.ID)
		return rl.program.reads.touches(accessRef[2:])
	})
}

// replace turns the verdict of a rule into not_applicable where another fails in its place.
func replace(rules []*rule, judged []Judgement) {
	for i, r := range rules {
		if judged[i].Verdict != finding.Fail || judged[i].ReplacedBy != "" {
			continue
		}
		for _, id := range r.replaces {
			if k := slices.IndexFunc(rules, func(o *rule) bool { return o.ID == id }); k >= 0 && judged[k].Verdict != finding.NotApplicable {
				judged[k] = Judgement{Rule: judged[k].Rule, Verdict: finding.NotApplicable, Severity: judged[k].Severity, ReplacedBy: r.ID}
			}
		}
	}
}

// dispatch lists the rules of every known type, so that judging need not ask every rule.
func (e *Engine) dispatch() {
	for _, t := range inventory.Types {
		e.byType[t.Type] = e.match(t.Type, t.Kind)
	}
}

func (e *Engine) about(typ string, kind inventory.Kind) []*rule {
	if info, ok := inventory.TypeOf(typ); ok && info.Kind == kind {
		return e.byType[typ]
	}
	return e.match(typ, kind)
}

func (e *Engine) match(typ string, kind inventory.Kind) []*rule {
	var out []*rule
	for _, r := range e.rules {
		if r.Matches(typ, kind) {
			out = append(out, r)
		}
	}
	return out
}

func (e *Engine) find(id string) *rule {
	for _, r := range e.rules {
		if r.ID == id {
			return r
		}
	}
	return nil
}

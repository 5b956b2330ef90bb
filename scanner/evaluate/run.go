package evaluate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// run evaluates rules for one call of Judge.
type run struct {
	ctx    context.Context
	engine *Engine
	cancel topdown.Cancel
	cache  ruleCache               // of plain evaluation
	key    []byte                  // of the last view, kept for its space
	late   atomic.Bool             // the evaluation at hand has taken too long
	own    map[*rule]*ast.Compiler // for partial evaluation; taken when it is needed
}

func newRun(ctx context.Context, e *Engine) *run {
	r := &run{ctx: ctx, engine: e}
	r.cancel = cancelled{r}
	return r
}

// done gives back what the run took.
func (r *run) done() {
	for rl, c := range r.own {
		r.engine.give(rl, c)
	}
	r.own = nil
}

// compiler is the run's own for a rule, for partial evaluation.
func (r *run) compiler(rl *rule) (*ast.Compiler, error) {
	if c := r.own[rl]; c != nil {
		return c, nil
	}
	c, err := r.engine.take(rl)
	if err != nil {
		return nil, err
	}
	if r.own == nil {
		r.own = map[*rule]*ast.Compiler{}
	}
	r.own[rl] = c
	return c, nil
}

// cancelled lets OPA ask the context itself, so that no goroutine has to wait for its end.
type cancelled struct{ run *run }

func (cancelled) Cancel()           {}
func (c cancelled) Cancelled() bool { return c.run.late.Load() || c.run.ctx.Err() != nil }

// outcome is what a rule says of one input.
type outcome struct {
	verdict    finding.Verdict
	violations []Violation
	deciding   []*fact // of an unknown
	err        string
}

func (o outcome) certain() bool { return o.verdict != finding.Unknown }

func failed(err string) outcome { return outcome{verdict: finding.Unknown, err: err} }

// query is a query with what all of them share. The clock and the seed are fixed: no built-in that would ask for them is left.
func (r *run) query(body ast.Body, input ast.Value, errs *[]topdown.Error) *topdown.Query {
	return topdown.NewQuery(body).WithCompiler(r.engine.compiler).WithStore(r.engine.store).WithTransaction(r.engine.txn).
		WithInput(ast.NewTerm(input)).WithCancel(r.cancel).WithMetrics(metrics.NoOp()).WithTime(time.Unix(0, 1)).WithSeed(noSeed{}).
		WithBuiltinErrorList(errs)
}

type noSeed struct{}

func (noSeed) Read([]byte) (int, error) { return 0, io.EOF }

// plain evaluates a rule on an input of which everything that matters is known.
func (r *run) plain(rl *rule, input ast.Value) outcome {
	denies, err := r.solve(rl.program.verdict, input)
	if err != "" {
		return failed(err)
	}
	set, ok := denies.(ast.Set)
	switch {
	case !ok:
		return outcome{verdict: finding.NotApplicable}
	case set.Len() == 0:
		return outcome{verdict: finding.Pass}
	}
	return outcome{verdict: finding.Fail, violations: violations(set)}
}

// solve evaluates a query and returns what it binds to answer: nil when the query does not hold.
func (r *run) solve(body ast.Body, input ast.Value) (bound ast.Value, err string) {
	var errs []topdown.Error
	e := r.query(body, input, &errs).WithVirtualCache(r.cache.reset()).Iter(r.ctx, func(qr topdown.QueryResult) error {
		bound = ast.Boolean(true)
		if t := qr[answer]; t != nil {
			bound = t.Value
		}
		return nil
	})
	switch {
	case e != nil:
		return nil, errorText(e)
	case len(errs) > 0:
		return nil, errorText(&errs[0])
	}
	return bound, ""
}

// errorText is an error of OPA as one sentence: rotation/x/rule.rego line 31: to_number: invalid syntax.
func errorText(err error) string {
	var e *topdown.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	if e.Location != nil && e.Location.File != "" {
		return fmt.Sprintf("%s line %d: %s", e.Location.File, e.Location.Row, e.Message)
	}
	return e.Message
}

// input is {"resource": ..., "settings": ...}.
func input(resource ast.Value, settings *ast.Term) ast.Object {
	return ast.NewObject([2]*ast.Term{resourceKey, ast.NewTerm(resource)}, [2]*ast.Term{settingsKey, settings})
}

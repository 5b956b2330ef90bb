package evaluate

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// TestOptions say which rules to test: those of Policies, or the built-in ones where it is empty.
type TestOptions struct {
	Builtin  fs.FS
	Policies []string
}

// A Report says what ran and what failed.
type Report struct {
	Rules    int
	Tests    int // Rego tests
	Examples int
	Failures []Failure
}

// A Failure is a test or an example that did not come out as it says.
type Failure struct {
	File string
	Line int
	Text string
}

// String reads: rotation/x/examples.yaml:12: example "a key 100 days old" is pass, not fail.
func (f Failure) String() string {
	if f.Line == 0 {
		return f.File + ": " + f.Text
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text)
}

// Test runs the Rego tests and the examples of rules. The tests see the rules as they are written: they evaluate deny and applies on
// the input they give, so a deny whose head mentions an absent fact is undefined there, while the engine reports it (see prepare).
// Tests are compiled apart from what scans. The error is about rules that cannot be loaded; what fails is in the report.
func Test(ctx context.Context, o TestOptions) (Report, error) {
	lib, err := readAll(o.Builtin, o.Policies, true)
	if err != nil {
		return Report{}, err
	}
	rules, err := lib.configure(nil)
	if err != nil {
		return Report{}, err
	}
	if err := checkTypes(rules, lib.libs()); err != nil {
		return Report{}, err
	}
	var report Report
	chosen := func(f *folder) bool { return len(o.Policies) == 0 || f.custom() }
	if err := lib.regoTests(ctx, chosen, &report); err != nil {
		return report, err
	}
	e, err := compile(rules, lib.libs()) // rewrites the modules; so after the Rego tests
	if err != nil {
		return report, err
	}
	for _, rl := range e.rules {
		if !chosen(rl.source.folder) {
			continue
		}
		report.Rules++
		if err := e.examples(ctx, rl, &report); err != nil {
			return report, err
		}
	}
	return report, nil
}

func (l *library) regoTests(ctx context.Context, chosen func(*folder) bool, report *Report) error {
	modules := map[string]*ast.Module{}
	add := func(files []*file) {
		for _, f := range files {
			modules[f.name] = f.module.Copy()
		}
	}
	for _, f := range l.folders {
		add(f.libs)
		if chosen(f) {
			add(f.tests)
		}
	}
	for _, s := range l.sources {
		add(s.files)
		if chosen(s.folder) {
			add(s.tests)
		}
	}
	compiler := ast.NewCompiler().WithCapabilities(strictCapabilities()).WithRewriteTestRules(true)
	store := inmem.New()
	return storage.Txn(ctx, store, storage.TransactionParams{}, func(txn storage.Transaction) error {
		results, err := tester.NewRunner().SetCompiler(compiler).SetStore(store).SetModules(modules).RaiseBuiltinErrors(true).EnableTracing(true).RunTests(ctx, txn)
		if err != nil {
			return explainRego(err)
		}
		for r := range results {
			if r.Skip {
				continue
			}
			report.Tests++
			if text, failed := testFailure(r); failed {
				report.Failures = append(report.Failures, text)
			}
		}
		return ctx.Err()
	})
}

func testFailure(r *tester.Result) (Failure, bool) {
	f := Failure{Text: "test " + r.Name}
	if r.Location != nil {
		f.File, f.Line = r.Location.File, r.Location.Row
	}
	text := ""
	switch {
	case r.Error != nil:
		f.Text += ": " + errorText(r.Error)
	case r.Fail:
		f.Text += " fails"
		for _, ev := range r.Trace { // the last expression of the test itself that did not hold
			if e, ok := ev.Node.(*ast.Expr); ok && ev.Op == topdown.FailOp && e.Location != nil && e.Location.File == f.File && e.Location.Row >= f.Line {
				f.Line = e.Location.Row
				text = ": " + strings.Join(strings.Fields(string(e.Location.Text)), " ")
			}
		}
		f.Text += text
	default:
		return f, false
	}
	return f, true
}

// examples runs those of one rule.
func (e *Engine) examples(ctx context.Context, rl *rule, report *Report) error {
	s := rl.source
	if s.examples == "" {
		return nil
	}
	name := s.folder.name(s.examples)
	list, err := readExamples(s.folder.fsys, s.examples, name)
	if err != nil {
		return err
	}
	for _, x := range list {
		report.Examples++
		j, err := e.runExample(ctx, rl.ID, x)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			report.Failures = append(report.Failures, Failure{name, x.line, fmt.Sprintf("example %q: %v", x.Name, err)})
			continue
		}
		for _, d := range x.differences(j) {
			report.Failures = append(report.Failures, Failure{name, x.line, fmt.Sprintf("example %q %s", x.Name, d)})
		}
	}
	return nil
}

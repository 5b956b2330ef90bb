package evaluate

import (
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// A deny may ask for a severity below the rule's, for findings by which little can be reached:
//
//	deny contains {"message": "...", "severity": reach} if { ... }
//	reach := "low" if input.resource.access.reaches.keys == 0
//
// It hangs on facts like any part of a deny: where one of them was not read, or reach is undefined, the finding has the severity of the
// rule. What it can be is seen here: constants, or rules of the same folder that are constants.

// severities are the severities that the denies of a rule ask for, each once, and what is wrong with them.
func (r *rule) severities() (words []finding.Severity, problems []Problem) {
	h := r.source.header
	for _, f := range r.source.files {
		for _, deny := range f.module.Rules {
			if deny.Head.Ref()[0].Value.Compare(ast.Var(denyName)) != 0 {
				continue
			}
			head, _ := deny.Head.Key.Value.(ast.Object)
			t := head.Get(ast.StringTerm("severity"))
			if t == nil {
				continue
			}
			say := func(format string, args ...any) {
				problems = append(problems, Problem{File: f.name, Line: t.Location.Row, Text: fmt.Sprintf(format, args...)})
			}
			values := r.source.constants(t)
			if len(values) == 0 {
				say("the severity of a deny is neither a constant nor a rule of this folder that is one: low := \"low\" if { ... }")
			}
			for _, v := range values {
				text, _ := v.Value.(ast.String)
				word := finding.Severity(text)
				switch err := checkSeverity(string(word)); {
				case err != nil:
					say("the severity of a deny: %v", err)
				case word.Rank() > h.severity.least().Rank():
					say("the severity of a deny is %s, and the rule's is %s in some tier; a finding is never above its rule, so ask for %[2]s or less", word, h.severity.least())
				case word == h.severity.worst():
					say("the severity of a deny is %s, which is what the rule has; leave it out", word)
				case !slices.Contains(words, word):
					words = append(words, word)
				}
			}
		}
	}
	slices.SortFunc(words, func(a, b finding.Severity) int { return b.Rank() - a.Rank() })
	return words, problems
}

// constants are the values that a term can have: itself, or what the rules of that name are. None where one of them is no constant.
func (s *source) constants(t *ast.Term) (out []*ast.Term) {
	if ast.IsConstant(t.Value) {
		return []*ast.Term{t}
	}
	name := t.Value.String()
	if call, ok := t.Value.(ast.Call); ok {
		name = call[0].String()
	}
	for _, f := range s.files {
		for _, r := range f.module.Rules {
			if r.Head.Ref().String() != name {
				continue
			}
			for ; r != nil; r = r.Else {
				if r.Head.RuleKind() == ast.MultiValue || r.Head.Value == nil || !ast.IsConstant(r.Head.Value.Value) {
					return nil
				}
				out = append(out, r.Head.Value)
			}
		}
	}
	return out
}

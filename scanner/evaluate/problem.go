package evaluate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// A Problem is what lint finds in a file of rules. A warning is worth a look; anything else makes a verdict wrong or undecidable, or
// leaves a rule without what every rule has.
type Problem struct {
	File    string
	Line    int // from 1; 0 when the place is not known
	Text    string
	Warning bool
}

// String reads: rotation/x/rule.rego:31: walk ...
func (p Problem) String() string {
	s := p.File
	if p.Line > 0 {
		s += fmt.Sprintf(":%d", p.Line)
	}
	if p.Warning {
		return s + ": warning: " + p.Text
	}
	return s + ": " + p.Text
}

func sortProblems(ps []Problem) []Problem {
	slices.SortFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(ps)
}

// asProblems takes the mistakes out of a joined error; what is no mistake in a file stays an error.
func asProblems(err error) ([]Problem, error) {
	if err == nil {
		return nil, nil
	}
	if m, ok := err.(*mistake); ok {
		return []Problem{{File: m.file, Line: m.line, Text: m.text}}, nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil, err
	}
	var out []Problem
	var rest []error
	for _, e := range joined.Unwrap() {
		ps, other := asProblems(e)
		out = append(out, ps...)
		rest = append(rest, other)
	}
	return out, errors.Join(rest...)
}

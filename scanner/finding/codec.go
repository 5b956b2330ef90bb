package finding

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Sort orders everything in a result, so that equal content gives equal bytes: findings by severity (worst first), rule,
// resource, part; gaps and coverage by scope.
func (r *Result) Sort() {
	order := func(a, b Finding) int {
		return cmp.Or(-cmp.Compare(a.Severity.Rank(), b.Severity.Rank()), strings.Compare(a.Rule, b.Rule),
			strings.Compare(string(a.Resource.ID), string(b.Resource.ID)), strings.Compare(a.At, b.At), strings.Compare(a.Message, b.Message))
	}
	slices.SortStableFunc(r.Findings, order)
	slices.SortStableFunc(r.Diagnostics, order)
	slices.SortStableFunc(r.Rules, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
	slices.SortStableFunc(r.Tallies, func(a, b Tally) int { return strings.Compare(a.Rule, b.Rule) })
	slices.SortStableFunc(r.Gaps, func(a, b Gap) int {
		return cmp.Or(strings.Compare(string(a.Scope), string(b.Scope)), strings.Compare(a.What, b.What), strings.Compare(a.Call, b.Call))
	})
	slices.SortStableFunc(r.Coverage, func(a, b Coverage) int { return strings.Compare(string(a.Scope), string(b.Scope)) })
}

// ReadResult reads a result file. name stands in errors. The errors are a file that is no result, was cut off, or has another
// major format than ResultFormat.
func ReadResult(in io.Reader, name string) (*Result, error) {
	dec := json.NewDecoder(in)
	dec.DisallowUnknownFields()
	var r Result
	if err := dec.Decode(&r); err != nil {
		return nil, fmt.Errorf("read result %q: %s", name, reason(err))
	}
	if r.Format != ResultFormat {
		return nil, fmt.Errorf("read result %q: its format is %q and this keyreeve reads %q; make it anew with -o json=FILE", name, r.Format, ResultFormat)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read result %q: something follows after the end of the result", name)
	}
	for _, f := range r.Findings {
		if f.Verdict != Fail && f.Verdict != Unknown || f.Severity.Rank() < 0 {
			return nil, fmt.Errorf("read result %q: finding %s has the verdict %q and the severity %q, which no keyreeve writes", name, f.Fingerprint, f.Verdict, f.Severity)
		}
	}
	switch r.Reading {
	case Whole, Partial, Nothing:
		return &r, nil
	}
	return nil, fmt.Errorf("read result %q: reading is %q, which no keyreeve writes", name, r.Reading)
}

// reason says what is wrong with a file in words for those who did not write the decoder.
func reason(err error) string {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		return "the file is empty"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the file is cut off; make it anew with -o json=FILE"
	case errors.As(err, &syntax):
		return fmt.Sprintf("it is no JSON (at byte %d); a result is what -o json=FILE writes", syntax.Offset)
	}
	return strings.TrimPrefix(err.Error(), "json: ") + "; a result is what -o json=FILE writes"
}

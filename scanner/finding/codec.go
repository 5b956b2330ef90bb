package finding

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
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

// peek is how much of a file is looked at to tell what it is.
const peek = 4096

// ReadResult reads a result file, which package report writes; name stands in errors. The errors are a file that is no result,
// was cut off, has another major format than ResultFormat, or holds what no keyreeve writes. Of a file that is refused nothing is
// returned.
func ReadResult(in io.Reader, name string) (*Result, error) {
	r, err := readResult(in)
	if err != nil {
		return nil, fmt.Errorf("read result %q: %w", name, err)
	}
	return r, nil
}

func readResult(in io.Reader) (*Result, error) {
	buffered := bufio.NewReaderSize(in, peek)
	begin, err := buffered.Peek(peek)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	// What format the file has is told first: what else a newer one holds would read as mistakes.
	if format, ok := formatOf(begin); ok && format != ResultFormat {
		return nil, fmt.Errorf("its format is %q and this keyreeve reads %q; make it anew with -o json=FILE", format, ResultFormat)
	}
	dec := json.NewDecoder(buffered)
	dec.DisallowUnknownFields()
	var r Result
	if err := dec.Decode(&r); err != nil {
		return nil, reason(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows after the end of the result; make it anew with -o json=FILE")
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	return &r, nil
}

// formatOf returns the format that a file begins with: its first key, as report writes it.
func formatOf(begin []byte) (string, bool) {
	dec := json.NewDecoder(bytes.NewReader(begin))
	for _, want := range []json.Token{json.Delim('{'), "format"} {
		if got, err := dec.Token(); err != nil || got != want {
			return "", false
		}
	}
	got, err := dec.Token()
	format, ok := got.(string)
	return format, err == nil && ok
}

// check wants the closed sets that exit codes and gates hang on.
func (r *Result) check() error {
	if r.Format != ResultFormat {
		return fmt.Errorf("its format is %q and this keyreeve reads %q; make it anew with -o json=FILE", r.Format, ResultFormat)
	}
	for _, list := range []struct {
		name  string
		there bool
	}{
		{"rules", r.Rules != nil},
		{"tallies", r.Tallies != nil},
		{"findings", r.Findings != nil},
		{"diagnostics", r.Diagnostics != nil},
		{"gaps", r.Gaps != nil},
		{"coverage", r.Coverage != nil},
	} {
		if !list.there { // an empty one is written as []
			return fmt.Errorf("it lacks the list %q; make it anew with -o json=FILE", list.name)
		}
	}
	if r.Reading != Whole && r.Reading != Partial && r.Reading != Nothing {
		return fmt.Errorf("reading is %q, which no keyreeve writes", r.Reading)
	}
	for _, f := range slices.Concat(r.Findings, r.Diagnostics) {
		if f.Resource == nil {
			return fmt.Errorf("finding %q names no resource, which every finding of keyreeve does", f.Fingerprint)
		}
		if f.Verdict != Fail && f.Verdict != Unknown || f.Severity.Rank() < 0 {
			return fmt.Errorf("finding %q has the verdict %q and the severity %q, which no keyreeve writes", f.Fingerprint, f.Verdict, f.Severity)
		}
	}
	if c := r.Summary.Compared; c != nil && c.Reading != "" && c.Reading != r.readingOfChange() {
		return errors.New("its comparison is not that of its gaps, so it was edited; make it anew with -o json=FILE")
	}
	said := r.Summary
	if r.Summarize(); !reflect.DeepEqual(said, r.Summary) {
		return errors.New("its summary is not that of its findings, so it was edited; make it anew with -o json=FILE")
	}
	return nil
}

// reason says what is wrong with a file in words for those who did not write the decoder.
func reason(err error) error {
	const made = "; a result is what -o json=FILE writes"
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("the file is empty" + made)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the file is cut off; make it anew with -o json=FILE")
	case errors.As(err, &syntax):
		return fmt.Errorf("it is no JSON (at byte %d)%s", syntax.Offset, made)
	}
	return errors.New(strings.TrimPrefix(err.Error(), "json: ") + made)
}

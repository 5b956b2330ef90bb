package report

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

//go:generate go test . -run ^TestResultSchemaIsCurrent$ -update

// writeJSON writes the result as its Go type says (finding.Result; result.schema.json describes it), a row of a list on a
// line, so that two results can be compared line by line and a large one is never held in memory as text.
func writeJSON(w io.Writer, v *view, _ Options) error {
	lists := map[string]any{
		"findings": v.findings, "diagnostics": v.diagnostics, "gaps": v.gaps,
		"coverage": v.coverage, "rules": v.rules, "tallies": v.tallies,
	}
	out := &jsonWriter{w: w}
	out.text("{")
	result := reflect.ValueOf(v.Result).Elem()
	for i, field := range reflect.VisibleFields(result.Type()) {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		value := result.FieldByIndex(field.Index)
		if strings.Contains(options, "omitzero") && value.IsZero() {
			continue
		}
		if i > 0 {
			out.text(",")
		}
		out.text("\n\"" + name + "\": ")
		if ordered, ok := lists[name]; ok {
			value = reflect.ValueOf(ordered)
		}
		if value.Kind() == reflect.Slice {
			out.rows(value)
		} else {
			out.value(value.Interface())
		}
	}
	out.text("\n}\n")
	return out.err
}

// A jsonWriter writes pieces of JSON and keeps the first error.
type jsonWriter struct {
	w   io.Writer
	buf bytes.Buffer
	err error
}

func (j *jsonWriter) text(s string) {
	if j.err == nil {
		_, j.err = io.WriteString(j.w, s)
	}
}

// value writes one value without white space, and < > & as they are: nobody pastes a report into a script element.
func (j *jsonWriter) value(v any) {
	if j.err != nil {
		return
	}
	j.buf.Reset()
	enc := json.NewEncoder(&j.buf)
	enc.SetEscapeHTML(false)
	if j.err = enc.Encode(stated(v)); j.err == nil {
		_, j.err = j.w.Write(bytes.TrimSuffix(j.buf.Bytes(), []byte("\n")))
	}
}

func (j *jsonWriter) rows(list reflect.Value) {
	j.text("[")
	for i := range list.Len() {
		if i > 0 {
			j.text(",")
		}
		j.text("\n  ")
		j.value(list.Index(i).Interface())
	}
	if list.Len() > 0 {
		j.text("\n")
	}
	j.text("]")
}

// stated turns a nil list or map that the format always has into an empty one: readers need not tell null from [].
func stated(v any) any {
	switch t := v.(type) {
	case *finding.Rule:
		if t.AppliesTo == nil {
			rule := *t
			rule.AppliesTo = []string{}
			return &rule
		}
	case finding.Summary:
		if t.BySeverity == nil {
			t.BySeverity = map[finding.Severity]int{}
		}
		return t
	}
	return v
}

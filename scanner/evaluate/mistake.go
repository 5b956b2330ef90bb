package evaluate

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// A mistake is something wrong in a file of rules, with its place.
type mistake struct {
	file string
	line int // from 1; 0 when the place is not known
	text string
}

// Error reads: read rule "rotation/x/rule.rego": line 4: unknown key "titel", did you mean "title"?
func (m *mistake) Error() string {
	if m.line == 0 {
		return fmt.Sprintf("read rule %q: %s", m.file, m.text)
	}
	return fmt.Sprintf("read rule %q: line %d: %s", m.file, m.line, m.text)
}

// explainRego turns the parser's and the compiler's errors into mistakes with file and line.
func explainRego(err error) error {
	var list ast.Errors
	if !errors.As(err, &list) {
		return err
	}
	seen := map[string]bool{}
	var out []error
	for _, e := range list {
		m := explainOne(e)
		if !seen[m.Error()] {
			seen[m.Error()] = true
			out = append(out, m)
		}
	}
	return errors.Join(out...)
}

func explainOne(e *ast.Error) *mistake {
	m := &mistake{text: localVars.ReplaceAllString(e.Message, "a value")}
	if e.Location != nil {
		m.file, m.line = e.Location.File, e.Location.Row
	}
	if m.text == "match error" {
		m.text = "the two sides have different types, so they are never equal"
	}
	if d, ok := e.Details.(*ast.RefErrInvalidDetail); ok && d.Pos < len(d.Ref) {
		if word, ok := d.Ref[d.Pos].Value.(ast.String); ok {
			known := make([]string, 0, len(d.OneOf))
			for _, v := range d.OneOf {
				known = append(known, strings.Trim(v.String(), `"`))
			}
			m.text = fmt.Sprintf("%s has no such field: %s", prefixText(d.Ref[:d.Pos]), unknown("field", string(word), known))
		}
	}
	return m
}

func prefixText(r ast.Ref) string {
	if v, ok := r[0].Value.(ast.Var); ok && v.IsGenerated() {
		return "the value"
	}
	return r.String()
}

var localVars = regexp.MustCompile(`__local\d+__`)

// unknown says that there is no such thing, and which known one is nearest; where none is near, which there are.
func unknown(what, word string, known []string) string {
	s := strictyaml.Unknown(what, word, known)
	if strictyaml.Nearest(word, known) == "" && len(known) > 0 {
		sorted := slices.Sorted(slices.Values(known))
		s += "; there are " + strings.Join(sorted, ", ")
	}
	return s
}

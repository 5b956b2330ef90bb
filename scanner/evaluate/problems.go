package evaluate

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

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
	if d, ok := e.Details.(*ast.RefErrInvalidDetail); ok && d.Pos < len(d.Ref) {
		if word, ok := d.Ref[d.Pos].Value.(ast.String); ok {
			known := make([]string, 0, len(d.OneOf))
			for _, v := range d.OneOf {
				known = append(known, strings.Trim(v.String(), `"`))
			}
			m.text = fmt.Sprintf("%s has no such field: %s", prefixText(d.Ref[:d.Pos]), strictyaml.Unknown("field", string(word), known))
			if strictyaml.Nearest(string(word), known) == "" && len(known) > 0 {
				m.text += "; there are " + strings.Join(known, ", ")
			}
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

package workflows

import (
	"maps"
	"regexp"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// An origin is where a value comes from: a way of handing over, "" where that cannot be told, and the text of a literal.
type origin struct{ via, text string }

// A scope is what expressions see at some place: variables, and in an action its inputs.
type scope struct {
	file   string // that the place is in
	prefix string // of the names of places in an action: the step that uses it
	env    map[string]origin
	inputs map[string]origin // nil: those of a workflow, which somebody sets by hand or in another workflow
}

// with adds the variables of maps to those in sight.
func (s scope) with(list ...*yamlnode.Node) scope {
	env := maps.Clone(s.env)
	if env == nil {
		env = map[string]origin{}
	}
	for _, m := range list {
		m.Each(func(key string, _, v *yamlnode.Node) {
			text, _ := v.Str()
			env[key] = s.origin(text)
		})
	}
	s.env = env
	return s
}

// line is where a node stands, 0 for one in another file than the job.
func (s scope) line(file string, n *yamlnode.Node) int {
	if s.file != file || n == nil {
		return 0
	}
	return n.Line
}

func (s scope) called(place string) string { return s.prefix + place }

var (
	expression = regexp.MustCompile(`(?s)\$\{\{(.*?)\}\}`)
	secretName = regexp.MustCompile(`(?i)\bsecrets(?:\.([A-Za-z_][A-Za-z0-9_-]*)|\[\s*'([^']*)'\s*\])`)
	allSecrets = regexp.MustCompile(`(?i)(?:^|[^\w.-])secrets(?:[^\w-]|$)`)
	quoted     = regexp.MustCompile(`'[^']*'`)
	ofContext  = regexp.MustCompile(`(?i)\b(vars|env|inputs|matrix|steps|needs|jobs)\.([A-Za-z_][A-Za-z0-9_-]*)`)
)

// origin says where the text of a workflow comes from. The names of contexts are read without regard to case, as GitHub does.
func (s scope) origin(text string) origin {
	if !strings.Contains(text, "${{") {
		return origin{staticcred.Literal, text}
	}
	for _, e := range expression.FindAllStringSubmatch(text, -1) {
		inner := strings.TrimSpace(e[1])
		if secretName.MatchString(inner) {
			return origin{via: staticcred.Secret}
		}
		if madeUp(inner) {
			return origin{}
		}
		c := ofContext.FindStringSubmatch(inner)
		if c == nil {
			continue
		}
		switch strings.ToLower(c[1]) {
		case "vars", "matrix":
			return origin{via: staticcred.Variable}
		case "env":
			return s.env[c[2]] // one that an earlier step set is not in sight, and of no known origin
		case "inputs":
			if s.inputs == nil {
				return origin{via: staticcred.Variable}
			}
			return s.inputs[strings.ToLower(c[2])]
		}
		return origin{}
	}
	return origin{}
}

// madeUp reports whether an expression takes secrets without naming one: all of them, or one by a name that is put together.
func madeUp(inner string) bool {
	return allSecrets.MatchString(quoted.ReplaceAllString(secretName.ReplaceAllString(inner, ""), "''"))
}

// secretNames lists, as variables spell them, the secrets that the expressions of a text name; others says that a text takes some that it does not name.
func secretNames(text string) (named []string, others bool) {
	if !allSecrets.MatchString(text) {
		return nil, false
	}
	for _, e := range expression.FindAllStringSubmatch(text, -1) {
		for _, m := range secretName.FindAllStringSubmatch(e[1], -1) {
			named = append(named, staticcred.As(m[1]+m[2]))
		}
		others = others || madeUp(e[1])
	}
	return named, others
}

package kubernetes

import (
	"regexp"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// pods gathers what the containers of one object are handed.
type pods struct {
	*reader
	object *object
	spec   *yamlnode.Node
	set    staticcred.Set
	called []string // the variables that hand over a credential
}

// stated reports whether a credential was found for certain.
func (p *pods) stated() bool {
	r := inventory.Resource{Workload: &inventory.Workload{}, Location: &inventory.Location{}}
	p.set.State(&r)
	return len(r.Workload.Credentials) > 0
}

// container reads env, envFrom, mounted files and the command of a container. Of two statements of a variable, env goes before envFrom
// and the later of a list before the earlier (API reference of Container).
func (p *pods) container(c *yamlnode.Node) {
	scope := or(c.Get("name"), "container")
	env := variables{}
	for _, e := range items(c.Get("env")) {
		if called, ok := e.Get("name").Str(); ok {
			env[called] = e
		}
	}
	for _, e := range items(c.Get("env")) {
		if called, _ := e.Get("name").Str(); env[called] == e {
			p.variable(c, scope, called, env)
		}
	}
	for _, from := range items(c.Get("envFrom")) {
		p.source(scope, from, "secretRef", "Secret", env)
		p.source(scope, from, "configMapRef", "ConfigMap", env)
	}
	for _, m := range items(c.Get("volumeMounts")) {
		p.mount(scope, m)
	}
	command, args := c.Get("command"), c.Get("args")
	p.command(scope, env, command, args)
	for _, at := range executed {
		p.command(scope, env, c.Get(at...))
	}
}

// executed is where a container states commands that are run in it beside its own.
var executed = [][]string{
	{"lifecycle", "postStart", "exec", "command"},
	{"lifecycle", "preStop", "exec", "command"},
	{"livenessProbe", "exec", "command"},
	{"readinessProbe", "exec", "command"},
	{"startupProbe", "exec", "command"},
}

// variables are the entries of env by name.
type variables map[string]*yamlnode.Node

func (p *pods) variable(c *yamlnode.Node, scope, called string, env variables) {
	e := env[called]
	via, text := env.origin(called, 0)
	if key := or(e.Get("valueFrom", "secretKeyRef", "key"), ""); !staticcred.Named(called) && staticcred.Named(staticcred.As(key)) {
		called = staticcred.As(key)
	}
	h := staticcred.Handed{Scope: scope, Name: called, Via: via, Value: text, Line: e.Line}
	if staticcred.Named(called) {
		p.called = append(p.called, or(e.Get("name"), ""))
	}
	configured := e.Get("valueFrom", "configMapKeyRef")
	if configured != nil {
		all := p.keysOf(p.object.file, "ConfigMap", p.object.namespace, or(configured.Get("name"), ""))
		h.Via, h.Value = all.handed(called, or(configured.Get("key"), ""), via)
	}
	from := e.Get("valueFrom")
	switch {
	case via == "" && text == "" && from.Get("fieldRef") == nil && from.Get("resourceFieldRef") == nil && from != nil:
		p.set.Add(h)
	case via == "" && text == "": // a field of the pod itself
	case staticcred.FileNamed(called) && via == staticcred.Literal:
		p.file(c, h)
	default:
		p.set.Add(h)
	}
}

// kubeReference is $(NAME) in a value or an argument: another variable of the container.
var kubeReference = regexp.MustCompile(`\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)`)

// origin says how a variable is handed over, and its text where it is a literal. Both are empty for what is no credential.
func (env variables) origin(called string, depth int) (via, text string) {
	e := env[called]
	from := e.Get("valueFrom")
	switch {
	case from.Get("secretKeyRef") != nil:
		return staticcred.Secret, ""
	case from.Get("configMapKeyRef") != nil:
		return staticcred.Variable, ""
	case from != nil:
		return "", ""
	}
	text, ok := e.Get("value").Str()
	switch m := kubeReference.FindStringSubmatch(strings.ReplaceAll(text, "$$", "")); {
	case !ok && e.Get("value") != nil && e.Get("value").Kind >= yamlnode.List:
		return staticcred.Variable, "" // an unquoted {{ template }} reads as a map
	case m != nil && env[m[1]] != nil && m[1] != called && depth < len(env):
		return env.origin(m[1], depth+1)
	case m != nil && env[m[1]] == nil: // of an envFrom, or of the image
		return "", text
	case stored(text):
		return staticcred.Secret, ""
	case filled(text):
		return staticcred.Variable, ""
	}
	return staticcred.Literal, text
}

// source reads an envFrom: all keys of a Secret or ConfigMap are variables.
func (p *pods) source(scope string, from *yamlnode.Node, field, kind string, env variables) {
	ref := from.Get(field)
	if ref == nil {
		return
	}
	via := staticcred.Secret
	if kind == "ConfigMap" {
		via = staticcred.Variable
	}
	called, prefix := or(ref.Get("name"), ""), or(from.Get("prefix"), "")
	all := p.keysOf(p.object.file, kind, p.object.namespace, called)
	for _, k := range all.keys {
		if env[prefix+k] == nil {
			how, text := all.handed(prefix+k, k, via)
			p.set.Add(staticcred.Handed{Scope: scope, Name: prefix + k, Via: how, Value: text, Line: from.Line})
		}
	}
	if all.open {
		p.set.Open("the keys of the " + kind + " " + called + " are not in these files")
	}
}

// command reads a command of a container, whose words stand in one list or several.
func (p *pods) command(scope string, env variables, parts ...*yamlnode.Node) {
	var words []string
	line := 0
	for _, n := range parts {
		list, _ := n.Strings()
		words = append(words, list...)
		if line == 0 && n != nil {
			line = n.Line
		}
	}
	if len(words) == 0 {
		return
	}
	text := kubeReference.ReplaceAllStringFunc(strings.Join(words, " "), func(ref string) string {
		if called := ref[2 : len(ref)-1]; env[called] != nil {
			return "${" + called + "}"
		}
		return ref // the output of a command
	})
	p.set.Script(scope, text, line, func(word string) string {
		if !strings.Contains(word, "$") {
			return staticcred.Argument
		}
		called := strings.Trim(word, "${}")
		if env[called] == nil {
			return staticcred.Variable
		}
		via, _ := env.origin(called, 0)
		return via
	})
}

package cloudformation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// A template resolves the values of one template. What it has resolved once it keeps.
type template struct {
	source     *yamlnode.Node // as it is written
	root       *yamlnode.Node // with its loops written out
	begun      bool
	callers    []caller          // the resources of the tree that deploy it
	followed   map[string]bool   // its resources that deploy another template of the tree
	types      map[string]string // of resources, by logical ID
	parameters map[string]value
	conditions map[string]truth
	asked      int // conditions that are being resolved
	turned     int // turns of loops
	work       int
	notes      []note
}

// Bounds on what a template may ask for: AWS takes templates of 1 MB, and no text in one can be longer.
const (
	maxText = 1 << 20
	maxWork = 256 << 20 // bytes of values and texts made
	maxAsks = 500       // conditions within conditions

	valueBytes = 200 // that a value takes by itself
)

func newTemplate(root *yamlnode.Node) *template {
	return &template{
		source: root, root: root, types: map[string]string{}, parameters: map[string]value{}, conditions: map[string]truth{}, followed: map[string]bool{},
	}
}

// scratch is a template by itself, of which nothing is kept: no other one deploys it.
func scratch(root *yamlnode.Node) *template {
	t := newTemplate(root)
	t.begun = true
	return t
}

// begin writes out the loops, once all is known that deploys the template: they may rest on what it is given.
func (t *template) begin() {
	if t.begun {
		return
	}
	t.begun = true
	root := t.source
	names, _ := root.Get("Transform").Strings()
	if slices.Contains(names, "AWS::LanguageExtensions") {
		t.root = t.withoutLoops(root)
	}
	t.root.Get("Resources").Each(func(id string, _, r *yamlnode.Node) {
		t.types[id], _ = r.Get("Type").Str()
	})
	for _, name := range names {
		if !strings.HasPrefix(name, "AWS::") || name == "AWS::Include" {
			t.note(root.Get("Transform"), fmt.Sprintf("the macro %q may change what is declared", name))
		}
	}
	if n := root.Get("Transform"); n != nil && len(names) == 0 {
		t.note(n, "a macro may change what is declared")
	}
	if n := root.Get("Fn::Transform"); n != nil {
		t.note(n, "Fn::Transform may add to what is declared")
	}
}

// note tells what is not resolved, and the types of resources that it may hide: all where none is given.
func (t *template) note(at *yamlnode.Node, why string, hides ...string) {
	if len(hides) == 0 {
		hides = types
	}
	t.notes = append(t.notes, note{at.Line, why, hides})
}

// spend counts work, and is false when there was too much of it.
func (t *template) spend(n int) bool {
	t.work += n
	return t.work <= maxWork
}

// eval resolves a node.
func (t *template) eval(n *yamlnode.Node) value {
	if n == nil {
		return value{}
	}
	if !t.spend(valueBytes + len(n.Text)) {
		return value{form: open, why: "the template asks for too much", node: n}
	}
	v := t.resolve(n)
	v.node = n
	return v
}

func (t *template) resolve(n *yamlnode.Node) value {
	if name, arg, ok := call(n); ok {
		return t.call(n, name, arg)
	}
	switch n.Kind {
	case yamlnode.Null:
		return opened("it is null, which CloudFormation refuses")
	case yamlnode.List:
		v := value{form: list}
		for _, item := range n.Items {
			if e := t.eval(item); e.form != absent {
				v.items = append(v.items, e)
			}
		}
		return v
	case yamlnode.Map:
		v := value{form: object}
		n.Each(func(key string, k, inner *yamlnode.Node) {
			if strings.HasPrefix(key, "Fn::") {
				v.more = key + " adds to it"
				t.note(k, key+" is not resolved")
				return
			}
			if e := t.eval(inner); e.form != absent {
				v.pairs = append(v.pairs, pair{key, k, e})
			}
		})
		return v
	}
	return dynamic(n.Text)
}

// call recognises an intrinsic function, in its short form (!Sub) and its full form ({"Fn::Sub": ...}).
func call(n *yamlnode.Node) (name string, arg *yamlnode.Node, ok bool) {
	if n.Tag != "" {
		bare := *n
		bare.Tag = ""
		return strings.TrimPrefix(n.Tag, "!"), &bare, true
	}
	if n.Kind != yamlnode.Map || len(n.Keys) != 1 {
		return "", nil, false
	}
	key := n.Keys[0].Text
	name, isFn := strings.CutPrefix(key, "Fn::")
	return name, n.Values[0], isFn || key == "Ref"
}

const resolvedLater = "a dynamic reference is resolved at deployment"

// dynamic is a scalar as CloudFormation takes it: {{resolve:...}} is filled in from a parameter store or a secret at deployment.
func dynamic(s string) value {
	const begin, end = "{{resolve:", "}}"
	if !strings.Contains(s, begin) {
		return plain(s)
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, begin)
		b.WriteString(before)
		if !found {
			break
		}
		if _, s, found = strings.Cut(rest, end); !found {
			b.WriteString(begin + rest)
			break
		}
		b.WriteString(awspolicy.Unknown)
	}
	return value{form: text, text: b.String(), why: resolvedLater}
}

// parameter is what a parameter has by Default, or what the templates of the tree that deploy this one give it.
func (t *template) parameter(name string) (value, bool) {
	p := t.root.Get("Parameters", name)
	if p == nil {
		return value{}, false
	}
	if v, ok := t.parameters[name]; ok {
		return v, true
	}
	t.parameters[name] = opened(fmt.Sprintf("the parameter %q rests on itself", name)) // until it is known
	v := t.handed(name, p, t.byDefault(name, p))
	t.parameters[name] = v
	return v, true
}

// fromStore begins the type of a parameter whose value is the name of another in the parameter store.
const fromStore = "AWS::SSM::Parameter::Value"

func (t *template) byDefault(name string, p *yamlnode.Node) value {
	typ, _ := p.Get("Type").Str()
	many := isMany(p)
	fallback, stated := p.Get("Default").Str()
	var why string
	switch {
	case strings.HasPrefix(typ, fromStore):
		why = fmt.Sprintf("the parameter %q is read from the parameter store at deployment", name)
	case p.Get("Default") == nil:
		why = fmt.Sprintf("the parameter %q has no Default", name)
	case !stated:
		return opened(fmt.Sprintf("the Default of the parameter %q is no text", name))
	case many:
		return t.parts(fallback, ",", strings.TrimSpace)
	default:
		return dynamic(fallback)
	}
	if many {
		return opened(why)
	}
	return unknown(why)
}

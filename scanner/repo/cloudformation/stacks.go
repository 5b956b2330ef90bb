package cloudformation

import (
	"fmt"
	"path"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// stacks are the types whose resources stand in another template, by the property that says where.
var stacks = map[string]string{
	"AWS::CloudFormation::Stack":    "TemplateURL",
	"AWS::CloudFormation::StackSet": "TemplateURL",
	"AWS::Serverless::Application":  "Location",
}

// A caller is a resource of one template that deploys another template of the tree.
type caller struct {
	from *template
	id   string         // of the resource
	node *yamlnode.Node // the resource
	// certain is false where the place is a URL, or made of parts: a template of the tree has the same name and may be the one.
	certain bool
}

// connect lets templates, by the paths of their files, know the resources that deploy them.
func connect(templates map[string]*template, files []string) {
	for _, file := range files {
		from := templates[file]
		eachStack("", from.source.Get("Resources"), func(id string, r *yamlnode.Node) {
			typ, _ := r.Get("Type").Str()
			place := r.Get("Properties", stacks[typ])
			if to := templates[local(file, place)]; to != nil {
				to.callers = append(to.callers, caller{from, id, r, true})
				from.followed[id] = true
				return
			}
			for _, other := range alike(scratch(from.source).eval(place), files) {
				if other != file {
					to := templates[other]
					to.callers = append(to.callers, caller{from, id, r, false})
				}
			}
		})
	}
}

// eachStack visits the resources that deploy a template, those within loops too.
func eachStack(id string, n *yamlnode.Node, visit func(id string, r *yamlnode.Node)) {
	if n == nil {
		return
	}
	if typ, _ := n.Get("Type").Str(); stacks[typ] != "" && n.Get("Properties") != nil {
		visit(id, n)
		return
	}
	n.Each(func(key string, _, v *yamlnode.Node) { eachStack(key, v, visit) })
	for _, item := range n.Items {
		eachStack(id, item, visit)
	}
}

// local is the path of a template that is named by a path, from the file that names it ("aws cloudformation package" uploads it).
func local(file string, place *yamlnode.Node) string {
	s, ok := place.Str()
	if !ok || place.Tag != "" || strings.Contains(s, "://") {
		return ""
	}
	return path.Join(path.Dir(file), s)
}

// alike are the files whose paths end as a URL does, or a path that leads elsewhere: of several, those that share most of its end.
func alike(v value, files []string) []string {
	if v.form != text {
		return nil
	}
	url, _, _ := strings.Cut(v.text, "?")
	best := 1
	var out []string
	for _, file := range files {
		switch n := shared(file, url); {
		case n > best:
			best, out = n, []string{file}
		case n == best:
			out = append(out, file)
		}
	}
	return out
}

// shared counts the last parts that two paths have in common.
func shared(a, b string) int {
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < len(as) && n < len(bs) && as[len(as)-1-n] == bs[len(bs)-1-n] {
		n++
	}
	return n
}

// handed is what the templates of the tree that deploy this one make of a parameter: their value where all agree, or the fallback.
// CloudFormation takes the Default of a parameter that a call does not state.
func (t *template) handed(name string, p *yamlnode.Node, fallback value) value {
	var all []value
	sure := false
	for _, c := range t.callers {
		c.from.begin()
		if name, ok := c.node.Get("Condition").Str(); ok && c.from.condition(name).is == no {
			continue
		}
		if given := c.parameter(name); given.form != absent {
			all = append(all, t.typed(name, p, given))
		} else {
			all = append(all, fallback)
		}
		sure = sure || c.certain
	}
	if len(all) == 0 || !sure { // it may also be deployed by itself
		all = append(all, fallback)
	}
	for _, v := range all[1:] {
		if !same(v, all[0]) {
			return differing(name, p, all)
		}
	}
	return all[0]
}

// same reports whether two values are resolved and equal.
func same(a, b value) bool {
	return a.form == b.form && a.reason() == "" && b.reason() == "" && a.asJSON() == b.asJSON()
}

// differing is a parameter of which the templates that deploy this one make several things.
func differing(name string, p *yamlnode.Node, all []value) value {
	why := fmt.Sprintf("the stacks of this repository that deploy the template give the parameter %q different values", name)
	for _, v := range all {
		if v.reason() != "" {
			why = v.reason()
			break
		}
	}
	if isMany(p) {
		return opened(why)
	}
	return unknown(why)
}

// parameter is what a call states of a parameter.
func (c *caller) parameter(name string) value {
	t := c.from
	stated := c.node.Get("Properties", "Parameters")
	if overrides := c.node.Get("Properties", "StackInstancesGroup"); overrides != nil && mentions(overrides, name) {
		return opened(fmt.Sprintf("some stacks of %q have values of their own", c.id))
	}
	if one := stated.Get(name); one != nil && stated.Tag == "" {
		return t.eval(one)
	}
	all := t.eval(stated)
	if all.form == list { // of a stack set: pairs of ParameterKey and ParameterValue
		out := value{}
		for _, item := range all.items {
			key, ok := item.get("ParameterKey").known()
			switch {
			case !ok:
				return opened(fmt.Sprintf("a parameter that %q sets has no name that is known", c.id))
			case key == name:
				out = item.get("ParameterValue")
			}
		}
		all = value{form: object, pairs: []pair{{key: name, value: out}}}
	}
	return all.get(name)
}

// typed is a value that a call gives, as the parameter takes it. The resources that it comes from are another template's.
func (t *template) typed(name string, p *yamlnode.Node, given value) value {
	typ, _ := p.Get("Type").Str()
	s, known := given.known()
	switch {
	case strings.HasPrefix(typ, fromStore):
		return t.byDefault(name, p)
	case given.form == list && isMany(p) && given.reason() == "":
		return given
	case isMany(p) && known:
		return t.parts(s, ",", strings.TrimSpace)
	case isMany(p) || given.form != text:
		return opened(given.reason())
	}
	return value{form: text, text: given.text, some: given.some, why: given.why}
}

func isMany(p *yamlnode.Node) bool {
	typ, _ := p.Get("Type").Str()
	return strings.HasPrefix(typ, "List<") || strings.Contains(typ, "<List<") || strings.Contains(typ, "CommaDelimitedList")
}

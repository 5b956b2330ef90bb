package cloudformation

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// A handing gathers what one function or task is handed.
type handing struct {
	*mapping
	set   staticcred.Set
	named map[[2]string]bool // scope and variable stated so far: the first statement wins
}

func (m *mapping) handing() *handing {
	return &handing{mapping: m, named: map[[2]string]bool{}}
}

// workload declares the workload that a block stands for. Its place is its first credential.
func (h *handing) workload(b *block, typ, property string) {
	d := h.part(b, typ, "", b.props)
	d.named(property)
	d.r.Workload = &inventory.Workload{}
	h.set.State(d.r)
}

// lambdaFunction reads the variables of a function. Those that SAM's section Globals states hold where the function has none of the name.
func lambdaFunction(m *mapping, b *block) {
	h := m.handing()
	h.variables(b.props.get("Environment").get("Variables"))
	if b.typ == samFunction {
		h.variables(m.template.eval(m.template.root.Get("Globals", "Function", "Environment", "Variables")))
	}
	h.workload(b, "aws.lambda.function", "FunctionName")
}

func (h *handing) variables(v value) {
	if v.form != object && v.form != absent {
		h.set.Open("Environment: " + v.reason())
	}
	for _, p := range v.pairs {
		h.variable("Environment", p.key, p.at, p.value)
	}
	if v.more != "" {
		h.set.Open("Environment: " + v.more)
	}
}

func (h *handing) variable(scope, name string, at *yamlnode.Node, v value) {
	if h.named[[2]string{scope, name}] {
		return
	}
	h.named[[2]string{scope, name}] = true
	via, text := h.origin(name, v)
	h.set.Add(staticcred.Handed{Scope: scope, Name: name, Via: via, Value: text, Line: line(at)})
}

// origin says how a value is handed over. A Default that cannot be the credential says nothing of the value that a deployment gives.
func (h *handing) origin(name string, v value) (via, literal string) {
	s, known := v.known()
	made := false
	if v.node != nil {
		_, _, made = call(v.node)
	}
	secretKey := func(id string) bool { return h.template.types[id] == "AWS::IAM::AccessKey" }
	switch {
	case v.form == absent: // it is handed nothing
		return staticcred.Literal, ""
	case known && (!made || staticcred.Could(name, s)):
		return staticcred.Literal, s
	case known || v.form != text:
		return "", ""
	case v.why == resolvedLater, slices.ContainsFunc(v.refs, secretKey):
		return staticcred.Secret, ""
	case strings.Contains(v.text, awspolicy.Unknown):
		return staticcred.Variable, ""
	}
	return "", "" // the name of a resource
}

// ecsTask reads the containers of a task: their variables, what they take from a store of secrets, and their commands.
func ecsTask(m *mapping, b *block) {
	h := m.handing()
	all := b.props.get("ContainerDefinitions")
	if all.form != list && all.form != absent {
		h.set.Open("ContainerDefinitions: " + all.reason())
	}
	for _, c := range all.items {
		if c.form != object || c.more != "" {
			h.set.Open("ContainerDefinitions: " + c.reason())
		}
		h.container(c)
	}
	h.workload(b, "aws.ecs.task", "Family")
}

func (h *handing) container(c value) {
	scope, ok := c.get("Name").known()
	if !ok {
		scope = "container"
	}
	h.each(c, "Environment", func(name string, item value) { h.variable(scope, name, item.node, item.get("Value")) })
	h.each(c, "Secrets", func(name string, item value) {
		h.set.Add(staticcred.Handed{Scope: scope, Name: name, Via: staticcred.Secret, Line: line(item.node)})
	})
	if files := c.get("EnvironmentFiles"); files.form == open || len(files.items) > 0 {
		h.set.Open("the files that EnvironmentFiles names are not in these files")
	}
	for _, property := range []string{"EntryPoint", "Command"} {
		h.command(scope, c.get(property))
	}
}

// each visits the items of a list that have a name.
func (h *handing) each(c value, property string, visit func(name string, item value)) {
	all := c.get(property)
	if all.form != list && all.form != absent {
		h.set.Open(property + ": " + all.reason())
	}
	for _, item := range all.items {
		name, ok := item.get("Name").known()
		if !ok {
			h.set.Open(property + ": a name is not known")
			continue
		}
		visit(name, item)
	}
}

func (h *handing) command(scope string, v value) {
	var words []string
	for _, item := range v.items {
		s, ok := item.known()
		if !ok {
			s = "$" // filled in from elsewhere
		}
		words = append(words, s)
	}
	if len(words) == 0 {
		return
	}
	h.set.Script(scope, strings.Join(words, " "), line(v.node), func(word string) string {
		if strings.Contains(word, "$") {
			return staticcred.Variable
		}
		return staticcred.Argument
	})
}

// line is where a node stands; 0 for a value that no node of its own states.
func line(n *yamlnode.Node) int {
	if n == nil {
		return 0
	}
	return n.Line
}

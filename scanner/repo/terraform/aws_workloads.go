package terraform

import (
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
)

// lambdaFunction reads which long-lived credentials a function is handed in its environment.
func lambdaFunction(m *mapping, b *block) {
	d := m.declare(b, "aws.lambda.function", "environment.0.variables")
	d.named("", "function_name")
	d.tags("tags_all", "tags")
	d.r.Workload = &inventory.Workload{Platform: "lambda"}
	set := staticcred.Set{}
	environment, why := d.blockOf("environment")
	if why != "" {
		set.Open(why)
	}
	if environment != nil {
		if v := environment.raw("variables"); v != cty.NilVal {
			if whole := members(v, func(name string, value cty.Value) { handed(&set, "", name, value) }); !whole {
				set.Open(environment.unresolved("variables", v))
			}
		}
	}
	set.State(d.r)
}

// ecsTask reads which long-lived credentials the containers of a task are handed. What a definition of a container holds is told by
// the page ContainerDefinition of the API reference of Amazon ECS.
func ecsTask(m *mapping, b *block) {
	d := m.declare(b, "aws.ecs.task", "container_definitions")
	d.named("", "family")
	d.tags("tags_all", "tags")
	d.r.Workload = &inventory.Workload{Platform: "ecs"}
	set := staticcred.Set{}
	v := d.raw("container_definitions")
	list, ok := cty.NilVal, false
	if v != cty.NilVal {
		if list, ok = decoded(v); !ok {
			if text, known := d.text("container_definitions"); known {
				list, ok = readJSON(text)
			}
		}
	}
	if !ok || !elements(list, func(c cty.Value) bool { return container(&set, c) }) {
		set.Open(d.unresolved("container_definitions", v))
	}
	set.State(d.r)
}

// container adds what one container is handed; false where a part of it cannot be told.
func container(set *staticcred.Set, c cty.Value) bool {
	name, whole := "", true
	ok := members(c, func(key string, v cty.Value) {
		if strings.EqualFold(key, "name") {
			name, _ = knownText(v)
		}
	})
	if !ok {
		return false
	}
	members(c, func(key string, list cty.Value) {
		bare, _ := list.Unmark()
		if bare.IsKnown() && bare.IsNull() {
			return
		}
		switch strings.ToLower(key) {
		case "environment":
			whole = elements(list, func(pair cty.Value) bool {
				variable, value := entryOf(pair, "value")
				handed(set, name, variable, value)
				return variable != ""
			}) && whole
		case "secrets":
			whole = elements(list, func(pair cty.Value) bool {
				variable, _ := entryOf(pair, "valueFrom")
				set.Add(staticcred.Handed{Scope: name, Name: variable, Via: staticcred.Secret})
				return variable != ""
			}) && whole
		case "environmentfiles":
			whole = elements(list, func(cty.Value) bool { return false }) && whole // files in S3
		}
	})
	return whole
}

// entryOf is the name and the value of an entry of a list of variables; the name is "" where it is not known.
func entryOf(pair cty.Value, key string) (name string, value cty.Value) {
	value = cty.NilVal
	members(pair, func(k string, v cty.Value) {
		switch {
		case strings.EqualFold(k, "name"):
			name, _ = knownText(v)
		case strings.EqualFold(k, key):
			value = v
		}
	})
	return name, value
}

// handed adds a variable of an environment. What a variable of Terraform or another resource will give is handed over all the same.
func handed(set *staticcred.Set, scope, name string, v cty.Value) {
	if v == cty.NilVal {
		return
	}
	h := staticcred.Handed{Scope: scope, Name: name}
	bare, marks := v.Unmark()
	_, mixed := marks[Mixed{}]
	switch text, known := asText(bare); {
	case known:
		h.Via, h.Value = staticcred.Literal, text
	case bare.IsKnown(): // null, or nothing that a variable may hold
		return
	case len(reasons(marks)) > 0 && !mixed && !disputed(v):
		h.Via = staticcred.Variable
	}
	set.Add(h)
}

// members gives the members of an object or map to a function; false where it is not known which there are.
func members(v cty.Value, do func(name string, value cty.Value)) bool {
	bare, marks := v.Unmark()
	if ty := bare.Type(); !bare.IsKnown() || bare.IsNull() || !ty.IsObjectType() && !ty.IsMapType() {
		return bare.IsKnown() && bare.IsNull()
	}
	for it := bare.ElementIterator(); it.Next(); {
		k, item := it.Element()
		key, _ := k.Unmark()
		do(key.AsString(), item.WithMarks(marks))
	}
	return true
}

// elements gives the elements of a list to a function; false where it is not known which there are, or the function says so of one.
func elements(v cty.Value, do func(cty.Value) bool) bool {
	bare, marks := v.Unmark()
	if ty := bare.Type(); !bare.IsKnown() || bare.IsNull() || !ty.IsTupleType() && !ty.IsListType() && !ty.IsSetType() {
		return false
	}
	whole := true
	for it := bare.ElementIterator(); it.Next(); {
		_, item := it.Element()
		whole = do(item.WithMarks(marks)) && whole
	}
	return whole
}

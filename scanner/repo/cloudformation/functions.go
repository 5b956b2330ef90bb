package cloudformation

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// call resolves an intrinsic function. What it is given is resolved first, where the function takes values.
func (t *template) call(n *yamlnode.Node, name string, arg *yamlnode.Node) value {
	malformed := opened("Fn::" + name + " is given something else than it takes")
	switch name {
	case "Ref":
		if id, ok := arg.Str(); ok {
			return t.ref(id)
		}
		return malformed
	case "GetAtt":
		return t.getAtt(arg)
	case "If":
		if condition, ok := first(arg).Str(); ok && len(arg.Items) == 3 {
			return t.choose(condition, arg.Items[1], arg.Items[2])
		}
		return malformed
	case "Sub":
		return t.sub(arg)
	case "FindInMap":
		return t.findInMap(arg)
	case "ImportValue":
		v := unknown("another stack exports it")
		v.some = true // CloudFormation exports no empty text
		return v
	case "GetAZs", "Cidr":
		return opened("Fn::" + name + " is known at deployment only")
	}
	given := t.eval(arg)
	switch name {
	case "Join":
		return t.join(given, malformed)
	case "Select":
		return choice(given, malformed)
	case "Split":
		return t.split(given, malformed)
	case "Base64":
		if s, ok := given.known(); ok {
			return plain(base64.StdEncoding.EncodeToString([]byte(s)))
		}
		return value{form: text, text: awspolicy.Unknown, why: given.reason(), refs: given.refs}
	case "ToJsonString":
		v := value{form: text, text: given.asJSON(), why: given.reason()}
		if given.form == open || !t.spend(len(v.text)) || len(v.text) > maxText {
			return opened(given.reason())
		}
		return v
	case "Length":
		if given.form == list && given.reason() == "" {
			return plain(strconv.Itoa(len(given.items)))
		}
		return opened("the length of a list is not known")
	}
	t.note(n, "Fn::"+name+" is not resolved")
	return opened("Fn::" + name + " is not resolved")
}

func first(n *yamlnode.Node) *yamlnode.Node {
	if n == nil || len(n.Items) == 0 {
		return nil
	}
	return n.Items[0]
}

// ref is what Ref returns of a pseudo parameter, a parameter or a resource.
func (t *template) ref(id string) value {
	switch id {
	case "AWS::NoValue":
		return value{}
	case "AWS::AccountId", "AWS::Region", "AWS::Partition", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix":
		return computed(id + " is known at deployment only")
	case "AWS::NotificationARNs":
		return opened(id + " is known at deployment only")
	}
	if v, ok := t.parameter(id); ok {
		return v
	}
	return t.resource(id, "Ref")
}

// getAtt is what a resource returns: {"Fn::GetAtt": ["Key", "Arn"]}, !GetAtt Key.Arn.
func (t *template) getAtt(arg *yamlnode.Node) value {
	if s, ok := arg.Str(); ok {
		id, attribute, _ := strings.Cut(s, ".")
		return t.resource(id, attribute)
	}
	id, ok := first(arg).Str()
	if !ok || len(arg.Items) != 2 {
		return opened("Fn::GetAtt is given something else than it takes")
	}
	attribute, _ := arg.Items[1].Str()
	return t.resource(id, attribute)
}

// resource is what an attribute of a resource will be: a name, but of nested stacks and custom resources anything.
func (t *template) resource(id, attribute string) value {
	typ, declared := t.types[id]
	why := fmt.Sprintf("what %q will be is known after deployment", id)
	outside := typ == "AWS::CloudFormation::Stack" || typ == "AWS::CloudFormation::CustomResource" || !strings.HasPrefix(typ, "AWS::")
	switch {
	case !declared && attribute == "Arn":
		return computed(why) // a transform declares it, such as the role of a function
	case !declared:
		return unknown(fmt.Sprintf("%q is not declared in this template", id))
	case outside && attribute != "Ref":
		v := unknown(why)
		v.refs = []string{id}
		return v
	}
	return computed(why, id)
}

// choose is Fn::If. Where the condition cannot be told, both values are looked at: they may be the same. Two that are not known, such
// as the names of two resources, are not, although one marker stands for both.
func (t *template) choose(condition string, then, otherwise *yamlnode.Node) value {
	switch holds := t.condition(condition); holds.is {
	case yes:
		return t.eval(then)
	case no:
		return t.eval(otherwise)
	default:
		a, b := t.eval(then), t.eval(otherwise)
		left := a.asJSON()
		if same := left == b.asJSON(); same && t.spend(len(left)) && !strings.ContainsAny(left, markers) {
			return a
		}
		v := opened(fmt.Sprintf("the condition %q cannot be told: %s", condition, holds.why))
		v.within(a)
		v.within(b)
		return v
	}
}

// sub is Fn::Sub: a text, or a list of it and an object with further names.
func (t *template) sub(arg *yamlnode.Node) value {
	pattern, ok := arg.Str()
	var names value
	if !ok {
		if pattern, ok = first(arg).Str(); !ok || len(arg.Items) != 2 {
			return opened("Fn::Sub is given something else than it takes")
		}
		names = t.eval(arg.Items[1])
	}
	var parts []value
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(pattern, "${")
		b.WriteString(before)
		if !found {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			b.WriteString("${" + rest)
			break
		}
		pattern = after
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			b.WriteString("${" + literal + "}")
			continue
		}
		v := t.named(strings.TrimSpace(name), names)
		if v.form != text {
			v = unknown(v.reason())
		}
		b.WriteString(v.text)
		parts = append(parts, v)
		if b.Len() > maxText || !t.spend(len(v.text)) {
			return opened("a text is too long")
		}
	}
	out := dynamic(b.String())
	out.of(parts)
	return out
}

// named is what ${NAME} stands for.
func (t *template) named(name string, names value) value {
	if v := names.get(name); v.form != absent {
		return v
	}
	if id, attribute, ok := strings.Cut(name, "."); ok {
		return t.resource(id, attribute)
	}
	return t.ref(name)
}

func (t *template) findInMap(arg *yamlnode.Node) value {
	if arg == nil || len(arg.Items) < 3 {
		return opened("Fn::FindInMap is given something else than it takes")
	}
	found := t.root.Get("Mappings")
	if found.Get("Fn::Transform") != nil {
		return opened("Fn::Transform adds to the mappings")
	}
	for _, item := range arg.Items[:3] {
		v := t.eval(item)
		key, ok := v.known()
		if !ok {
			return opened(v.reason())
		}
		found = found.Get(key)
	}
	if found == nil && len(arg.Items) == 4 {
		return t.eval(arg.Items[3].Get("DefaultValue"))
	}
	if found == nil {
		return opened("the mapping has no such key")
	}
	return t.eval(found)
}

func (t *template) join(given, malformed value) value {
	if given.form != list || len(given.items) != 2 {
		return malformed
	}
	by, items := given.items[0], given.items[1]
	delimiter, ok := by.known()
	if !ok {
		return malformed
	}
	if items.form != list { // a list that is not resolved
		return value{form: text, text: awspolicy.Unknown, why: items.reason(), refs: items.refs}
	}
	var parts []value
	var b strings.Builder
	for i, item := range items.items {
		if item.form != text {
			item = unknown(item.reason())
		}
		if i > 0 {
			b.WriteString(delimiter)
		}
		b.WriteString(item.text)
		parts = append(parts, item)
		if b.Len() > maxText || !t.spend(len(delimiter)+len(item.text)) {
			return opened("a text is too long")
		}
	}
	out := dynamic(b.String())
	out.of(parts)
	return out
}

// choice is Fn::Select. An item before the chosen one that may turn out to be none would move it.
func choice(given, malformed value) value {
	if given.form != list || len(given.items) != 2 {
		return malformed
	}
	number, ok := given.items[0].known()
	from := given.items[1]
	if !ok || from.form != list {
		from.from(given.items[0])
		return value{form: open, why: from.reason(), refs: from.refs}
	}
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(from.items) {
		return malformed
	}
	for _, item := range from.items[:i] {
		if item.form == open {
			return item
		}
	}
	return from.items[i]
}

func (t *template) split(given, malformed value) value {
	if given.form != list || len(given.items) != 2 {
		return malformed
	}
	delimiter, ok := given.items[0].known()
	if !ok || delimiter == "" {
		return malformed
	}
	from, ok := given.items[1].known()
	if !ok {
		return value{form: open, why: given.items[1].reason(), refs: given.items[1].refs}
	}
	return t.parts(from, delimiter, func(s string) string { return s })
}

// parts makes a list of a text.
func (t *template) parts(s, delimiter string, each func(string) string) value {
	if n := strings.Count(s, delimiter); !t.spend(valueBytes * n) {
		return opened("a list is too long")
	}
	out := value{form: list}
	for part := range strings.SplitSeq(s, delimiter) {
		out.items = append(out.items, dynamic(each(part)))
	}
	return out
}

package cloudformation

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// loop begins the key of a pair that stands for others, one for each item of a collection:
//
//	Fn::ForEach::LOOP: [IDENTIFIER, [ITEM, ...], {KEY: VALUE}]
//
// ${IDENTIFIER}, &{IDENTIFIER} and {Ref: IDENTIFIER} in key and value are the item, the second without what is no letter or digit.
// Documentation: "Fn::ForEach" of the template reference; it needs the transform AWS::LanguageExtensions.
const loop = "Fn::ForEach::"

// maxTurns is how often the loops of a template may go round before none of them is written out. AWS takes 500 resources a template.
const maxTurns = 10_000

// withoutLoops is a tree in which loops are written out wherever their collection is known. Others stay as they are.
func (t *template) withoutLoops(root *yamlnode.Node) *yamlnode.Node {
	if out := t.unroll(root); t.turned <= maxTurns && t.work <= maxWork {
		return out
	}
	t.work = 0
	return root
}

func (t *template) unroll(n *yamlnode.Node) *yamlnode.Node {
	if len(n.Items) == 0 && len(n.Keys) == 0 || !t.spend(valueBytes) {
		return n
	}
	out := *n
	out.Items = slices.Clone(n.Items)
	for i, item := range n.Items {
		out.Items[i] = t.unroll(item)
	}
	out.Keys, out.Values = nil, nil
	seen := map[string]bool{}
	for i, k := range n.Keys {
		pairs := t.turns(k, n.Values[i])
		if pairs == nil {
			pairs = &yamlnode.Node{Keys: []*yamlnode.Node{k}, Values: []*yamlnode.Node{t.unroll(n.Values[i])}}
		}
		for j, k := range pairs.Keys {
			if s, ok := k.Str(); ok && seen[s] {
				continue // AWS refuses the template
			} else if ok {
				seen[s] = true
			}
			out.Keys, out.Values = append(out.Keys, k), append(out.Values, pairs.Values[j])
		}
	}
	return &out
}

// turns are the pairs that a loop stands for; nil where the pair is no loop, or one that is not resolved.
func (t *template) turns(k, v *yamlnode.Node) *yamlnode.Node {
	if !strings.HasPrefix(k.Text, loop) || len(v.Items) != 3 {
		return nil
	}
	identifier, ok := v.Items[0].Str()
	collection := t.eval(v.Items[1])
	if !ok || collection.form != list {
		return nil
	}
	out := yamlnode.Node{Kind: yamlnode.Map, Line: v.Line, EndLine: v.EndLine}
	for _, item := range collection.items {
		s, known := item.known()
		if !known {
			return nil
		}
		f := filling{t, strings.NewReplacer("${"+identifier+"}", s, "&{"+identifier+"}", alphanumeric(s)), identifier, s}
		if t.turned++; t.turned > maxTurns {
			return nil
		}
		turn := f.fill(v.Items[2])
		out.Keys, out.Values = append(out.Keys, turn.Keys...), append(out.Values, turn.Values...)
	}
	return t.unroll(&out) // loops within the loop
}

// A filling puts an item in the place of an identifier.
type filling struct {
	t                *template
	text             *strings.Replacer
	identifier, item string
}

func (f *filling) fill(n *yamlnode.Node) *yamlnode.Node {
	out := *n
	if name, arg, ok := call(n); ok && name == "Ref" && arg.Text == f.identifier {
		out = yamlnode.Node{Kind: yamlnode.String, Text: f.item, Line: n.Line, Column: n.Column, EndLine: n.EndLine}
		return &out
	}
	out.Text = f.text.Replace(n.Text)
	if !f.t.spend(valueBytes + len(out.Text)) {
		return n
	}
	each := func(list []*yamlnode.Node) []*yamlnode.Node {
		list = slices.Clone(list)
		for i := range list {
			list[i] = f.fill(list[i])
		}
		return list
	}
	out.Items, out.Keys, out.Values = each(n.Items), each(n.Keys), each(n.Values)
	return &out
}

func alphanumeric(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, s)
}

// mentions reports whether a text is one of the scalars of a node.
func mentions(n *yamlnode.Node, text string) bool {
	has := func(n *yamlnode.Node) bool { return mentions(n, text) }
	return n.Text == text || slices.ContainsFunc(n.Items, has) || slices.ContainsFunc(n.Values, has)
}

// Package yamlnode reads YAML and JSON into nodes that know their lines. It is the only importer of go.yaml.in/yaml/v3: that parser
// is the one that keeps tags such as !Ref and the place of each node.
//
// It leaves the meaning of tags and values to the readers of a dialect: "yes" is a string here, as in YAML 1.2.
package yamlnode

import (
	"strings"
)

// Kind says what a node is.
type Kind int

// The kinds. Times, binary values and scalars with a tag of their own (!Ref) are strings.
const (
	Null Kind = iota
	Bool
	Int
	Float
	String
	List
	Map
)

// A Node is a value of a document. Aliases are resolved: the node that an anchor names stands at each of its aliases, once in memory,
// with the lines of the anchor. Merge keys (<<) are resolved too: the merged pairs come after the map's own. So nodes are not to be
// changed.
type Node struct {
	Kind Kind
	Tag  string // "!Ref"; "" for none and for YAML's own
	Text string // of a scalar, as its author means it: without quotes, with escapes resolved

	Line, Column, EndLine int // from 1; lines end with "\n"

	Items        []*Node // of a list
	Keys, Values []*Node // of a map, in order; a key may be of any kind
}

// Get walks through maps by their keys. It is nil where there is no such key; on nil it is nil.
func (n *Node) Get(keys ...string) *Node {
	for _, key := range keys {
		n = n.value(key)
	}
	return n
}

func (n *Node) value(key string) *Node {
	if n == nil {
		return nil
	}
	for i, k := range n.Keys {
		if k.Text == key && k.scalar() {
			return n.Values[i]
		}
	}
	return nil
}

func (n *Node) scalar() bool { return n.Kind < List }

// Str is the text of a scalar, as it is written: a number or true reads as text too. Null, lists and maps have none.
func (n *Node) Str() (string, bool) {
	if n == nil || !n.scalar() || n.Kind == Null {
		return "", false
	}
	return n.Text, true
}

// Bool is the value of true and false; "true" in quotes is a string.
func (n *Node) Bool() (value, ok bool) {
	if n == nil || n.Kind != Bool {
		return false, false
	}
	return strings.EqualFold(n.Text, "true"), true
}

// Strings is the texts of a list of scalars, or the one of a lone scalar. It is not ok where an item has no text.
func (n *Node) Strings() ([]string, bool) {
	if n == nil {
		return nil, false
	}
	if n.Kind != List {
		s, ok := n.Str()
		if !ok {
			return nil, false
		}
		return []string{s}, true
	}
	out := make([]string, len(n.Items))
	for i, item := range n.Items {
		s, ok := item.Str()
		if !ok {
			return nil, false
		}
		out[i] = s
	}
	return out, true
}

// Each visits the pairs of a map whose keys are scalars, in order.
func (n *Node) Each(visit func(key string, k, v *Node)) {
	if n == nil {
		return
	}
	for i, k := range n.Keys {
		if k.scalar() {
			visit(k.Text, k, n.Values[i])
		}
	}
}

// Package hcl1 reads version 1 of HCL and its JSON form, in which Vault's policies and configuration are written.
//
// It yields items with their lines. What an item means is left to those who ask for it.
package hcl1

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl" // Vault's fork, so that texts are understood as Vault understands them; nothing else imports it
	"github.com/hashicorp/hcl/hcl/ast"
	"github.com/hashicorp/hcl/hcl/parser"
	"github.com/hashicorp/hcl/hcl/token"
)

// maxDepth is how deep brackets may be nested. Vault's own notations need four; the parser recurses, and Go ends a program whose
// stack is used up.
const maxDepth = 100

// An Item is an assignment or a block. In JSON, nested objects read as the keys of one block, as in Vault.
type Item struct {
	Keys      []string // "path" and "secret/*" of path "secret/*" {}
	Line, End int      // 1-based; of JSON only the line of its outermost key is known
	Object    bool     // it has a body: Items
	Items     []Item
	Values    []string // of a list, or the one of an assignment, as text; an object within a list is left out
	Mixed     bool     // it is, or has, something other than text, numbers and truth values

	value ast.Node
}

// Parse reads a text. Its errors name a line at most, never what stands there.
func Parse(text string) (items []Item, err error) {
	if depth(text) > maxDepth {
		return nil, fmt.Errorf("brackets are nested more than %d deep", maxDepth)
	}
	if start := strings.TrimSpace(text); strings.HasPrefix(start, "{") && !json.Valid([]byte(start)) {
		return nil, errors.New("it is not valid JSON") // the library takes one that breaks off as if it were whole
	}
	defer func() { // the library's way to refuse some numbers and strings
		if recover() != nil {
			items, err = nil, errors.New("it is not valid HCL")
		}
	}()
	file, err := hcl.Parse(text)
	if err != nil {
		return nil, withoutText(err)
	}
	list, ok := file.Node.(*ast.ObjectList)
	if !ok {
		return nil, errors.New("it is not a list of HCL items")
	}
	return itemsOf(list), nil
}

// Positions in the errors of the library, some of which quote what stands there.
var position = regexp.MustCompile(`(?:^|At |at )(\d+):\d+`)

func withoutText(err error) error {
	var at *parser.PosError
	if errors.As(err, &at) {
		return fmt.Errorf("line %d is not valid HCL", at.Pos.Line)
	}
	if m := position.FindStringSubmatch(err.Error()); m != nil {
		return fmt.Errorf("line %s is not valid HCL, or sets something a second time", m[1])
	}
	return errors.New("it is not valid HCL")
}

func itemsOf(list *ast.ObjectList) []Item {
	out := make([]Item, len(list.Items))
	for i, it := range list.Items {
		item := &out[i]
		item.value = it.Val
		for _, k := range it.Keys {
			item.Keys = append(item.Keys, textOf(k.Token))
		}
		item.Line = it.Pos().Line
		if item.Line == 0 {
			item.Line = it.Assign.Line
		}
		item.End = item.Line
		switch v := it.Val.(type) {
		case *ast.ObjectType:
			item.Object, item.Items = true, itemsOf(v.List)
			item.End = max(item.End, v.Rbrace.Line)
		case *ast.ListType:
			item.Values = []string{}
			item.End = max(item.End, v.Rbrack.Line)
			for _, n := range v.List {
				item.add(n)
			}
		default:
			item.add(v)
		}
	}
	return out
}

func (i *Item) add(n ast.Node) {
	if l, ok := n.(*ast.LiteralType); ok {
		i.Values = append(i.Values, textOf(l.Token))
		i.End = max(i.End, l.Token.Pos.Line)
	} else {
		i.Mixed = true
	}
}

// Decode fills v, a pointer to a text or to a struct with tags of the form `hcl:"key"`, with what the item sets, and takes what v asks for
// as Vault takes it: a number where text is asked for is text, a text where a list is asked for is an error. Its errors name a line at most.
func (i *Item) Decode(v any) (err error) {
	defer func() { // as in Parse
		if recover() != nil {
			err = fmt.Errorf("line %d is not valid HCL", i.Line)
		}
	}()
	if err := hcl.DecodeObject(v, i.value); err != nil {
		return i.misfit(err)
	}
	return nil
}

// misfit tells of an error in decoding, by the line within the body where there is one.
func (i *Item) misfit(err error) error {
	line := i.Line
	var at *parser.PosError
	if errors.As(err, &at) && at.Pos.Line > 0 {
		line = at.Pos.Line
	}
	return fmt.Errorf("line %d sets something to a value of another kind than it takes", line)
}

// textOf is what a token stands for. It panics where the library does.
func textOf(t token.Token) string { return fmt.Sprint(t.Value()) }

// depth is at least the deepest nesting of brackets in a text.
func depth(text string) (deepest int) {
	now := 0
	for i := range len(text) {
		switch text[i] {
		case '{', '[':
			now++
			deepest = max(deepest, now)
		case '}', ']':
			now = max(0, now-1)
		}
	}
	return deepest
}

package strictyaml

import (
	"bytes"
	"fmt"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// checkAliases refuses what the YAML library may take for null without a word: an alias of an anchor that stands in the same anchored
// value. What does not parse is left to the decoder, which explains it.
func checkAliases(file string, data []byte) error {
	if !bytes.ContainsRune(data, '&') {
		return nil
	}
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil
	}
	for _, doc := range parsed.Docs {
		if doc.Body == nil {
			continue
		}
		for _, outer := range ast.Filter(ast.AnchorType, doc.Body) {
			value := outer.(*ast.AnchorNode).Value
			inner := map[string]bool{}
			for _, n := range ast.Filter(ast.AnchorType, value) {
				inner[n.(*ast.AnchorNode).Name.String()] = true
			}
			for _, n := range ast.Filter(ast.AliasType, value) {
				if name := n.(*ast.AliasNode).Value.String(); inner[name] {
					return &Error{File: file, Line: n.GetToken().Position.Line, Text: fmt.Sprintf("the alias *%s stands in the same anchored value as its anchor; write the value out", name)}
				}
			}
		}
	}
	return nil
}

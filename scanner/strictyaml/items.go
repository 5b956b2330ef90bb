package strictyaml

import (
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// ItemLines returns the line of each item of a document that is a list, so that what is wrong with a decoded item can be told
// with its place. It is nil when the document is no list.
func ItemLines(data []byte) (lines []int) {
	var err error
	defer recovered("", &err)
	file, err := parser.ParseBytes(data, 0)
	if err != nil || len(file.Docs) == 0 {
		return nil
	}
	list, ok := file.Docs[0].Body.(*ast.SequenceNode)
	if !ok {
		return nil
	}
	for _, item := range list.Values {
		// A mapping's own token is the colon after its first key, which stands on the same line.
		lines = append(lines, item.GetToken().Position.Line)
	}
	return lines
}

package repo

import (
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// hclFiles are the endings of files in HCL. Their texts of several lines may hold what looks like a comment, so its own lexer says
// what is one.
var hclFiles = map[string]bool{".tf": true, ".tofu": true, ".tfvars": true, ".hcl": true}

// written says of an offset in a text whether a comment may stand there. Of a piece from the middle of a file in HCL it cannot be told
// whether the piece begins within a text, so nothing in that is a comment.
func written(file, text string, first int) func(offset int) bool {
	switch {
	case !hclFiles[path.Ext(strings.ToLower(file))]:
		return func(int) bool { return true }
	case first > 1:
		return func(int) bool { return false }
	}
	tokens, _ := hclsyntax.LexConfig([]byte(text), file, hcl.InitialPos) // what is no HCL becomes tokens of their own kinds
	var spans []hcl.Range
	for _, t := range tokens {
		if t.Type == hclsyntax.TokenComment {
			spans = append(spans, t.Range)
		}
	}
	return func(offset int) bool {
		for len(spans) > 0 && spans[0].End.Byte <= offset { // offsets only grow
			spans = spans[1:]
		}
		return len(spans) > 0 && spans[0].Start.Byte <= offset
	}
}

package terraform

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Parsers and evaluators of HCL call themselves for each level of an expression, and a Go program whose stack is used up ends at
// once. So texts are measured first. Nobody writes by hand what comes near these bounds.
const (
	maxDepth     = 200    // of brackets within each other
	maxOperators = 1000   // between two commas or ends of lines
	harmless     = 1 << 9 // bytes that cannot hold enough to matter
)

// tooDeep returns the line from which on a text in HCL's native syntax is nested too deeply; 0 if it is not.
func tooDeep(text []byte) int {
	if len(text) < harmless || shallow(text) {
		return 0
	}
	tokens, _ := hclsyntax.LexConfig(text, "", hcl.InitialPos)
	return measure(tokens)
}

// tooDeepTemplate is tooDeep of a template.
func tooDeepTemplate(text []byte) bool {
	if len(text) < harmless || shallow(text) {
		return false
	}
	tokens, _ := hclsyntax.LexTemplate(text, "", hcl.InitialPos)
	return measure(tokens) > 0
}

// shallow reports whether a text has too few brackets, and is too short, to be nested too deeply.
func shallow(text []byte) bool {
	if len(text) > 1<<14 {
		return false
	}
	return bytes.Count(text, []byte{'['})+bytes.Count(text, []byte{'{'})+bytes.Count(text, []byte{'('}) < maxDepth
}

func measure(tokens hclsyntax.Tokens) int {
	type level struct {
		operators int
		lines     bool // an end of line ends an expression
	}
	levels := []level{{lines: true}}
	for _, token := range tokens {
		top := &levels[len(levels)-1]
		switch token.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			levels = append(levels, level{lines: token.Type == hclsyntax.TokenOBrace})
		case hclsyntax.TokenTemplateControl:
			top.operators++
			levels = append(levels, level{})
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
			if len(levels) > 1 {
				levels = levels[:len(levels)-1]
			}
		case hclsyntax.TokenNewline:
			if top.lines {
				top.operators = 0
			}
		case hclsyntax.TokenComma:
			top.operators = 0
		case hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenStringLit, hclsyntax.TokenQuotedLit, hclsyntax.TokenComment, hclsyntax.TokenEqual:
		default:
			top.operators++
		}
		if len(levels) > maxDepth || levels[len(levels)-1].operators > maxOperators {
			return token.Range.Start.Line
		}
	}
	return 0
}

// tooDeepJSON is tooDeep of a text in HCL's JSON syntax.
func tooDeepJSON(text []byte) int {
	depth, line, quoted := 0, 1, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\n':
			line++
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			if depth++; depth > maxDepth {
				return line
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return 0
}

package aws

import (
	"unicode/utf8"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// statementsFact is the fact that a policy document is read into.
const statementsFact = "policy.statements"

// document keeps the text of a policy document with its resource and reads it. Where the text is none that is understood, the fact
// which it would have answered is unknown; parsed is false then.
func (s *source) document(r *inventory.Resource, call, fact, text string) (hash string, doc awspolicy.Document, parsed bool) {
	if !utf8.ValidString(text) { // a snapshot could not keep it
		unreadable(r, fact, call, "it is no text in UTF-8")
		return "", doc, false
	}
	hash, r.Document = s.documents.Keep(text)
	parse := awspolicy.Parse
	if r.Type == keyPolicyType {
		parse = awspolicy.ParseKeyPolicy
	}
	doc, err := parse([]byte(text))
	if err != nil {
		unreadable(r, fact, call, oneLine(err.Error()))
		return hash, doc, false
	}
	return hash, doc, true
}

// statements reads a policy document into the facts of a policy.
func (s *source) statements(r *inventory.Resource, call, text string) {
	hash, doc, parsed := s.document(r, call, statementsFact, text)
	r.Policy.Document = hash
	if !parsed {
		return
	}
	stmts, open := awspolicy.Statements(doc, r.Policy.Guards)
	r.Policy.Statements = stmts
	if open != "" { // it holds one of the characters that stand for what is not resolved, which no policy of AWS does
		unreadable(r, statementsFact, call, open+" cannot be resolved")
	}
}

func unreadable(r *inventory.Resource, fact, call, why string) {
	unknown(r, inventory.Unknown{Fact: fact, Why: inventory.Unreadable, Call: call, Hint: "the policy document is not understood: " + why})
}

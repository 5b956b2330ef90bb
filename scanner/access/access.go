// Package access holds what the answers to "who can do what to a key" have in common: three-valued truth, decisions, the
// conditions that are left, and the documents an answer rests on. One evaluator each in aws, vault and azure beneath it decides
// requests by the semantics of its system.
//
// It knows no system of its own, and reads nothing: documents are given to the evaluators by snapshots or by files.
package access

import "fmt"

// Decision is the answer to one request.
type Decision string

const (
	Allowed     Decision = "allowed"     // certain, whatever the facts that only a request has turn out to be
	Conditional Decision = "conditional" // possible: it hangs on what Answer.Residual lists
	Denied      Decision = "denied"      // impossible
	Failed      Decision = "error"       // not decided: a document or the request cannot be understood; Answer.Error says why
)

// Class says what a condition that is left asks about.
type Class string

const (
	Who   Class = "WHO"   // the caller: its ARN, account, organization, tags, its activation of a role
	How   Class = "HOW"   // the way of the call: through which service, with which encryption context or parameters
	Where Class = "WHERE" // from which network or Region
	When  Class = "WHEN"  // time, and how lately or by what means the caller proved who it is
	What  Class = "WHAT"  // the key or secret: its tags, aliases, kind
)

// Residual is a condition that only the request itself can answer.
type Residual struct {
	Class     Class  `json:"class"`
	Key       string `json:"key"`       // what it asks, in its system's own words: "kms:ViaService", "required_parameters"
	Statement string `json:"statement"` // the statement or rule that asks: its Sid, path or index
}

// Because is a statement that decided.
type Because struct {
	Document  string `json:"document"`  // "key policy", "policy app"
	Statement string `json:"statement"` // its Sid, path or index, counted from 0
	// Line is where the statement begins in the text of its document, counted from 1; 0 where the text has one line or was not at hand.
	Line int `json:"line,omitzero"`
}

// String is the document and the statement, with its line where one is known.
func (b Because) String() string {
	if b.Line == 0 {
		return b.Document + " " + b.Statement
	}
	return fmt.Sprintf("%s %s (line %d)", b.Document, b.Statement, b.Line)
}

// Answer is the decision on one request and what it rests on.
type Answer struct {
	ID       string     `json:"id"`
	Decision Decision   `json:"decision"`
	Explicit bool       `json:"explicit"` // a statement that denies matches for certain
	Residual []Residual `json:"residual"` // sorted, without repetition; empty unless Decision is Conditional
	Because  []Because  `json:"because"`
	Error    string     `json:"error"` // one sentence with its place; empty unless Decision is Failed
}

// Change is a change of one statement.
type Change struct {
	Document  string `json:"document"`
	Statement string `json:"statement"`
	Condition string `json:"condition"` // that it gets as well; empty when the statement goes as a whole
}

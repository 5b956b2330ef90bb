// Package awspolicy reads policy documents of AWS: what each statement lets somebody do to keys and secrets, and whom a role's
// trust policy lets in.
//
// A condition on who calls or from which network (aws:PrincipalOrgID, aws:SourceVpc) restricts whom the policy of a key or secret lets
// in. In the policy of an identity it restricts nothing: the holder is the caller, and a network says from where, not which keys.
//
// It judges statement by statement. What several policies together come to is left to others.
package awspolicy

import "strings"

// Markers stand in a document for text that is not resolved, alone or within a string: "arn:aws:iam::" + Computed + ":root".
// They are noncharacters of Unicode, legal in JSON, so a text with them in it can be given to Parse; there they may also stand where
// a whole JSON value is missing.
const (
	// Unknown may turn out to be any text, or any part of a document.
	Unknown = "\uFDD0"
	// Computed is text that is only known later but names one thing for certain: an ARN, an account ID, a Region. It is not empty
	// and holds no wildcard.
	Computed = "\uFDD1"
)

// Document is a policy document. It is neutral as to where it comes from: callers build it from other notations, or by Parse.
type Document struct {
	Version    string
	Statements []Statement
}

// Statement is one statement of a document. Single values are lists of one; an element that is not resolved is a list of Unknown.
type Statement struct {
	Sid           string
	Effect        string // "Allow", "Deny" or Unknown
	Principals    []Principal
	NotPrincipals []Principal
	Actions       []string
	NotActions    []string
	Resources     []string
	NotResources  []string
	Conditions    []Condition
}

// Principal is one principal of a statement. Everybody is {"*", "*"} or {"AWS", "*"}.
type Principal struct {
	Type  string // "AWS", "Service", "Federated", "CanonicalUser", "*" or Unknown
	Value string
}

// Condition is one operator on one key: all conditions of a statement have to hold, for one of their values each.
type Condition struct {
	Operator string // "StringEquals", "ForAnyValue:StringLike", "ArnLikeIfExists"
	Key      string // "aws:PrincipalOrgID"
	Values   []string
}

// open reports whether a text has a part that may be anything.
func open(s string) bool { return strings.Contains(s, Unknown) }

// plain stands for a text that is not known but has no wildcards. It is in no text that a pattern is compared with.
const plain = "\x01"

// atMost is the widest that a pattern may turn out to be, atLeast what it is if unresolved parts hold no wildcard.
func atMost(pattern string) string  { return fill(pattern, "*") }
func atLeast(pattern string) string { return fill(pattern, plain) }

func fill(pattern, unknown string) string {
	return strings.ReplaceAll(strings.ReplaceAll(pattern, Unknown, unknown), Computed, plain)
}

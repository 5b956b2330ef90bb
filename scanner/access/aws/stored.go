package aws

import (
	"fmt"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// What AWS does not store cannot be in force: a document that has it is not the one that decides, and what it would do is not guessed.
// From "Grammar of the IAM JSON policy language" and "IAM JSON policy elements" in the IAM User Guide. Text that is not resolved passes.

func resolved(s string) bool { return !strings.ContainsAny(s, awspolicy.Unknown+awspolicy.Computed) }

func storedVersion(v string) error {
	switch {
	case v == "", v == "2012-10-17", v == "2008-10-17", !resolved(v):
		return nil
	}
	return fmt.Errorf(`read policy document: element "Version": %q is neither "2012-10-17" nor "2008-10-17", and AWS does not store it`, v)
}

func storedAction(a string) error {
	if strings.Contains(a, ":") || a != "" && strings.Trim(a, "*") == "" || !resolved(a) {
		return nil
	}
	return fmt.Errorf(`%q names no service, such as "kms:Decrypt" does, and AWS does not store it`, a)
}

// isARN reports whether a resource is a pattern for ARNs.
func isARN(r string) bool {
	return strings.HasPrefix(r, "arn:") || r != "" && strings.Trim(r, "*") == "" || !resolved(r)
}

// storedPrincipal finds what no principal of type "AWS" is. A unique ID is one that IAM keeps of somebody who was deleted.
func storedPrincipal(p awspolicy.Principal) error {
	if p.Type != "AWS" || p.Value == "*" || !resolved(p.Value) {
		return nil
	}
	const ids = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	if len(p.Value) == 12 && strings.Trim(p.Value, "0123456789") == "" || len(p.Value) >= 16 && p.Value[0] == 'A' && strings.Trim(p.Value, ids) == "" {
		return nil
	}
	typ, rest, _ := strings.Cut(resource(p.Value), "/")
	named := rest != "" && !strings.ContainsAny(rest, "*?")
	switch {
	case !strings.HasPrefix(p.Value, "arn:"):
	case typ == "root" && rest == "" && !strings.ContainsAny(p.Value, "*?"):
		return nil
	case (typ == "user" || typ == "role" || typ == "federated-user") && named:
		return nil
	case typ == "assumed-role" && named && strings.Contains(rest, "/"):
		return nil
	}
	return fmt.Errorf(`%q is no account, user, role or session, and AWS does not store it`, p.Value)
}

// storedValue finds operands that are not of the kind that a condition operator compares. There are policy variables for texts and ARNs
// only.
func storedValue(v string, op operator) error {
	var valid bool
	var kind string
	switch op.kind {
	case asNumber:
		_, valid = number(v)
		kind = "number"
	case asDate:
		_, valid = date(v)
		kind = "date"
	case asNetwork:
		valid = network(v).IsValid()
		kind = "address or network"
	default:
		return nil
	}
	if valid || !resolved(v) {
		return nil
	}
	return fmt.Errorf("%q is no %s, and AWS does not store it", v, kind)
}

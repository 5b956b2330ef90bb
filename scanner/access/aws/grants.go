package aws

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// ungrantable are actions that work for other accounts and that no grant gives. From "Grant operations" in the AWS KMS Developer Guide.
var ungrantable = map[string]bool{"kms:getkeyrotationstatus": true, "kms:listgrants": true, "kms:revokegrant": true}

// grants says what grants give to the caller: by naming it, and by naming its account.
func (w *weighing) grants() (direct, byAccountOnly proof) {
	operation, kms := strings.CutPrefix(w.facts.action, "kms:")
	if !kms || !abroad[w.facts.action] || ungrantable[w.facts.action] {
		return direct, byAccountOnly
	}
	for i := range w.facts.request.Resource.Grants {
		g := &w.facts.request.Resource.Grants[i]
		if !g.gives(operation) {
			continue
		}
		p := grantee(g.Grantee)
		if p.everyone {
			continue
		}
		how, truth := p.names(&w.caller)
		if truth == access.No {
			continue
		}
		m := &match{name: strconv.Itoa(i), at: spot{place{side: grantSide, alone: true}, i}}
		if w.changes[m.at] != nil {
			continue
		}
		if truth == access.Maybe {
			m.left = append(m.left, access.Residual{Class: access.Who, Key: "session_name", Statement: "grant " + m.name})
		}
		held, keys := w.facts.keeps(g)
		if held == access.No {
			continue
		}
		if held == access.Maybe {
			for _, k := range keys {
				m.left = append(m.left, access.Residual{Class: classify(k), Key: k, Statement: "grant " + m.name})
			}
		}
		if how == byAccount {
			byAccountOnly.add(truth.And(held), m)
		} else {
			direct.add(truth.And(held), m)
		}
	}
	return direct, byAccountOnly
}

// operations are those that a grant can give. From "Grant operations" in the AWS KMS Developer Guide.
var operations = []string{
	"CreateGrant", "Decapsulate", "Decrypt", "DeriveSharedSecret", "DescribeKey", "Encapsulate", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair",
	"GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext", "GenerateMac", "GetPublicKey", "ReEncryptFrom", "ReEncryptTo",
	"RetireGrant", "Sign", "Verify", "VerifyMac",
}

// Grantable reports whether a grant can give an action.
func Grantable(action string) bool {
	operation, kms := cutFold(action, "kms:")
	return kms && slices.ContainsFunc(operations, func(known string) bool { return strings.EqualFold(known, operation) })
}

// check finds an operation that no grant gives. One may be written as an action: "kms:Decrypt".
func (g *Grant) check() error {
	for _, o := range g.Operations {
		name := operationIn(o)
		if !slices.ContainsFunc(operations, func(known string) bool { return strings.EqualFold(known, name) }) {
			return fmt.Errorf("operation %q: no grant gives it; the operations are %s", o, strings.Join(operations, ", "))
		}
	}
	return nil
}

// operationIn is an operation without the service of an action.
func operationIn(s string) string {
	if name, found := cutFold(s, "kms:"); found {
		return name
	}
	return s
}

func (g *Grant) gives(operation string) bool {
	for _, o := range g.Operations {
		if strings.EqualFold(operationIn(o), operation) {
			return true
		}
	}
	return false
}

// grantee reads whom a grant names.
func grantee(name string) principal {
	typ := "AWS"
	if isService(name) {
		typ = "Service"
	}
	return newPrincipal(awspolicy.Principal{Type: typ, Value: name})
}

// keeps says whether a request keeps to a grant whose grantee and operations fit, and which condition keys leave that open.
func (f *facts) keeps(g *Grant) (truth access.Truth, left []string) {
	truth, left = f.meets(&g.Constraints)
	if f.action != "kms:creategrant" {
		return truth, left
	}
	passed, open := f.passesOn(g)
	return truth.And(passed), append(left, open...)
}

// passesOn says whether a request to create a grant keeps to what the grant that permits it can pass on: operations of its own, under
// constraints that are no less strict. A new grant has one operation at least, so that the key which names them cannot be absent: if no
// value is given, it is not known. What the new constraints hold, no key shows. From "Granting CreateGrant permission".
func (f *facts) passesOn(g *Grant) (truth access.Truth, left []string) {
	truth = access.Yes
	asked, state := f.of("kms:grantoperations")
	if state != given {
		truth, left = access.Maybe, append(left, "kms:GrantOperations")
	}
	for _, o := range asked {
		if !g.gives(operationIn(o)) {
			return access.No, nil
		}
	}
	if source := g.Constraints.Source; source != "" { // whether what a grant passes on has to keep it is not documented
		if kept, state := f.of("kms:grantconstraintsourcearn"); state != given || !slices.Equal(kept, Values{source}) {
			truth, left = access.Maybe, append(left, "kms:GrantConstraintSourceArn")
		}
	}
	if len(g.Constraints.Equals)+len(g.Constraints.Subset) == 0 {
		return truth, left
	}
	types, state := f.of("kms:grantconstrainttype")
	subset := len(types) == 1 && strings.EqualFold(types[0], "EncryptionContextSubset")
	if state == absent || subset && len(g.Constraints.Equals) > 0 {
		return access.No, nil
	}
	return access.Maybe, append(left, "kms:GrantConstraintType")
}

// meets says whether a request keeps to the constraints of a grant, and which condition keys leave that open. Those on the
// encryption context apply to operations that have one, which are those with symmetric keys; of CreateGrant see passesOn. None applies to
// RetireGrant. From CreateGrant in the AWS KMS API Reference.
func (f *facts) meets(c *Constraints) (truth access.Truth, left []string) {
	truth = access.Yes
	if c.Source != "" && f.action != "kms:retiregrant" {
		values, state := f.of("aws:sourcearn")
		if state == unknown || state == given && !resolved(c.Source) {
			truth, left = access.Maybe, append(left, "aws:SourceArn")
		} else if state == absent || len(values) != 1 || values[0] != c.Source {
			return access.No, nil
		}
	}
	if len(c.Equals)+len(c.Subset) == 0 || !takes(f.action, encryptionContext) || f.action == "kms:creategrant" || f.action == "kms:retiregrant" {
		return truth, left
	}
	if spec, state := f.of("kms:keyspec"); state == given && !slices.Equal(spec, Values{"SYMMETRIC_DEFAULT"}) {
		return truth, left
	}
	for _, pairs := range []map[string]string{c.Equals, c.Subset} {
		for name, value := range pairs {
			switch is := f.paired(name, value); is {
			case access.No:
				return access.No, nil
			case access.Maybe:
				truth, left = access.Maybe, append(left, contextKey+name)
			}
		}
	}
	if len(c.Equals) == 0 {
		return truth, left
	}
	for key := range f.request.Context {
		if name, found := cutFold(key, contextKey); found && !hasFold(c.Equals, name) {
			return access.No, nil
		}
	}
	for _, key := range f.request.Unknown {
		name, found := cutFold(key, contextKey)
		if (found || strings.EqualFold(key, contextKey+"Keys")) && !hasFold(c.Equals, name) && takes(f.action, encryptionContext) {
			truth, left = access.Maybe, append(left, key)
		}
	}
	return truth, left
}

const contextKey = "kms:EncryptionContext:"

// paired says whether the encryption context has a name with a value. Letter case tells values apart. Whether it tells names apart is not
// known: "Creating grants" in the AWS KMS Developer Guide says that it does, and GrantConstraints in the AWS KMS API Reference that it
// does not.
func (f *facts) paired(name, value string) access.Truth {
	for key, values := range f.request.Context {
		got, found := cutFold(key, contextKey)
		if !found || !strings.EqualFold(got, name) {
			continue
		}
		if !resolved(value) {
			return access.Maybe
		}
		if is := access.Known(len(values) == 1 && values[0] == value); got == name || is == access.No {
			return is
		}
		return access.Maybe
	}
	if f.asked(strings.ToLower(contextKey+name)) || f.asked("kms:encryptioncontextkeys") {
		return access.Maybe
	}
	return access.No
}

// hasFold reports whether a map has a key, without regard to letter case.
func hasFold(m map[string]string, key string) bool {
	for k := range m {
		if strings.EqualFold(k, key) {
			return true
		}
	}
	return false
}

// cutFold is strings.CutPrefix without regard to letter case.
func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return "", false
	}
	return s[len(prefix):], true
}

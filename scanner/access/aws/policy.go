package aws

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// policy is a document made ready to be evaluated.
type policy struct {
	statements []statement
}

type statement struct {
	name          string // its Sid, or its index from 0
	allows        bool
	denies        bool // both when its effect is not resolved
	actions       []text
	notActions    bool
	noAction      bool
	resources     []arnPattern
	notResources  bool
	noResource    bool
	odd           string // a resource that is no ARN, which only policies of resources may have
	principals    []principal
	notPrincipals bool
	noPrincipal   bool
	conditions    []condition
}

// compile reads a document in JSON, or a string that holds one.
func compile(raw []byte) (*policy, error) {
	doc, err := parse(raw)
	if err != nil {
		return nil, err
	}
	p := &policy{statements: make([]statement, len(doc.Statements))}
	for i := range doc.Statements {
		if err := p.statements[i].compile(&doc.Statements[i], i, variablesIn(&doc)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// parse takes a document apart.
func parse(raw []byte) (awspolicy.Document, error) {
	if len(raw) > 0 && raw[0] == '"' {
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return awspolicy.Document{}, err
		}
		if s != awspolicy.Unknown {
			raw = []byte(s)
		}
	}
	doc, err := awspolicy.ParseKeyPolicy(raw) // what it lacks for others, fits says
	if err == nil {
		err = storedVersion(doc.Version)
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		err = fmt.Errorf("%w, at byte %d", err, syntax.Offset)
		if before := bytes.Count(raw[:min(int(syntax.Offset), len(raw))], []byte("\n")); before > 0 {
			err = fmt.Errorf("%w, line %d", err, before+1)
		}
	}
	return doc, err
}

// variablesIn reports whether a document may have policy variables.
func variablesIn(doc *awspolicy.Document) bool { return doc.Version == "2012-10-17" }

func (s *statement) compile(from *awspolicy.Statement, i int, variables bool) error {
	s.name = from.Sid
	if s.name == "" {
		s.name = strconv.Itoa(i)
	}
	s.allows, s.denies = from.Effect != "Deny", from.Effect != "Allow"
	list := from.Actions
	if from.NotActions != nil {
		list, s.notActions = from.NotActions, true
	}
	s.noAction = list == nil
	for _, a := range list {
		if err := storedAction(a); err != nil {
			return wrong(i, elementOf("Action", s.notActions), err)
		}
		if a == "*:*" {
			a = "*"
		}
		s.actions = append(s.actions, newText(strings.ToLower(a), false, true))
	}
	list = from.Resources
	if from.NotResources != nil {
		list, s.notResources = from.NotResources, true
	}
	s.noResource = list == nil
	for _, r := range list {
		if s.odd == "" && !isARN(r) {
			s.odd = r
		}
		s.resources = append(s.resources, newARNPattern(r, variables))
	}
	named := from.Principals
	if from.NotPrincipals != nil {
		named, s.notPrincipals = from.NotPrincipals, true
	}
	s.noPrincipal = named == nil
	for _, p := range named {
		if err := storedPrincipal(p); err != nil {
			return wrong(i, elementOf("Principal", s.notPrincipals), err)
		}
		s.principals = append(s.principals, newPrincipal(p))
	}
	for _, c := range from.Conditions {
		made, err := newCondition(c, variables)
		if err != nil {
			return wrong(i, "Condition", err)
		}
		s.conditions = append(s.conditions, made)
	}
	return nil
}

// elementOf is the name of an element, or of the one that says all others.
func elementOf(name string, others bool) string {
	if others {
		return "Not" + name
	}
	return name
}

// wrong says where in a document an error is; statements are counted from 0.
func wrong(i int, element string, err error) error {
	return fmt.Errorf(`read policy document: element "Statement": statement %d: element %q: %w`, i+1, element, err)
}

// concerns says whether the statement is about the action of a request.
func (s *statement) concerns(action string) access.Truth {
	truth := access.No
	for i := range s.actions {
		a := &s.actions[i]
		if a.open {
			truth = truth.Or(access.Maybe)
		} else if like(a.fixed, action) {
			truth = access.Yes
			break
		}
	}
	if s.notActions {
		return truth.Not()
	}
	return truth
}

// covers says whether it is about the resource. In policies of identities parts that are missing at the end of an ARN are as "*", and for others
// that is not documented. From "IAM JSON policy elements: Resource".
func (s *statement) covers(f *facts, arn string, ofIdentity bool) access.Truth {
	truth, short := access.No, access.Maybe
	if ofIdentity {
		short = access.Yes
	}
	for i := range s.resources {
		truth = truth.Or(s.resources[i].matches(f, arn, short))
	}
	if s.notResources {
		return truth.Not()
	}
	return truth
}

// holds says whether all conditions do.
func (s *statement) holds(f *facts) access.Truth {
	truth := access.Yes
	for i := range s.conditions {
		if truth = truth.And(s.conditions[i].holds(f)); truth == access.No {
			break
		}
	}
	return truth
}

// cache keeps documents that were compiled, by their text, as the same ones come again and again. It is emptied when it is full.
type cache struct {
	known map[string]compiled
	bytes int
}

type compiled struct {
	policy *policy
	err    error
}

const cacheBytes = 16 << 20 // of text; compiled it takes several times as much

func (c *cache) get(raw []byte) (*policy, error) {
	if found, there := c.known[string(raw)]; there {
		return found.policy, found.err
	}
	if c.known == nil || c.bytes+len(raw) > cacheBytes {
		c.known, c.bytes = map[string]compiled{}, 0
	}
	p, err := compile(raw)
	c.known[string(raw)] = compiled{p, err}
	c.bytes += len(raw)
	return p, err
}

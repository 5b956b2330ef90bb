package aws

import (
	"encoding/json"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// Supposed is how things would be, where they would not be as documents say. What is absent is as it is.
type Supposed struct {
	Opened    bool              // the target has a policy that lets everybody do everything, and no other
	Grants    []Grant           // all that there are on the target, unless nil
	Identity  []Document        // all policies of the principal, unless nil. Their condition keys are those of documents of the estate
	Unbounded bool              // the principal has no permissions boundary
	Context   map[string]Values // of the request; a key with no values is absent from it
	Newcomer  string            // the ARN of a role of the principal's account that asks instead; it was made for this, so that its tags may be any
	Unnamed   bool              // condition keys about the name of who asks may be anything
}

// open is a policy of a key or secret that lets everybody do everything, as far as their own side lets them.
var open = Document{Name: "policy that it writes", Text: json.RawMessage(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`)}

// Suppose decides on a pair as Explain does, as if things were otherwise.
func (ix *Index) Suppose(principal, action, target string, s Supposed) (access.Answer, error) {
	known, on, err := ix.pair(principal, action, target)
	if err != nil {
		return access.Answer{}, err
	}
	m, k, docs := *known, *on, newPapers()
	if s.Identity != nil {
		m.identity = docs.file(identity, s.Identity)
	}
	if s.Unbounded {
		m.boundary = nil
	}
	if s.Newcomer != "" {
		if m.caller, err = newCaller(&Principal{ARN: s.Newcomer}, ""); err != nil {
			return access.Answer{}, err
		}
		m.principal.ARN, m.principal.Tags, m.boundary = s.Newcomer, nil, nil
		m.unknown = append(slices.Clone(m.unknown), "aws:principaltag/*")
	}
	if s.Unnamed {
		m.unknown = append(slices.Clone(m.unknown), "aws:principalarn", "aws:username", "aws:userid")
	}
	if s.Opened {
		k.policy = docs.file([realms]side{keyPolicy, resourcePolicy}[k.realm], []Document{open})
	}
	if s.Grants != nil {
		k.resource.Grants = slices.Clone(s.Grants)
	}
	e := New()
	requests := ix.requests(&m, &k, action)
	for key, values := range s.Context {
		requests[0].Context[key] = values
	}
	answer := ix.explain(e, requests[0], &m, &k)
	for _, r := range requests[1:] {
		answer = both(answer, ix.explain(e, r, &m, k.key))
	}
	return answer, nil
}

package aws

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// Explain decides on one pair as Evaluator does, and says on what the answer rests, with documents by their names.
func (ix *Index) Explain(principal, action, target string) (access.Answer, error) {
	m, k, err := ix.pair(principal, action, target)
	if err != nil {
		return access.Answer{}, err
	}
	e := New()
	requests := ix.requests(m, k, action)
	answer := ix.explain(e, requests[0], m, k)
	for _, r := range requests[1:] {
		answer = both(answer, ix.explain(e, r, m, k.key))
	}
	return answer, nil
}

// explain decides one request and gives documents their names.
func (ix *Index) explain(e *Evaluator, r Request, m *member, k *target) access.Answer {
	a := e.Decide(r)
	names := map[string]string{}
	file := func(s side, level int, docs []filed) {
		for i, d := range docs {
			name := d.name
			if d.why != "" {
				name += " (not read: " + d.why + ")"
			}
			names[place{s, level, i, len(docs) == 1}.String()] = name
		}
	}
	file(identity, 0, m.identity)
	file(boundary, 0, m.boundary)
	for level, docs := range m.account.scps {
		file(scp, level, docs)
	}
	for level, docs := range k.account.rcps {
		file(rcp, level, docs)
	}
	file([realms]side{keyPolicy, resourcePolicy}[k.realm], 0, k.policy)
	for i := range a.Because {
		if name := names[a.Because[i].Document]; name != "" {
			a.Because[i].Document = name
		}
	}
	for i := range a.Residual {
		if name := names[a.Residual[i].Key]; name != "" {
			a.Residual[i].Key = name
		}
	}
	return a
}

// pair finds a principal and a target.
func (ix *Index) pair(principal, action, target string) (*member, *target, error) {
	k, _, err := ix.target(target, action)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range ix.members {
		if m.name == principal {
			return m, k, nil
		}
	}
	return nil, nil, fmt.Errorf("principal %q: it is not among those that were read, and no policy of a key or secret names it", principal)
}

func (ix *Index) find(arn string) (*target, error) {
	k := ix.byARN[arn]
	if k == nil {
		return nil, fmt.Errorf("resource %q: it is not among the keys and secrets that were read", arn)
	}
	return k, nil
}

// target finds a key or secret, and the bit of an action on it.
func (ix *Index) target(arn, action string) (*target, Set, error) {
	k, err := ix.find(arn)
	if err != nil {
		return nil, 0, err
	}
	bit := actionsOf[k.realm].Of(action)
	if bit == 0 {
		return nil, 0, fmt.Errorf("action %q is not on %s", action, [realms]string{"a KMS key", "a secret"}[k.realm])
	}
	return k, bit, nil
}

// requests are what has to be allowed for a principal to do something: the action, and what Secrets Manager does with the key for it.
func (ix *Index) requests(m *member, k *target, action string) []Request {
	r := Request{System: "aws", Principal: m.principal, Action: action, Resource: k.whole()}
	r.Principal.Identity, r.Principal.Boundary = textsOf(m.identity), textsOf(m.boundary)
	for _, docs := range m.account.scps {
		r.SCPs = append(r.SCPs, textsOf(docs))
	}
	known := func(r Request, k *target) Request {
		r.Unknown = slices.Concat(r.Unknown, m.unknown, k.unknown)
		for _, docs := range k.account.rcps {
			r.RCPs = append(r.RCPs, textsOf(docs))
		}
		return r
	}
	first := r
	first.Context, first.Unknown = k.context(), ix.unknown
	out := []Request{known(first, k)}
	if k.key == nil {
		return out
	}
	for _, u := range ix.uses(k, action) {
		u.Principal, u.SCPs = r.Principal, r.SCPs
		out = append(out, known(u, k.key))
	}
	return out
}

// uses are the requests to the key of a secret, with neither principal nor control policies.
func (ix *Index) uses(secret *target, action string) []Request {
	key := secret.key.whole()
	r := Request{System: "aws", Action: action, Resource: Resource{ARN: secret.resource.ARN, Key: &key}, Context: secret.key.context()}
	for _, u := range ix.unknown { // the encryption context is what Secrets Manager makes it
		if !strings.HasPrefix(u, encryptionContext) && u != "kms:encryptioncontextkeys" {
			r.Unknown = append(r.Unknown, u)
		}
	}
	out := uses(&r)
	for i := range out { // of the key, whichever call it is
		for _, name := range []string{"aws:ResourceOrgID", "aws:ResourceOrgPaths"} {
			if v, known := secret.key.context()[name]; known {
				out[i].Context[name] = v
			}
		}
	}
	return out
}

// whole is a target with its policy.
func (k *target) whole() Resource {
	r := k.resource
	r.Policy = textsOf(k.policy)
	return r
}

// textsOf are the texts of documents. One that counts as unread may say anything.
func textsOf(docs []filed) (out Documents) {
	for _, d := range docs {
		out = append(out, json.RawMessage(d.paper.text))
	}
	return out
}

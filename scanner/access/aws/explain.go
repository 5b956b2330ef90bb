package aws

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
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

// Fix says by which change of the fewest statements Explain would say that a pair is denied, with documents by their names. Of a secret, it
// may be one that denies the use of its key. There is none for what is denied already, nor when no statement gives the permission.
func (ix *Index) Fix(principal, action, target string) ([]access.Change, error) {
	m, k, err := ix.pair(principal, action, target)
	if err != nil {
		return nil, err
	}
	var least []access.Change
	e, on := New(), k
	for _, r := range ix.requests(m, k, action) {
		answer, changes := e.Fix(r)
		if answer.Decision == access.Denied {
			return nil, nil
		}
		names := namesOf(m, on)
		for i := range changes {
			changes[i].Document = cmp.Or(names[changes[i].Document], changes[i].Document)
		}
		if least == nil || len(changes) > 0 && len(changes) < len(least) {
			least = changes
		}
		on = k.key
	}
	return least, nil
}

// explain decides one request and gives documents their names.
func (ix *Index) explain(e *Evaluator, r Request, m *member, k *target) access.Answer {
	a, names := e.Decide(r), namesOf(m, k)
	for i := range a.Because {
		a.Because[i].Document = cmp.Or(names[a.Because[i].Document], a.Because[i].Document)
	}
	for i := range a.Residual {
		a.Residual[i].Key = cmp.Or(names[a.Residual[i].Key], a.Residual[i].Key)
	}
	return a
}

// namesOf are the names of all documents that have a say in a pair, by the places in which they stand in a request.
func namesOf(m *member, k *target) map[string]string {
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
	return names
}

// Principals lists all whom the index knows, by account: ARNs, names of services, and "*" for everybody else.
func (ix *Index) Principals() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, m := range ix.members {
			if !yield(m.name) {
				return
			}
		}
	}
}

// Known reports whether a principal is of the estate or named by a document of it.
func (ix *Index) Known(principal string) bool { return ix.member(principal) != nil }

func (ix *Index) member(name string) *member {
	if name == strangerName {
		return ix.members[ix.stranger]
	}
	for _, id := range ix.byName[strings.ToLower(name)] {
		if m := ix.members[id]; m.name == name {
			return m
		}
	}
	return nil
}

// pair finds a principal and a target.
func (ix *Index) pair(principal, action, target string) (*member, *target, error) {
	k, _, err := ix.target(target, action)
	if err != nil {
		return nil, nil, err
	}
	if m := ix.member(principal); m != nil {
		return m, k, nil
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

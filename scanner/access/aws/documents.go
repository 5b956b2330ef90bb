package aws

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// side is what sort of document has a say.
type side int

const (
	identity side = iota
	boundary
	session
	scp
	rcp
	keyPolicy
	trustPolicy
	resourcePolicy
	grantSide // no document, but a list of them stands beside the key policy
)

var sides = [...]string{"identity policy", "boundary", "session policy", "SCP", "RCP", "key policy", "trust policy", "resource policy", "grant"}

// place is where a document stands.
type place struct {
	side         side
	level, index int
	alone        bool // it is the only one of its side, or of its level
}

func (p place) String() string {
	s := sides[p.side]
	if p.side == scp || p.side == rcp {
		s = fmt.Sprintf("%s level %d", s, p.level)
	}
	if !p.alone {
		s = fmt.Sprintf("%s %d", s, p.index)
	}
	return s
}

// onResource reports whether documents of this side name principals.
func (s side) onResource() bool { return s >= keyPolicy }

// ofIdentity reports whether documents of this side are policies of identities: their own, boundaries and session policies.
func (s side) ofIdentity() bool { return s == identity || s == boundary || s == session }

// document is a policy in its place.
type document struct {
	place  place
	policy *policy
}

// documents compiles all documents of a request.
func (e *Evaluator) documents(r *Request) ([]document, error) {
	out := make([]document, 0, 8)
	var failed error
	add := func(s side, level int, docs Documents) {
		for i, raw := range docs {
			at := place{s, level, i, len(docs) == 1}
			p, err := e.cache.get(raw)
			if err == nil {
				err = p.fits(s)
			}
			if err != nil && failed == nil {
				failed = fmt.Errorf("%v: %w", at, err)
			}
			out = append(out, document{at, p})
		}
	}
	add(identity, 0, r.Principal.Identity)
	add(boundary, 0, r.Principal.Boundary)
	add(session, 0, r.Principal.Session)
	for level, docs := range r.SCPs {
		add(scp, level, docs)
	}
	for level, docs := range r.RCPs {
		add(rcp, level, docs)
	}
	add(policySide(r), 0, r.Resource.Policy)
	return out, failed
}

// policySide says what the policy of a request's resource is: by its ARN or, without one, by what the action is on.
func policySide(r *Request) side {
	arn, action := r.Resource.ARN, strings.ToLower(r.Action)
	missing := arn == "" || arn == "*"
	is := func(prefix, typ string) bool {
		if missing {
			known, listed := universe.Actions[action]
			return listed && slices.Contains(known.Resources, typ) && (serviceOf(action) == prefix || typ == "role")
		}
		return part(arn, service) == prefix && strings.HasPrefix(resource(arn), typ+"/")
	}
	switch {
	case is("kms", "key"):
		return keyPolicy
	case is("iam", "role"):
		return trustPolicy
	}
	return resourcePolicy
}

// fits finds elements that AWS does not take in documents of a side, or misses. A statement of a key policy may lack its action or
// resource: AWS KMS takes it, and it has no effect.
func (p *policy) fits(s side) error {
	for i := range p.statements {
		st := &p.statements[i]
		var err error
		switch {
		case st.unread():
		case s != keyPolicy && st.noAction:
			err = errors.New(`it needs one of the elements "Action" and "NotAction"`)
		case s.onResource() && st.noPrincipal:
			err = errors.New(`it needs one of the elements "Principal" and "NotPrincipal"`)
		case !s.onResource() && s != rcp && !st.noPrincipal:
			err = errors.New(`the elements "Principal" and "NotPrincipal" are for policies of resources`)
		case s == trustPolicy && !st.noResource:
			err = errors.New(`the elements "Resource" and "NotResource" are not for trust policies`)
		case !s.onResource() && st.odd != "":
			err = fmt.Errorf(`resource %q is neither "*" nor an ARN, and AWS does not store it`, st.odd)
		case s != trustPolicy && s != keyPolicy && st.noResource:
			err = errors.New(`it needs one of the elements "Resource" and "NotResource"`)
		}
		if err != nil {
			return fmt.Errorf("statement %d: %w", i+1, err)
		}
	}
	return nil
}

// unread reports whether all of a statement is not known, as when its document could not be read.
func (s *statement) unread() bool {
	return s.allows && s.denies && len(s.principals) == 1 && s.principals[0].open
}

// applies says whether a statement of a document is about the request, but for whom it names.
func (s *statement) applies(f *facts, at side) access.Truth {
	truth := s.concerns(f.action)
	if truth == access.No {
		return truth
	}
	switch {
	case at == trustPolicy:
	case s.noResource: // of a key policy
		return access.No
	default:
		arn := f.request.Resource.ARN
		truth = truth.And(s.covers(f, arn, at.ofIdentity()))
	}
	if truth == access.No {
		return truth
	}
	if s.allows && s.denies {
		truth = truth.And(access.Maybe)
	}
	return truth.And(s.holds(f))
}

// naming says whether and how a statement of a resource's policy, or of an RCP, names the caller.
func (s *statement) naming(c *caller, bounded bool) (by [namings]access.Truth) {
	switch {
	case s.noPrincipal: // of an RCP, where it can only be everybody
		by[anyone] = access.Yes
	case !s.notPrincipals:
		return named(s.principals, c)
	case s.denies && bounded && !c.outside():
		by[anyone] = access.Yes // whoever has a boundary is never spared
	default:
		by[anyone] = spared(s.principals, c).Not()
	}
	return by
}

package awspolicy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/glob"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Statements says what the statements of a document allow and deny to do to keys and secrets. Guards is the type of resource that a
// resource policy stands on, "aws.kms.key" or "aws.secretsmanager.secret", or empty for a policy of an identity. A statement that
// is not about keys or secrets is left out; what it lets somebody do to all of one kind and what only to some of another becomes two
// statements. A Deny says what is denied for certain, and is restricted by any condition. What an identity's policy allows is never
// Restricted, as its caller is its holder: only what picks keys or secrets counts, and shows in AllResources. Where the principal is not everyone,
// Restricted is only true for certain: nothing is open for its sake.
//
// Open names the first part that is not resolved and on which an answer hangs: the statements are not to be judged then. It is empty
// when there is none.
func Statements(doc Document, guards string) (stmts []inventory.Statement, open string) {
	stmts = []inventory.Statement{}
	for i := range doc.Statements {
		s := &doc.Statements[i]
		found, part := s.about(guards)
		if part != "" && open == "" {
			open = part + " of " + s.called(i)
		}
		for _, f := range found {
			f.At = s.At(i)
			stmts = append(stmts, f)
		}
	}
	return stmts, open
}

// about returns what a statement allows or denies, and the first part of it that has to be resolved to tell.
func (s *Statement) about(guards string) (out []inventory.Statement, part string) {
	if guards == "aws.kms.key" && s.Resources == nil && s.NotResources == nil {
		return nil, "" // AWS KMS stores it, and it has no effect
	}
	classes, resolved := s.classes(guards)
	everyone, restricted := no, no
	if guards != "" {
		everyone, restricted = s.everyone(), s.narrows(callers)
	}
	byReach := map[bool][]string{}
	var unclear string // of what it covers
	for _, on := range []reach{keys, secrets, account} {
		if len(classes[on]) == 0 {
			continue
		}
		all, why := s.covers(on, guards)
		if all == unresolved && unclear == "" {
			unclear = why
		}
		byReach[all == yes] = append(byReach[all == yes], classes[on]...)
	}
	switch {
	case s.Effect == "Deny":
		if len(s.Conditions) > 0 {
			restricted = yes
		}
	case !resolved:
		return nil, "Action"
	case len(classes) == 0:
		return nil, ""
	case s.Effect != "Allow":
		return nil, "Effect"
	case everyone == unresolved:
		return nil, "Principal"
	case everyone == yes && restricted == unresolved:
		return nil, "Condition"
	case unclear != "":
		return nil, unclear
	}
	byReach[false] = slices.DeleteFunc(byReach[false], func(class string) bool { return slices.Contains(byReach[true], class) })
	for _, all := range []bool{true, false} {
		if names := byReach[all]; len(names) > 0 {
			slices.Sort(names)
			out = append(out, inventory.Statement{
				Effect: strings.ToLower(s.Effect), Actions: slices.Compact(names),
				Everyone: new(everyone == yes), Restricted: new(restricted == yes), AllResources: new(all),
			})
		}
	}
	return out, ""
}

// classes sorts the actions that a statement certainly names by what they act on. Resolved is false if it may name some of another
// class, too.
func (s *Statement) classes(guards string) (classes map[reach][]string, resolved bool) {
	certainly, possibly := map[reach][]string{}, map[reach][]string{}
	named := s.named()
	for _, a := range actions {
		if guards != "" && a.on != guarded[guards] {
			continue
		}
		switch is := named(a.name); {
		case is == no || guards == "" && !s.touches(a):
		case is == yes:
			certainly[a.on] = append(certainly[a.on], a.class)
		default:
			possibly[a.on] = append(possibly[a.on], a.class)
		}
	}
	resolved = true
	for on, names := range possibly {
		for _, n := range names {
			resolved = resolved && slices.Contains(certainly[on], n)
		}
	}
	return certainly, resolved
}

// guarded is what the actions act on that a policy on a resource is about. Others in it do nothing.
var guarded = map[string]reach{"aws.kms.key": keys, "aws.secretsmanager.secret": secrets}

// named returns what tells of an action, in lower case, whether it is among those of a statement.
func (s *Statement) named() func(action string) certain {
	list, others := s.Actions, false
	if len(s.NotActions) > 0 {
		list, others = s.NotActions, true
	}
	type pattern struct{ atLeast, atMost string }
	patterns := make([]pattern, len(list))
	for i, p := range list {
		p = strings.ToLower(strings.ReplaceAll(p, Computed, Unknown)) // an action is never computed by a provider
		patterns[i] = pattern{p, atMost(p)}
	}
	return func(action string) certain {
		best := no
		for _, p := range patterns {
			best = max(best, between(glob.Match(p.atLeast, action), glob.Match(p.atMost, action)))
		}
		if others {
			return yes - best
		}
		return best
	}
}

// everyone reports whether the principal of a statement is anybody. One that all but some are is.
func (s *Statement) everyone() certain {
	if len(s.NotPrincipals) > 0 {
		return between(s.Effect == "Allow", false)
	}
	best := no
	for _, p := range s.Principals {
		best = max(best, p.everyone())
	}
	return best
}

func (p Principal) everyone() certain {
	typ := p.Type == "AWS" || p.Type == "*"
	return between(typ && p.Value == "*", (typ || p.Type == Unknown) && strings.Trim(atMost(p.Value), "*") == "")
}

// At is how a finding points to the statement at an index: its Sid, else its number, "#2" for the second.
func (s *Statement) At(i int) string {
	if s.Sid != "" && !strings.ContainsAny(s.Sid, Unknown+Computed) {
		return s.Sid
	}
	return fmt.Sprintf("#%d", i+1)
}

func (s *Statement) called(i int) string {
	if at := s.At(i); at[0] != '#' {
		return fmt.Sprintf("statement %q", at)
	}
	return fmt.Sprintf("statement %d", i+1)
}

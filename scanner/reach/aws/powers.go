package aws

import (
	"slices"
	"strings"

	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/glob"
)

// powers are a set of the actions that lead anywhere. Whoever certainly holds none is passed over; the others the evaluator decides on.
type powers uint64

// powerOf is each of those actions, by its name in lower case.
var powerOf = func() map[string]powers {
	out := map[string]powers{}
	add := func(action string) {
		if action = strings.ToLower(action); out[action] == 0 {
			out[action] = 1 << len(out)
		}
	}
	for _, action := range slices.Concat([]string{assumeRole, "iam:AddUserToGroup"}, unbinding["user"], unbinding["role"]) {
		add(action)
	}
	for _, action := range slices.Concat(founding, removing) {
		add(action)
	}
	for _, list := range [][]taking{takesUser, takesRole, provides} {
		for _, t := range list {
			add(t.action)
		}
	}
	for _, e := range empowers {
		add(e.action)
	}
	for i := range jobs {
		add(jobs[i].needs[0].action)
	}
	if len(out) > 64 {
		panic("there are more actions that lead anywhere than a set holds")
	}
	return out
}()

// leads are all but that by which a trust policy is followed.
var leads = ^powerOf[strings.ToLower(assumeRole)]

func (p powers) one(action string) bool { return p&powerOf[strings.ToLower(action)] != 0 }

// holds are the powers that documents might give, all for one that was not read.
func (b *becoming) holds(docs []eval.Document) (out powers) {
	for _, d := range docs {
		out |= b.read(d).holds
	}
	return out
}

// holds are the powers that some statement of a document allows on anything.
func holds(p *parsed) (out powers) {
	if p.err != nil {
		return ^powers(0)
	}
	for i := range p.doc.Statements {
		s := &p.doc.Statements[i]
		switch {
		case s.Effect == "Deny":
			continue
		case s.NotActions != nil:
			return ^powers(0)
		}
		for _, pattern := range s.Actions {
			if pattern == "*:*" || strings.ContainsAny(pattern, awspolicy.Unknown+awspolicy.Computed) {
				return ^powers(0)
			}
			pattern = strings.ToLower(pattern)
			if !strings.ContainsAny(pattern, "*?") {
				out |= powerOf[pattern]
				continue
			}
			for action, power := range powerOf {
				if glob.Match(pattern, action) {
					out |= power
				}
			}
		}
	}
	return out
}

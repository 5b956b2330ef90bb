package aws

import (
	"cmp"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/access"
	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
)

// asset is a key or secret whose summary is made.
type asset struct {
	s       *Summaries
	arn     string
	account string
	duties  duties
	secret  bool
	managed bool
	unread  []access.Unread // on its side
	blind   bool            // its policy, or who is in its account, is among that: anybody may be on any list
	rights  []eval.Rights
	open    map[string]access.Unread // facts that hang on what was not read, with the first of it
}

// The facts of a summary.
const (
	users, administrators = "access.users", "access.administrators"
	conflicts, selfGrants = "access.conflicts", "access.self_grants"
	accountWide           = "access.account_wide"
	moreBeneficiaries     = "access.more_beneficiaries"
	outsiders, grantors   = "access.outsiders", "access.grantors"
	bypasses              = "access.bypasses"
)

var lists = []string{users, administrators, conflicts, selfGrants, accountWide, moreBeneficiaries, outsiders, grantors, bypasses}

// summarize makes the summary of a target, and what is to be told of its account instead.
func (t *asset) summarize() (*access.Found, account) {
	t.open = map[string]access.Unread{}
	for _, u := range t.unread {
		if !besides(u.Document) { // a policy, or a list of those whom it may let in
			t.blind = true
			for _, fact := range lists {
				if fact != accountWide || u.Of == t.arn { // what statements there are is in its own policy
					t.hang(fact, u)
				}
			}
		}
	}
	sum := access.Summary{Users: t.tally(users, t.duties.use), Administrators: t.tally(administrators, t.duties.rule)}
	var wide account
	if !t.managed {
		sum.Conflicts = t.conflicts(&wide)
		sum.SelfGrants = t.selfGrants()
		sum.AccountWide = t.accountWide()
		sum.Outsiders = t.outsiders()
		sum.Grantors = t.grantors()
		sum.Bypasses = t.bypasses()
	}
	if u, there := t.open[conflicts]; there && !t.managed {
		wide.hang(u)
	}
	known := map[string]bool{ // by what is certain, whatever was not read
		administrators: sum.Administrators.Certain > 0, conflicts: len(sum.Conflicts) > 0, selfGrants: len(sum.SelfGrants) > 0,
		outsiders: len(sum.Outsiders) > 0, grantors: len(sum.Grantors) > 0, bypasses: len(sum.Bypasses) > 0,
	}
	found := access.Found{Summary: &sum}
	for _, fact := range lists {
		u, there := t.open[fact]
		if there && !known[fact] && (!t.managed || fact == users || fact == administrators) {
			found.Unknown = append(found.Unknown, t.s.causes.of(fact, u))
		}
	}
	return &found, wide
}

// besides reports whether what was not read stands beside the policy of a key, and lets nobody in who is not among the possible.
func besides(document string) bool {
	return document == "tags" || document == "aliases" || document == "grants"
}

// hang takes down that a fact hangs on what was not read.
func (t *asset) hang(fact string, u access.Unread) {
	if _, there := t.open[fact]; !there {
		t.open[fact] = u
	}
}

// hangs takes down that a fact hangs on what was not read about a principal and the target, and reports whether there is any.
func (t *asset) hangs(fact string, m eval.Member) bool {
	for _, list := range [...][]access.Unread{m.Unread(), t.unread} {
		if len(list) > 0 {
			t.hang(fact, list[0])
			return true
		}
	}
	return false
}

// members are the principals who may do one of some actions, each with its rights.
func (t *asset) members(actions eval.Set, do func(r *eval.Rights, m eval.Member)) {
	for i := range t.rights {
		if t.rights[i].Possible&actions == 0 {
			continue
		}
		for m := range t.rights[i].Members() {
			do(&t.rights[i], m)
		}
	}
}

// exempt reports whether the duties of a principal are not to be judged: of the root user of the target's own account, of roles that are
// linked to a service, and of services and identity providers.
func (t *asset) exempt(m eval.Member) bool {
	return m.Linked() || m.Service() || m.Everybody() || m.Root() && m.Account() == t.account
}

// tally counts who may do one of some actions.
func (t *asset) tally(fact string, actions eval.Set) (c access.Count) {
	var certain, possible worst
	for i := range t.rights {
		r := &t.rights[i]
		switch {
		case r.Certain&actions != 0:
			c.Certain += r.Len()
			for name := range r.Principals() {
				certain.add(name)
			}
		case r.Possible&actions != 0:
			c.Possible += r.Len()
			for m := range r.Members() {
				possible.add(m.Name())
				if t.open[fact].Document == "" && !m.Foreign() {
					t.hangs(fact, m)
				}
			}
		}
	}
	c.Worst = append(certain, possible...)
	c.Worst = c.Worst[:min(few, len(c.Worst))]
	return c
}

// worst are the first few of some names.
type worst []string

func (w *worst) add(name string) {
	if len(*w) == few && name >= (*w)[few-1] {
		return
	}
	i, there := slices.BinarySearch(*w, name)
	if there {
		return
	}
	*w = slices.Insert(*w, i, name)
	*w = (*w)[:min(few, len(*w))]
}

// byCertainty sorts a list, those of whom it is certain first.
func byCertainty[T any](list []T, certain func(*T) bool, name func(*T) string) {
	slices.SortFunc(list, func(a, b T) int {
		if x, y := certain(&a), certain(&b); x != y {
			if x {
				return -1
			}
			return 1
		}
		return cmp.Compare(name(&a), name(&b))
	})
}

// firstFew sorts a list of those of whom it is certain, and keeps a few.
func firstFew[T any](list []T, name func(*T) string) []T {
	byCertainty(list, func(*T) bool { return true }, name)
	return slices.Clip(list[:min(few, len(list))])
}

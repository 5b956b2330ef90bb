package aws

import (
	"maps"
	"slices"
	"strings"

	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// addAccounts finds the accounts that resources are of, or that a scope or an organization names, and their places.
func (w *world) addAccounts(all []*inventory.Resource) {
	ids := map[string]bool{}
	members := map[string]*inventory.Resource{}
	for _, r := range all {
		if r.Type == memberType {
			id := string(r.ID)[strings.LastIndexByte(string(r.ID), '/')+1:]
			ids[id], members[id] = true, r
		} else if id := accountIn(r.ID); id != "" {
			ids[id] = true
		}
	}
	for _, s := range w.snapshot.Scopes {
		if id := s.Scope.Part(2); s.Scope.Backend() == "aws" && len(id) == 12 {
			ids[id] = true
		}
	}
	controls := w.controls(all)
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		a := eval.Account{ID: id, Unlisted: w.unlisted(id)}
		switch m := members[id]; {
		case m != nil:
			w.place(&a, m, controls)
		case !w.alone(id):
			a.OrgUnknown = true
			missing := eval.Unread("control policies", w.noMember(id))
			a.SCPs, a.RCPs = [][]eval.Document{{missing}}, [][]eval.Document{{missing}}
		}
		w.accounts = append(w.accounts, a)
	}
}

// place puts an account into its organization, with the control policies that hold it.
func (w *world) place(a *eval.Account, m *inventory.Resource, c controls) {
	of := m.Account
	a.Org, a.Path = of.Organization, of.Path
	a.OrgUnknown = of.Organization == "" || len(of.Path) == 0
	if of.Management != nil && *of.Management {
		a.Management = true
		return
	}
	levels := func(kind, called string) [][]eval.Document {
		switch {
		case of.Management == nil || of.Controls == nil || len(of.Path) == 0:
			return [][]eval.Document{{eval.Unread(called+"s", why(m, "account.management", "account.controls", "account.path"))}}
		case !slices.Contains(of.Controls, kind):
			return nil
		}
		var out [][]eval.Document
		for _, id := range append(slices.Clone(of.Path), a.ID) {
			docs := slices.Concat(c.at[control{of.Organization, kind, id}], c.anywhere[control{of.Organization, kind, ""}])
			if c.missing != "" {
				docs = append(docs, eval.Unread(called+"s on "+id, c.missing))
			}
			if len(docs) == 0 { // AWS lets nobody detach the last one
				docs = []eval.Document{eval.Unread(called+"s on "+id, "none was listed, though such policies are in force: scan again")}
			}
			out = append(out, docs)
		}
		return out
	}
	a.SCPs, a.RCPs = levels("scp", "SCP"), levels("rcp", "RCP")
}

// control is where policies of an organization are attached.
type control struct{ org, kind, target string }

// controls are the control policies of all organizations.
type controls struct {
	at       map[control][]eval.Document
	anywhere map[control][]eval.Document // it was not read what they are attached to
	missing  string                      // why there may be more; empty when there are none
}

func (w *world) controls(all []*inventory.Resource) controls {
	c := controls{at: map[control][]eval.Document{}, anywhere: map[control][]eval.Document{}}
	for i := range w.snapshot.Gaps {
		if g := &w.snapshot.Gaps[i]; g.Scope.Backend() == "aws" && placeOf(g.Scope) == organizationPart && g.Covers(controlType) {
			c.missing = gapReason(g)
			break
		}
	}
	for _, r := range all {
		if r.Type != controlType {
			continue
		}
		kind, org := r.Policy.Control, organizationOf(r.ID)
		name := strings.ToUpper(kind) + " " + r.Name
		if r.Policy.Targets == nil {
			k := control{org, kind, ""}
			c.anywhere[k] = append(c.anywhere[k], eval.Unread(name, "what it is attached to: "+why(r, "policy.targets")))
			continue
		}
		d := w.document(r, name, "policy.statements")
		for _, to := range r.Policy.Targets {
			k := control{org, kind, to}
			c.at[k] = append(c.at[k], d)
		}
	}
	return c
}

// organizationOf is the organization in the ID of a control policy: arn:aws:organizations::ACCOUNT:policy/ORG/KIND/ID, or of one that AWS
// wrote, behind its ARN: ARN#ORG.
func organizationOf(id inventory.ID) string {
	if _, org, found := strings.Cut(string(id), "#"); found {
		return org
	}
	_, path, _ := strings.Cut(string(id), ":policy/")
	org, _, _ := strings.Cut(path, "/")
	return org
}

// placeOf is the Region of a scope, or what stands in its place.
func placeOf(s inventory.Scope) string { return s.Part(3) }

// alone reports whether an account was asked for its organization and is in none.
func (w *world) alone(id string) bool {
	for i := range w.snapshot.Scopes {
		s := &w.snapshot.Scopes[i]
		if s.Scope.Backend() == "aws" && placeOf(s.Scope) == organizationPart && s.Scope.Part(2) == id && slices.Contains(s.Types, memberType) {
			return s.Resources == 0 && w.gap(id, organizationPart, memberType) == nil
		}
	}
	return false
}

// noMember says why it is not known which organization an account is in.
func (w *world) noMember(id string) string {
	for i := range w.snapshot.Gaps {
		if g := &w.snapshot.Gaps[i]; g.Scope.Backend() == "aws" && len(g.Types) > 0 && g.Covers(memberType) {
			return gapReason(g)
		}
	}
	return "the organization of account " + id + " was not read: name organizations among services, and the management account or a delegate among accounts"
}

// gap returns the first gap in a place of an account that may hide a type of resource, or nil.
func (w *world) gap(account, place, typ string) *inventory.Gap {
	for i := range w.snapshot.Gaps {
		g := &w.snapshot.Gaps[i]
		if g.Scope.Backend() == "aws" && g.Scope.Part(2) == account && (placeOf(g.Scope) == place || placeOf(g.Scope) == "") && g.Covers(typ) {
			return g
		}
	}
	return nil
}

// unlisted says why not all users and roles of an account are known; empty when they are.
func (w *world) unlisted(id string) string {
	for _, typ := range []string{userType, roleType} {
		if g := w.gap(id, "global", typ); g != nil {
			return gapReason(g)
		}
	}
	for i := range w.snapshot.Scopes {
		s := &w.snapshot.Scopes[i]
		if s.Scope.Backend() == "aws" && s.Scope.Part(2) == id && placeOf(s.Scope) == "global" && slices.Contains(s.Types, userType) && slices.Contains(s.Types, roleType) {
			return ""
		}
	}
	return "the identities of account " + id + " were not read: name iam among services, and the account among accounts"
}

// lists reports whether all resources of a type of IAM in an account were read.
func (w *world) lists(account, typ string) bool {
	return w.gap(account, "global", typ) == nil && slices.ContainsFunc(w.snapshot.Scopes, func(s inventory.ScopeRead) bool {
		return s.Scope.Backend() == "aws" && s.Scope.Part(2) == account && placeOf(s.Scope) == "global" && slices.Contains(s.Types, typ)
	})
}

package aws

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// taking is an action on a user, role or provider by which one comes to act as it.
type taking struct {
	action string
	unread string // what it hangs on that is not read; empty when nothing
	trust  bool   // it writes the trust policy, which then has to let the one in who wrote it
}

var (
	takesUser = []taking{
		{action: "iam:CreateAccessKey"},
		{action: "iam:CreateLoginProfile", unread: "whether the user has a password"},
		{action: "iam:UpdateLoginProfile", unread: "whether the user has a password"},
	}
	takesRole = []taking{{action: "iam:UpdateAssumeRolePolicy", trust: true}}
	provides  = []taking{{action: "iam:UpdateSAMLProvider"}}
)

// takers are those of an account who take a principal over, as they are or after they have given themselves what that needs.
func (b *becoming) takers(arn, to, account string, ways []taking, matters func(string) bool) (out []access.Step) {
	on := object{arn: arn}
	if id := b.byARN[arn]; id != nil {
		on.tags = id.Tags
	}
	for _, f := range b.formsOf(account) {
		for _, way := range ways {
			if !f.holds.one(way.action) || !matters(f.from) {
				continue
			}
			v := f.verdict.also(b.may(&f.caller, way.action, on, nil))
			by := f.by + way.action
			if way.trust && v.decision != access.Denied {
				opened := on
				opened.policy = []eval.Document{{Name: "trust policy that it writes", Text: trusting(f.caller.ARN)}}
				v, by = v.also(b.may(&f.caller, assumeRole, opened, nil)), by+" and "+assumeRole
			}
			if way.unread != "" {
				v = v.hangs(access.What, way.unread, "not read")
			}
			out = append(out, v.step(f.from, to, by))
		}
	}
	return best(out)
}

// trusting is a trust policy that lets one principal in.
func trusting(arn string) json.RawMessage {
	quoted, err := json.Marshal(arn)
	if err != nil {
		panic(err) // a string
	}
	return json.RawMessage(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":` + string(quoted) + `},"Action":["sts:AssumeRole"]}}`)
}

// best keeps one step of each principal: one that is certain or, without any, one that hangs on the least; the first of equals.
func best(list []access.Step) (out []access.Step) {
	at := map[string]int{}
	for _, s := range list {
		i, before := at[s.From]
		switch {
		case s.Decision == access.Denied:
		case !before:
			at[s.From], out = len(out), append(out, s)
		case verdictOf(s).better(verdictOf(out[i])):
			out[i] = s
		}
	}
	return out
}

func verdictOf(s access.Step) verdict { return verdict{s.Decision, s.Residual, s.Because} }

// form is what a principal can make of itself.
type form struct {
	from    string // who
	caller  caller
	by      string // how: empty as it is, else with ", then " at the end
	verdict verdict
	full    bool // it has given itself any policy
	group   string
	gone    uint64 // which of its documents with denials it has got rid of
	holds   powers
	does    map[*job]verdict // what was asked before
}

// empowering is an action by which somebody gives itself, or another, any policy: on what, and what of that was not read.
type empowering struct{ action, on, unread string }

var empowers = []empowering{
	{action: "iam:PutUserPolicy", on: "user"},
	{action: "iam:AttachUserPolicy", on: "user"},
	{action: "iam:PutRolePolicy", on: "role"},
	{action: "iam:AttachRolePolicy", on: "role"},
	{action: "iam:PutGroupPolicy", on: "group"},
	{action: "iam:AttachGroupPolicy", on: "group"},
	{action: "iam:CreatePolicyVersion", on: "policy"},
	{action: "iam:SetDefaultPolicyVersion", on: "policy", unread: "versions of the policy that are not its default"},
}

// formsOf are those of an account's principals who hold something that leads anywhere, each as it is and as it can make itself.
func (b *becoming) formsOf(account string) []form {
	if found, there := b.forms[account]; there {
		return found
	}
	out := []form{}
	for _, m := range b.members[account] {
		if b.holds(m.Identity.Identity)&leads != 0 {
			out = append(out, b.grow(m)...)
		}
	}
	b.forms[account] = out
	return out
}

// unbinding are the actions by which a user or a role gets rid of its boundary, or gets one that allows all.
var unbinding = map[string][]string{
	"user": {"iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"},
	"role": {"iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"},
}

// mostForms bounds what is tried for one principal.
const mostForms = 64

// grow lists what a principal can make of itself: with any policy, with those of a group, without its boundary or documents that deny
// something.
func (b *becoming) grow(m *identity) []form {
	denials := b.denials(m)
	forms := []form{{from: m.ARN, caller: b.plain(m), verdict: verdict{decision: access.Allowed}, holds: b.holds(m.Identity.Identity)}}
	for i := 0; i < len(forms); i++ {
		f := forms[i]
		add := func(by string, v verdict, change func(*form)) {
			v = f.verdict.also(v)
			if v.decision == access.Denied {
				return
			}
			next := form{from: f.from, caller: f.caller, by: f.by + by + ", then ", verdict: v, full: f.full, group: f.group, gone: f.gone}
			change(&next)
			next.holds = b.holds(next.caller.Identity.Identity)
			same := func(o form) bool {
				return o.full == next.full && o.group == next.group && o.gone == next.gone && len(o.caller.Boundary) == len(next.caller.Boundary)
			}
			if j := slices.IndexFunc(forms, same); j < 0 && len(forms) < mostForms {
				forms = append(forms, next)
			} else if j > i && v.better(forms[j].verdict) {
				forms[j] = next
			}
		}
		kind, _, _ := strings.Cut(lastPart(m.ARN), "/")
		if !f.full {
			for _, e := range empowers {
				if !f.holds.one(e.action) {
					continue
				}
				for _, on := range b.held(m, kind, e.on) {
					v := b.may(&f.caller, e.action, on, nil)
					if e.unread != "" {
						v = v.hangs(access.What, e.unread, "not read")
					}
					add(e.action, v, func(n *form) {
						n.full, n.caller.Identity.Identity = true, append(slices.Clone(f.caller.Identity.Identity), anyPolicy)
					})
				}
			}
		}
		if kind == "user" && !f.full && f.group == "" && f.holds.one("iam:AddUserToGroup") {
			for _, g := range b.groups(accountIn(m.ARN)) {
				docs, _ := b.world.held(g)
				if b.holds(docs)&leads == 0 {
					continue
				}
				v := b.may(&f.caller, "iam:AddUserToGroup", object{arn: string(g.ID)}, nil)
				add("iam:AddUserToGroup ("+g.Name+")", v, func(n *form) {
					n.group, n.caller.Identity.Identity = g.Name, append(slices.Clone(f.caller.Identity.Identity), docs...)
				})
			}
		}
		for _, r := range unbinding[kind] {
			if len(f.caller.Boundary) > 0 && f.holds.one(r) {
				all := "arn:" + partitionOf(m.ARN) + ":iam::aws:policy/AdministratorAccess"
				v := b.may(&f.caller, r, object{arn: m.ARN, tags: m.Tags}, map[string]eval.Values{"iam:PermissionsBoundary": {all}})
				add(r, v, func(n *form) { n.caller.Boundary = nil })
			}
		}
		for j, d := range denials {
			if f.gone&(1<<j) != 0 {
				continue
			}
			for _, r := range d.removals {
				if f.holds.one(r.action) {
					v := b.may(&f.caller, r.action, r.on, r.context)
					add(r.action+" ("+d.document.Name+")", v, func(n *form) {
						n.gone, n.caller.Identity.Identity = f.gone|1<<j, rid(f.caller.Identity.Identity, d.document)
					})
				}
			}
		}
	}
	forms = append(forms, b.through(m, forms)...)
	for i := range forms {
		forms[i].does = map[*job]verdict{}
	}
	return forms
}

// held are the objects of a sort whose policies a principal has: itself, its groups, or the policies of the account's own that are
// attached to it or to a group of it.
func (b *becoming) held(m *identity, kind, sort string) (out []object) {
	if sort == kind {
		return []object{{arn: m.ARN, tags: m.Tags}}
	}
	resources := []*inventory.Resource{m.resource}
	for _, ref := range m.resource.Refs {
		if ref.Edge != "member_of" {
			continue
		}
		if sort == "group" {
			out = append(out, object{arn: string(ref.To)})
		} else if g := b.world.byID[ref.To]; g != nil {
			resources = append(resources, g)
		}
	}
	if sort != "policy" {
		return out
	}
	for _, r := range resources {
		for _, ref := range r.Refs {
			if arn := string(ref.To); ref.Edge == "grants" && !strings.Contains(arn, "#") {
				out = append(out, object{arn: arn})
			}
		}
	}
	return out
}

// groups are those of an account.
func (b *becoming) groups(account string) (out []*inventory.Resource) {
	for i := range b.world.snapshot.Resources {
		if r := &b.world.snapshot.Resources[i]; r.Type == groupType && r.Origin == inventory.Live && accountIn(r.ID) == account {
			out = append(out, r)
		}
	}
	return out
}

// joiners are those who can make themselves members of a group.
func (b *becoming) joiners(to, account string) (out []access.Step) {
	for _, m := range b.members[account] {
		c := b.plain(m)
		if typ, _, _ := strings.Cut(lastPart(c.ARN), "/"); typ == "user" && b.holds(c.Identity.Identity).one("iam:AddUserToGroup") {
			out = append(out, b.may(&c, "iam:AddUserToGroup", object{arn: to}, nil).step(c.ARN, to, "iam:AddUserToGroup"))
		}
	}
	return append(out, b.unlisted(to, account)...)
}

// selfmade are those who can give themselves any policy, and so what the account as a whole can delegate.
func (b *becoming) selfmade(to, account string) (out []access.Step) {
	for _, f := range b.formsOf(account) {
		if !f.full {
			continue
		}
		v := f.verdict
		if len(f.caller.Boundary) > 0 {
			v = v.hangs(access.What, f.caller.Boundary[0].Name, "what it leaves to the principal")
		}
		for _, d := range f.caller.Identity.Identity {
			if denies(b.read(d).doc) {
				v = v.hangs(access.What, d.Name, "what it denies")
			}
		}
		out = append(out, v.step(f.from, to, strings.TrimSuffix(f.by, ", then ")))
	}
	return append(best(out), b.unlisted(to, account)...)
}

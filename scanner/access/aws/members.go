package aws

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

func accountIn(arn string) string { return part(arn, account) }

// addIdentity takes in a user or role of the estate.
func (ix *Index) addIdentity(docs *papers, p *Identity) error {
	c, err := newCaller(&Principal{ARN: p.ARN}, "")
	if err != nil {
		return err
	}
	if c.kind != user && c.kind != role || accountIn(p.ARN) == "" {
		return fmt.Errorf("principal %q is the ARN of neither a user nor a role", p.ARN)
	}
	m := &member{name: p.ARN, principal: Principal{ARN: p.ARN, Tags: docs.keep(p.Tags)}, caller: c, identity: docs.file(identity, p.Identity), boundary: docs.file(boundary, p.Boundary)}
	if p.TagsUnknown {
		m.unknown = append(m.unknown, "aws:principaltag/*")
	}
	ix.join(m, ix.accountOf(docs, c.account))
	return nil
}

// join adds a member to its account.
func (ix *Index) join(m *member, a *domain) {
	m.account = a
	switch {
	case a.OrgUnknown && a.ID != "":
		m.unknown = append(m.unknown, "aws:principalorgid", "aws:principalorgpaths")
	case a.Org != "":
		m.principal.Org, m.principal.Path = a.Org, a.Path
	}
	ix.members = append(ix.members, m)
}

// addNamed adds the root users of all accounts, a stranger, and all whom policies of resources and grants name, as principals or in
// conditions, and who are not of the estate. Of these nothing is known but their names. The root user of an account that is not of the estate
// stands for all of that account.
func (ix *Index) addNamed(docs *papers) {
	there := map[string]bool{}
	roles := map[string]bool{}         // by account and name
	in := map[string]string{"": "aws"} // the partition of an account
	for _, k := range ix.targets {
		in[k.account.ID] = part(k.resource.ARN, partition)
	}
	for _, m := range ix.members {
		there[m.name], in[m.caller.account] = true, m.caller.in
		if m.caller.kind == role {
			roles[m.caller.account+"/"+m.caller.name] = true
		}
	}
	unread := docs.file(identity, []Document{Unread("identity policies", "the principal is not among those that were read")})
	add := func(name string) {
		c, err := newCaller(&Principal{ARN: name}, "")
		if err != nil || c.kind == somebody || there[c.arn] || there[c.session] || c.kind == role && !c.pathed && roles[c.account+"/"+c.name] {
			return
		}
		m := &member{name: c.arn, principal: Principal{ARN: c.arn}, caller: c, unlisted: true, unknown: []string{"aws:principaltag/*"}}
		if c.session != "" {
			m.name, m.principal.ARN = c.session, c.session
		}
		there[m.name] = true
		if !c.outside() && c.kind != root && !c.ofAWS() {
			m.identity = unread
		}
		a := ix.accountOf(docs, c.account)
		if c.kind == root && a.foreign {
			m.unknown = append(m.unknown, "aws:principalarn", "aws:principaltype", "aws:username", "aws:userid")
		}
		ix.join(m, a)
	}
	named := func(p *principal) {
		switch {
		case p.account != "":
			add(rootOf(p.account, cmp.Or(p.in, in[p.account], in[""])))
		case p.arn != "":
			add(p.arn)
		case p.name != "":
			add(p.name)
		}
	}
	for id := range ix.accounts {
		if id != "" {
			add(rootOf(id, cmp.Or(in[id], in[""])))
		}
	}
	seen := map[*paper]bool{}
	each := func(k *target) {
		for _, d := range k.policy {
			if seen[d.paper] {
				continue
			}
			seen[d.paper] = true
			for _, l := range d.paper.lines {
				for i := range l.who.principals {
					named(&l.who.principals[i])
				}
				for _, name := range l.callers() {
					switch a := ix.accounts[cmp.Or(accountIn(name), name)]; {
					case a != nil && !a.foreign: // whose identities were listed
					case accountIn(name) == "":
						add(rootOf(name, cmp.Or(in[name], in[""])))
					default:
						add(name)
					}
				}
			}
		}
		for i := range k.resource.Grants {
			p := grantee(k.resource.Grants[i].Grantee)
			named(&p)
		}
	}
	for _, k := range ix.targets {
		each(k)
		if k.key != nil {
			each(k.key)
		}
	}
	ix.members = append(ix.members, stranger())
}

// callers are those whom the conditions of a statement that allows let in: users and roles by ARN, and accounts.
func (l *line) callers() (out []string) {
	if !l.allows {
		return nil
	}
	for i := range l.conditions {
		c := &l.conditions[i]
		if c.not || c.key != "aws:principalarn" && c.key != "aws:principalaccount" && c.key != "kms:calleraccount" {
			continue
		}
		for j := range c.values {
			name := c.values[j].raw
			if c.key == "aws:principalarn" && strings.ContainsAny(name, "*?$") {
				name = part(name, account)
			}
			if !strings.ContainsAny(name, "*?$") {
				out = append(out, name)
			}
		}
	}
	return out
}

// rootOf is the root user of an account in a partition.
func rootOf(account, partition string) string {
	return "arn:" + partition + ":iam::" + account + ":root"
}

// strangerName is how the index calls all whom nothing is known of.
const strangerName = "*"

// stranger is anybody in an account that is of no organization and that no policy names, with all that such an account can give.
func stranger() *member {
	arn := "arn:aws:iam::000000000000:root"
	return &member{
		name: strangerName, principal: Principal{ARN: arn}, caller: caller{kind: root, account: "000000000000", arn: arn}, account: &domain{},
		unknown: []string{"aws:principaltag/*", "aws:principalarn", "aws:principalaccount", "kms:calleraccount", "aws:principaltype", "aws:username", "aws:userid"},
	}
}

// orderMembers sorts members and makes the lists by which they are found.
func (ix *Index) orderMembers() error {
	slices.SortFunc(ix.members, func(a, b *member) int {
		return cmp.Or(cmp.Compare(a.caller.account, b.caller.account), cmp.Compare(a.name, b.name))
	})
	for i, m := range ix.members {
		if i > 0 && m.name == ix.members[i-1].name {
			return fmt.Errorf("principal %q is there twice", m.name)
		}
		id := int32(i)
		if m.name == strangerName {
			ix.stranger = id
			continue
		}
		m.account.members = append(m.account.members, id)
		for _, name := range m.caller.names() {
			ix.byName[name] = append(ix.byName[name], id)
		}
	}
	return nil
}

// names are the texts by which policies name a caller, but for its account.
func (c *caller) names() []string {
	out := []string{strings.ToLower(c.arn)}
	if c.kind == role {
		out = append(out, c.account+"/"+c.name)
	}
	if c.session != "" {
		out = append(out, strings.ToLower(c.session))
	}
	return out
}

// named lists all whom a principal of a policy may name, and perhaps some whom it does not.
func (ix *Index) named(p *principal) []int32 {
	switch {
	case p.account != "":
		if a := ix.accounts[p.account]; a != nil {
			return a.members
		}
		return nil
	case p.name != "":
		return ix.byName[strings.ToLower(p.name)]
	case p.role != "":
		return ix.byName[p.role]
	}
	return ix.byName[strings.ToLower(p.arn)]
}

// everybody reports whether a statement may name anybody.
func (l *line) everybody() bool {
	return l.who.noPrincipal || l.who.notPrincipals || slices.ContainsFunc(l.who.principals, func(p principal) bool { return p.everyone || p.open })
}

// fold asks of each member what depends on no resource, and finds those that are alike.
func (ix *Index) fold() {
	f := facts{context: map[string]Values{}}
	r := Request{}
	f.request = &r
	signs := map[string]int32{}
	ix.alike = make([]int32, len(ix.members))
	for i, m := range ix.members {
		f.sit(m, ix.unknown, nil)
		m.raw = newOwn(m.identity, m.boundary, m.account.scps)
		if m.caller.outside() {
			m.raw = newOwn(nil, nil, nil)
		} else if m.caller.linked() {
			m.raw = newOwn(m.identity, m.boundary, nil)
		}
		for r := range realms {
			a := asking{facts: &f, realm: r, upTo: always}
			m.own[r] = a.own(&m.raw)
		}
		sign := ix.sign(&f, m, int32(i))
		if _, there := signs[sign]; !there {
			signs[sign] = int32(len(signs))
		}
		ix.alike[i] = signs[sign]
		m.linked = m.caller.linked() || m.caller.maybeLinked()
		m.read = len(Member{m}.Unread()) == 0
	}
}

// sit puts a member in the place of the caller.
func (f *facts) sit(m *member, unknown, also []string) {
	f.caller, f.principal, f.unknown = &m.caller, &m.principal, unknown
	if len(m.unknown)+len(also) > 0 {
		f.unknown = slices.Concat(unknown, m.unknown, also)
	}
}

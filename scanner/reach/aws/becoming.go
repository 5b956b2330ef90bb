package aws

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/keyreeve/keyreeve/scanner/access"
	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
)

// becoming finds who can become whom. It works from the one to be: documents of others are asked only where they hold something that
// leads anywhere, and what an account's principals can make of themselves is found out once.
//
// Steps that hang on what the snapshot does not hold are conditional and name it: which instances, functions, tasks, projects, stacks and
// notebooks have a role, instance profiles, clusters, and versions of policies that are not the default. Left out are ways by giving power
// to two or more others in turn, by service accounts of Kubernetes (who may use one is the cluster's to say, but for pods.eks.amazonaws.com in
// the table), by credentials found in what a service holds, and by services that are not in the table.
type becoming struct {
	mu        sync.Mutex
	world     *world
	evaluator *eval.Evaluator
	accounts  map[string]*eval.Account
	byARN     map[string]*identity
	trusts    map[string]*trust
	members   map[string][]*identity // by account
	unknown   []string               // condition keys that only a request has
	texts     map[string]parsed
	assumes   map[string][]*identity // the members of an account that may assume some role
	forms     map[string][]form      // of the members of an account that can do something that leads anywhere
}

func newBecoming(w *world) *becoming {
	b := &becoming{
		world: w, evaluator: eval.New(), accounts: map[string]*eval.Account{}, byARN: map[string]*identity{}, trusts: map[string]*trust{},
		members: map[string][]*identity{}, texts: map[string]parsed{}, assumes: map[string][]*identity{}, forms: map[string][]form{},
	}
	keys := map[string]bool{"iam:PolicyARN": true, "iam:PermissionsBoundary": true, "sts:ExternalId": true}
	for i := range w.accounts {
		a := &w.accounts[i]
		b.accounts[a.ID] = a
		for _, level := range slices.Concat(a.SCPs, a.RCPs) {
			b.learn(keys, level)
		}
	}
	for i := range w.identities {
		id := &w.identities[i]
		b.byARN[id.ARN] = id
		account := accountIn(id.ARN)
		b.members[account] = append(b.members[account], id)
		b.learn(keys, id.Identity.Identity)
		b.learn(keys, id.Boundary)
	}
	for i := range w.trusts {
		t := &w.trusts[i]
		b.trusts[string(t.role.ID)] = t
		b.learn(keys, []eval.Document{t.document})
	}
	for _, r := range w.snapshot.Resources {
		if r.Type == groupType {
			docs, _ := w.held(&r)
			b.learn(keys, docs)
		}
	}
	for k := range keys {
		if onlyRequest(k) {
			b.unknown = append(b.unknown, k)
		}
	}
	slices.Sort(b.unknown)
	return b
}

// StepsTo lists in which ways others become a principal, or get what it has, sorted by who they are: a user, a role or a session of one, a
// group, the root user of an account (whoever can give itself any policy has what the account's root can delegate), or a SAML provider
// ("saml:ARN"). Those who come from outside are "service NAME", "oidc:ISSUER subject PATTERN", "saml:ARN", "*" for everybody, and the root
// user of an account for its principals that were not read. Users and roles that do not matter are passed over.
func (e *Estate) StepsTo(principal string, matters func(from string) bool) []access.Step {
	return e.becoming().stepsTo(principal, matters)
}

func (b *becoming) stepsTo(to string, matters func(from string) bool) []access.Step {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []access.Step
	account := accountIn(strings.TrimPrefix(to, "saml:"))
	switch typ, rest, _ := strings.Cut(lastPart(to), "/"); {
	case strings.HasPrefix(to, "saml:arn:"):
		out = b.takers(strings.TrimPrefix(to, "saml:"), to, account, provides, matters)
	case typ == "user" && b.byARN[to] != nil:
		out = append(b.takers(to, to, account, takesUser, matters), b.unlisted(to, account)...)
	case typ == "role" && b.trusts[to] != nil:
		out = slices.Concat(b.assumers(b.trusts[to], matters), b.takers(to, to, account, takesRole, matters), b.employers(b.trusts[to], matters), b.unlisted(to, account))
	case typ == "assumed-role":
		out = b.sessions(to, account, rest)
	case typ == "group":
		out = b.joiners(to, account)
	case typ == "root" && rest == "":
		out = b.selfmade(to, account)
	}
	out = slices.DeleteFunc(out, func(s access.Step) bool { return s.Decision == access.Denied || s.From == to })
	slices.SortStableFunc(out, func(a, b access.Step) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.By, b.By)) })
	return out
}

// sessions says that the sessions of a role which documents name are sessions of that role.
func (b *becoming) sessions(to, account, rest string) (out []access.Step) {
	if m := b.roleOf(account, rest); m != nil {
		v := verdict{decision: access.Allowed}.hangs(access.Who, "sts:RoleSessionName", "the name of the session")
		out = append(out, v.step(m.ARN, to, assumeRole))
	}
	return out
}

// roleOf is the role of a session, "ROLE/SESSION", or nil.
func (b *becoming) roleOf(account, session string) *identity {
	name, _, _ := strings.Cut(session, "/")
	for _, m := range b.members[account] {
		if typ, path, _ := strings.Cut(lastPart(m.ARN), "/"); typ == "role" && path[strings.LastIndexByte(path, '/')+1:] == name {
			return m
		}
	}
	return nil
}

// unlisted stands for the principals of an account that were not read, and that may do anything in it.
func (b *becoming) unlisted(to, account string) []access.Step {
	a := b.account(account)
	if a.Unlisted == "" {
		return nil
	}
	v := verdict{decision: access.Allowed}.hangs(access.Who, "list of principals of "+account, "not read: "+a.Unlisted)
	return []access.Step{v.step("arn:"+partitionOf(to)+":iam::"+account+":root", to, "policies of its principals")}
}

// account finds an account, or stands in for one that is not among those that were read.
func (b *becoming) account(id string) *eval.Account {
	if a := b.accounts[id]; a != nil {
		return a
	}
	why := "account " + id + " is not among those that were read"
	unread := [][]eval.Document{{eval.Unread("control policies", why)}}
	a := &eval.Account{ID: id, OrgUnknown: true, SCPs: unread, RCPs: unread, Unlisted: why}
	b.accounts[id] = a
	return a
}

func (b *becoming) plain(id *identity) caller {
	return caller{Identity: id.Identity, account: accountIn(id.ARN)}
}

func (b *becoming) role(t *trust) object {
	arn := string(t.role.ID)
	return object{arn: arn, policy: []eval.Document{t.document}, tags: t.role.Tags}
}

func partitionOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 3); len(parts) == 3 {
		return parts[1]
	}
	return "aws"
}

package aws

import (
	"encoding/json"
	"maps"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

const (
	assumeRole = "sts:AssumeRole"
	webRole    = "sts:AssumeRoleWithWebIdentity"
	samlRole   = "sts:AssumeRoleWithSAML"
	tagSession = "sts:TagSession"
)

// beside are actions that a service needs beside sts:AssumeRole. From "EKS Pod Identity role" in the Amazon EKS User Guide, and "Role
// trusting" in the IAM Roles Anywhere User Guide.
var beside = map[string][]string{
	"pods.eks.amazonaws.com":      {tagSession},
	"rolesanywhere.amazonaws.com": {tagSession, "sts:SetSourceIdentity"},
}

// assumers are those that a role's trust policy lets in.
func (b *becoming) assumers(t *trust, matters func(string) bool) (out []access.Step) {
	to := b.role(t)
	p := b.read(t.document)
	if t.document.Text == nil || p.err != nil {
		why := t.document.Why
		if p.err != nil {
			why = p.err.Error()
		}
		v := verdict{decision: access.Allowed}.hangs(access.How, t.document.Name, "not read: "+why)
		return []access.Step{v.step("*", to.arn, assumeRole)}
	}
	seen := map[string]bool{}
	add := func(s access.Step) {
		if key := s.From + "\x00" + s.By; !seen[key] {
			seen[key] = true
			out = append(out, s)
		}
	}
	for i := range p.doc.Statements {
		s := &p.doc.Statements[i]
		if s.Effect == "Deny" {
			continue
		}
		if s.NotPrincipals != nil {
			add(b.anybody(to))
		}
		for _, who := range s.Principals {
			switch {
			case who.Value == "*" && who.Type != "Service" && who.Type != "Federated", strings.ContainsAny(who.Type+who.Value, awspolicy.Unknown+awspolicy.Computed):
				add(b.anybody(to))
			case who.Type == "AWS":
				for _, c := range b.named(who.Value, to.arn) {
					if matters(c.ARN) {
						add(b.assume(c, to))
					}
				}
			case who.Type == "Service":
				add(b.service(who.Value, to))
			case who.Type == "Federated" && strings.Contains(who.Value, ":saml-provider/"):
				for _, step := range b.assertion(who.Value, to, matters) {
					add(step)
				}
			case who.Type == "Federated":
				for _, step := range b.tokens(who, p.doc, s, to, matters) {
					add(step)
				}
			}
		}
	}
	return out
}

// anyPolicy is a policy of an identity that allows all.
var anyPolicy = eval.Document{Name: "any policy", Text: json.RawMessage(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)}

// named are those whom a principal of a trust policy may mean: one, or those of an account who are allowed to assume some role.
func (b *becoming) named(value, role string) (out []*caller) {
	account, whole := value, isAccount(value)
	if !whole {
		account = accountIn(value)
		whole = lastPart(value) == "root"
	}
	if !whole {
		if id := b.byARN[value]; id != nil {
			c := b.plain(id)
			return []*caller{&c}
		}
		if typ, rest, _ := strings.Cut(lastPart(value), "/"); typ == "assumed-role" {
			if m := b.roleOf(account, rest); m != nil {
				c := b.plain(m)
				c.ARN = value
				return []*caller{&c}
			}
		}
		if account == "" || b.accounts[account] != nil && b.account(account).Unlisted == "" {
			return nil // nobody has the name, or it is the ID of one who was deleted
		}
		return []*caller{b.stranger(value, account)}
	}
	for _, m := range b.assuming(account) {
		c := b.plain(m)
		out = append(out, &c)
	}
	if b.account(account).Unlisted != "" {
		out = append(out, b.stranger("arn:"+partitionOf(role)+":iam::"+account+":root", account))
	}
	return out
}

// assuming are those of an account who may hold sts:AssumeRole.
func (b *becoming) assuming(account string) []*identity {
	if found, there := b.assumes[account]; there {
		return found
	}
	out := []*identity{}
	for _, m := range b.members[account] {
		if b.holds(m.Identity.Identity).one(assumeRole) {
			out = append(out, m)
		}
	}
	b.assumes[account] = out
	return out
}

// stranger is somebody whose policies were not read.
func (b *becoming) stranger(arn, account string) *caller {
	return &caller{Identity: eval.Identity{ARN: arn, TagsUnknown: true, Identity: []eval.Document{anyPolicy}}, account: account, foreign: true}
}

// assume is the step of a principal of AWS into a role. The root user of an account, who assumes no role itself, stands for principals
// of the account that were not read.
func (b *becoming) assume(c *caller, to object) access.Step {
	asks, from := *c, c.ARN
	if lastPart(c.ARN) == "root" {
		asks.ARN = strings.TrimSuffix(c.ARN, "root") + "role/unread"
	}
	v := b.may(&asks, assumeRole, to, nil)
	if c.foreign {
		why := b.account(c.account).Unlisted
		if why == "" {
			why = "it is not among the principals that were read"
		}
		v = v.hangs(access.Who, "policies of "+c.ARN, "not read: "+why)
	}
	return v.step(from, to.arn, assumeRole)
}

// anybody is the step of whoever comes, from any account. What would tell callers apart is left open.
func (b *becoming) anybody(to object) access.Step {
	who := caller{Identity: eval.Identity{ARN: "arn:" + partitionOf(to.arn) + ":iam::000000000000:role/anybody", Identity: []eval.Document{anyPolicy}, TagsUnknown: true}}
	who.open = []string{"aws:Principal*", "aws:userid", "aws:username"}
	return b.may(&who, assumeRole, to, nil).step("*", to.arn, assumeRole)
}

// service is the step of a service of AWS that gives what it runs a role.
func (b *becoming) service(name string, to object) access.Step {
	return b.admits(name, to, nil).step("service "+name, to.arn, assumeRole)
}

// admits says whether a role's trust policy lets a service in, with all that the service does at it.
func (b *becoming) admits(service string, to object, context map[string]eval.Values) verdict {
	who := &caller{Identity: eval.Identity{ARN: service}}
	v := b.may(who, assumeRole, to, context)
	for _, action := range beside[service] {
		v = v.also(b.may(who, action, to, context))
	}
	return v
}

// signIn is the audience of assertions, but for those to the endpoint of one Region. From "Configure SAML assertions for the
// authentication response" in the IAM User Guide.
const signIn = "https://signin.aws.amazon.com/saml"

// assertion are the steps of those for whom a SAML provider speaks, or of those who make one where a trust policy waits for it.
func (b *becoming) assertion(provider string, to object, matters func(string) bool) []access.Step {
	who := &caller{Identity: eval.Identity{ARN: provider}}
	v := b.may(who, samlRole, to, map[string]eval.Values{"SAML:aud": {signIn}})
	if v.decision == access.Denied {
		v = b.may(who, samlRole, to, nil)
	}
	exists, missing := b.provided(provider, samlType, "SAML providers")
	if missing {
		return b.founders(provider, "iam:CreateSAMLProvider", samlRole, v, to, matters)
	}
	return []access.Step{v.also(exists).step("saml:"+provider, to.arn, samlRole)}
}

// tokens are the steps of those who have tokens of an OpenID Connect provider, by the subjects that a statement leaves open. A subject is
// put to the evaluator as it stands; of a pattern, one that it fits.
//
// Where the provider does not exist, they are those of whoever makes it. It takes the issuer's tokens all the same.
func (b *becoming) tokens(who awspolicy.Principal, doc awspolicy.Document, s *awspolicy.Statement, to object, matters func(string) bool) (out []access.Step) {
	issuer := who.Value
	exists, missing := verdict{decision: access.Allowed}, false
	if _, after, found := strings.Cut(who.Value, ":oidc-provider/"); found {
		issuer = after
		exists, missing = b.provided(who.Value, oidcType, "OpenID Connect providers")
	}
	one := awspolicy.Document{Version: doc.Version, Statements: []awspolicy.Statement{*s}}
	one.Statements[0].Principals = []awspolicy.Principal{who}
	trusted, _ := awspolicy.Trusts(one)
	subjects, audiences := []string{}, []string{}
	for _, t := range trusted {
		subjects, audiences = append(subjects, t.Subjects...), append(audiences, t.Audiences...)
	}
	if len(subjects) == 0 {
		subjects = []string{"*"}
	}
	caller := &caller{Identity: eval.Identity{ARN: who.Value}, open: []string{issuer + ":*"}}
	for _, subject := range subjects {
		context := b.foreignClaims(issuer)
		if len(audiences) > 0 && !strings.ContainsAny(audiences[0], "*?") {
			context[issuer+":aud"] = eval.Values{audiences[0]}
		}
		rest := maps.Clone(context)
		context[issuer+":sub"] = eval.Values{instance(subject)}
		v := b.may(caller, webRole, to, context)
		if v.decision == access.Denied {
			v = b.may(caller, webRole, to, rest)
		}
		if missing {
			v = v.hangs(access.Who, issuer+":sub", "a token of "+issuer+" for "+subject)
			out = append(out, b.founders(who.Value, "iam:CreateOpenIDConnectProvider", webRole, v, to, matters)...)
			continue
		}
		out = append(out, v.also(exists).step("oidc:"+issuer+" subject "+subject, to.arn, webRole))
	}
	return out
}

// foreignClaims are the claims of other providers that documents mention. A token does not have them.
func (b *becoming) foreignClaims(issuer string) map[string]eval.Values {
	out := map[string]eval.Values{}
	for _, key := range b.unknown {
		provider, _, _ := strings.Cut(key, ":")
		if strings.Contains(provider, ".") && !strings.HasPrefix(strings.ToLower(key), strings.ToLower(issuer)+":") {
			out[key] = eval.Values{}
		}
	}
	return out
}

// instance is a text that a pattern fits.
func instance(pattern string) string {
	return strings.NewReplacer("*", "keyreeve", "?", "k").Replace(pattern)
}

package document

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// federation asks of each statement of a trust policy, for each identity provider that it names, whom of that provider it lets in
// beside those whom it means: another subject, one that its patterns leave open, a pull request, a token for another audience. A provider that
// certainly does not exist, as when its cluster was deleted, lets nobody in; that its name can be taken is told as dangling.
func federation(p *paper, sum *access.Summary) string {
	sum.Federation = []access.Admission{}
	var open opened
	e := aws.New()
	for i := range p.doc.Statements {
		s := &p.doc.Statements[i]
		if s.Effect == "Deny" {
			continue
		}
		for _, who := range s.Principals {
			switch who.Type {
			case awspolicy.Unknown:
				open.add(p, i)
			case "Federated":
				if p.of.Origin != inventory.Declared && isProvider(who.Value) && p.exists(who.Value) == access.No {
					continue
				}
				t := newTrust(p, i, who.Value, e)
				sum.Federation = append(sum.Federation, t.admissions()...)
				if t.open {
					open.add(p, i)
				}
			}
		}
	}
	return string(open)
}

// trust is one provider that a statement trusts.
type trust struct {
	at       string
	provider string // as the caller's name: the ARN, or a name such as "accounts.google.com"
	issuer   string // without scheme; empty where it is only known later
	saml     bool
	of       issuer
	subjects []string // patterns that conditions compare subjects with
	paper    *paper   // the document, with the provider's claims under its own name
	index    int
	open     bool
	eval     *aws.Evaluator
}

const someProvider = "oidc.invalid"

func newTrust(p *paper, i int, value string, e *aws.Evaluator) *trust {
	t := &trust{at: p.doc.Statements[i].At(i), index: i, eval: e, provider: value, saml: strings.Contains(value, ":saml-provider/")}
	_, name, isARN := strings.Cut(value, "-provider/")
	if !isARN {
		name = value
	}
	if marked(value) { // its name may be known all the same
		t.provider = "arn:aws:iam::" + home + ":oidc-provider/" + someProvider
		if t.saml {
			t.provider = "arn:aws:iam::" + home + ":saml-provider/computed"
		}
	}
	if marked(name) {
		name = namedBy(&p.doc.Statements[i])
	}
	t.issuer, t.of = name, issuerOf(name)
	t.paper = &paper{of: p.of, doc: awspolicy.Document{Version: p.doc.Version}}
	for k, s := range p.doc.Statements {
		s.Conditions = slices.Clone(s.Conditions)
		for c := range s.Conditions {
			s.Conditions[c].Key = t.claim(s.Conditions[c].Key)
			if key := strings.ToLower(s.Conditions[c].Key); k == i && strings.HasSuffix(key, ":sub") {
				t.subjects = append(t.subjects, s.Conditions[c].Values...)
			}
		}
		if k == i {
			s.Principals = []awspolicy.Principal{{Type: "Federated", Value: t.provider}}
		}
		if s.Effect == "Allow" || s.Resources == nil {
			s.Resources = []string{"*"}
		}
		t.paper.doc.Statements = append(t.paper.doc.Statements, s)
	}
	return t
}

// namedBy is the issuer whose claims a statement compares, where the conditions name one and the principal does not.
func namedBy(s *awspolicy.Statement) string {
	for _, c := range s.Conditions {
		if name, _, is := claimOf(c.Key); is && !marked(name) {
			return name
		}
	}
	return ""
}

// claimOf takes the condition key of a claim apart: into the name of the issuer and the claim with its ":".
func claimOf(key string) (name, claim string, is bool) {
	at := strings.LastIndexByte(key, ':')
	if at < 0 {
		return "", "", false
	}
	name, claim = key[:at], key[at:]
	return name, claim, strings.Contains(name, ".") || marked(name)
}

// claim puts one name in place of the provider's in a condition key. A name that is not resolved is taken for that of the provider: a
// condition on a claim of another lets nobody in.
func (t *trust) claim(key string) string {
	name, claim, is := claimOf(key)
	if is && !t.saml && (strings.EqualFold(name, t.issuer) || marked(name) || t.issuer == "") {
		return someProvider + claim
	}
	return key
}

// matters reports whether a condition key asks for what a stranger at the provider cannot have.
func matters(key string) bool {
	key = strings.ToLower(key)
	return isTold(key) || slices.ContainsFunc(claims, func(c string) bool { return strings.HasSuffix(key, c) })
}

// besidesOrganization reports whether a condition key asks for what somebody else of the same organization cannot have.
func besidesOrganization(key string) bool {
	return matters(key) && !slices.ContainsFunc(organizations, func(c string) bool { return strings.HasSuffix(strings.ToLower(key), c) })
}

func isAudience(key string) bool { return strings.HasSuffix(strings.ToLower(key), ":aud") }

// admissions are what is wrong with the trust.
func (t *trust) admissions() (out []access.Admission) {
	add := func(admits, subject string, certain bool) {
		platform := t.of.platform
		if t.saml {
			platform = "saml"
		}
		out = append(out, access.Admission{At: t.at, Provider: t.issuer, Platform: platform, Admits: admits, Subject: subject, Certain: certain})
	}
	if !t.saml && t.of.platform != "people" { // there the audience is an application of one's own, whose users may be anybody
		if admits, subject, certain := t.subject(); admits != "" {
			add(admits, subject, certain)
		}
	}
	if is, certain := t.admits(func(key string) bool {
		return isAudience(key) || matters(key) && !strings.HasSuffix(strings.ToLower(key), ":sub")
	}, "stranger", "https://stranger.example"); is {
		add("any_audience", "", certain)
	}
	return out
}

// subject finds the widest kind of subject that is let in and not named.
func (t *trust) subject() (admits, subject string, certain bool) {
	try := func(kind string, matter func(key string) bool, subjects ...string) bool {
		for _, s := range subjects {
			if is, sure := t.admits(matter, s, ""); is {
				admits, subject, certain = kind, s, sure
				return true
			}
		}
		return false
	}
	open := t.open
	if try("everybody", matters, t.of.stranger) {
		t.open = open // it is sure, whatever else is not
		if len(t.subjects) > 0 && slices.ContainsFunc(t.subjects, func(p string) bool { return strings.ContainsAny(p, "*?") }) {
			admits = "several" // its patterns describe strangers, too
		}
		return admits, subject, certain
	}
	if try("several", besidesOrganization, t.of.stranger) { // of an organization that it names by a claim of its own
		t.open = open
		return admits, subject, certain
	}
	var filled, requests []string
	for _, pattern := range t.subjects {
		if end := t.of.requests; end != "" && !marked(pattern) {
			requests = append(requests, pullRequest(pattern, end))
		}
		if strings.ContainsAny(pattern, "*?") && !marked(pattern) {
			filled = append(filled, t.fill(pattern)...)
		}
	}
	if !try("several", matters, filled...) {
		try("pull_request", matters, requests...)
	}
	if admits != "" {
		t.open = open
	}
	return admits, subject, certain
}

// fill makes subjects of somebody else of a pattern, of the form that those of the issuer have where the pattern leaves it open. What
// follows a repository, a workspace or the like that is named does not matter: a branch or a step of it is nobody else.
func (t *trust) fill(pattern string) []string {
	if t.of.named != nil && t.of.named.MatchString(pattern) {
		return nil
	}
	full := strings.NewReplacer("*", "stranger", "?", "x").Replace(pattern)
	if t.of.platform == "cluster" {
		return []string{full, accounts + "stranger" + pattern[strings.LastIndexAny(pattern, "*?")+1:]}
	}
	return []string{full}
}

// pullRequest is the subject of a pull request to the repository that a pattern of GitHub's names.
func pullRequest(pattern, end string) string {
	parts := strings.SplitN(pattern, ":", 3)
	if len(parts) < 2 {
		return ""
	}
	return strings.NewReplacer("*", "stranger", "?", "x").Replace(parts[0]+":"+parts[1]) + end
}

// admits asks for a token of the provider.
func (t *trust) admits(matter func(string) bool, subject, audience string) (is, certain bool) {
	doc, dropped := t.paper.without(t.index, func(c *awspolicy.Condition) bool {
		return matter(c.Key) || marked(c.Key) && !strings.Contains(c.Key, ":")
	})
	for i := range doc.Statements {
		doc.Statements[i].Resources, doc.Statements[i].NotResources = nil, nil
	}
	action, context := "sts:AssumeRoleWithWebIdentity", map[string]aws.Values{}
	if t.saml {
		action = "sts:AssumeRoleWithSAML"
		context["saml:aud"], context["saml:sub"] = aws.Values{audience}, aws.Values{"stranger"}
	}
	for _, s := range doc.Statements {
		for _, c := range s.Conditions {
			if key := strings.ToLower(c.Key); strings.HasPrefix(key, someProvider) {
				context[key] = aws.Values{"stranger"}
				for _, v := range c.Values { // a pattern is met by whoever can be met by it
					if strings.ContainsAny(v, "*?") && !marked(v) {
						context[key] = aws.Values{strings.NewReplacer("*", "stranger", "?", "x").Replace(v)}
					}
				}
			}
		}
	}
	if !t.saml {
		context[someProvider+":sub"], context[someProvider+":aud"] = aws.Values{subject}, aws.Values{audience}
	}
	r := aws.Request{Action: action, Resource: aws.Resource{ARN: "arn:aws:iam::" + home + ":role/asked", Policy: aws.Documents{doc.JSON()}}}
	var people []someone
	for _, from := range []map[string]aws.Values{{"aws:SourceIp": {"203.0.113.77"}}, {"aws:SourceVpc": {"vpc-0stranger"}, "aws:SourceVpce": {"vpce-0stranger"}}} {
		for k, v := range context {
			from[k] = v
		}
		people = append(people, someone{aws.Principal{ARN: t.provider}, from})
	}
	switch letIn(t.eval, r, people) {
	case access.Yes:
		return true, !dropped
	case access.Maybe:
		t.open = true
	}
	return false, false
}

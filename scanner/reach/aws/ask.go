package aws

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// caller is somebody who acts: a user or role as it is, or as it could make itself.
type caller struct {
	eval.Identity
	account string   // empty for services and providers
	foreign bool     // its policies are not among those that were read
	open    []string // condition keys that are not known of it
}

// object is what is acted on.
type object struct {
	arn    string
	policy []eval.Document
	tags   map[string]string
	made   bool // the caller makes it up, or which it is was not read
}

// verdict is an answer without its question.
type verdict struct {
	decision access.Decision
	residual []access.Residual
	because  []access.Because
}

// also is the verdict that both are needed for. Nothing is left of two if one is denied.
func (v verdict) also(u verdict) verdict {
	if v.decision == access.Denied || u.decision == access.Denied {
		return verdict{decision: access.Denied}
	}
	out := verdict{decision: access.Allowed, residual: slices.Concat(v.residual, u.residual)}
	if v.decision != access.Allowed || u.decision != access.Allowed {
		out.decision = access.Conditional
	}
	slices.SortFunc(out.residual, func(a, b access.Residual) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Statement, b.Statement))
	})
	out.residual = slices.Compact(out.residual)
	for _, b := range slices.Concat(v.because, u.because) {
		if !slices.Contains(out.because, b) {
			out.because = append(out.because, b)
		}
	}
	return out
}

// hangs is the verdict if it also hangs on something that is not known.
func (v verdict) hangs(class access.Class, on, why string) verdict {
	return v.also(verdict{decision: access.Conditional, residual: []access.Residual{{Class: class, Key: on, Statement: why}}})
}

// better orders verdicts: what is certain before what hangs on something, and on less before more.
func (v verdict) better(u verdict) bool {
	rank := func(d access.Decision) int {
		return slices.Index([]access.Decision{access.Denied, access.Conditional, access.Allowed}, d)
	}
	return cmp.Or(cmp.Compare(rank(v.decision), rank(u.decision)), cmp.Compare(len(u.residual), len(v.residual))) > 0
}

func (v verdict) step(from, to, by string) access.Step {
	return access.Step{From: from, To: to, By: by, Decision: v.decision, Residual: append([]access.Residual{}, v.residual...), Because: append([]access.Because{}, v.because...)}
}

// may asks the evaluator. Condition keys that documents mention and that are neither in the context nor known of the caller and the
// object are left open.
func (b *becoming) may(c *caller, action string, on object, context map[string]eval.Values) verdict {
	names := map[string]eval.Document{}
	r := eval.Request{System: "aws", Action: action, Unknown: b.unknown, Context: map[string]eval.Values{}}
	r.Principal = eval.Principal{ARN: c.ARN, Tags: c.Tags, Identity: b.documents(names, "identity policy", c.Identity.Identity), Boundary: b.documents(names, "boundary", c.Boundary)}
	r.Resource = eval.Resource{ARN: on.arn, Tags: on.tags}
	side := "resource policy"
	if service, _, _ := strings.Cut(action, ":"); service == "sts" {
		side = "trust policy"
	}
	r.Resource.Policy = b.documents(names, side, on.policy)
	if len(c.open) > 0 {
		r.Unknown = append(slices.Clone(r.Unknown), c.open...)
	}
	home := b.account(cmp.Or(accountIn(on.arn), c.account))
	if c.account != "" {
		own := b.account(c.account)
		r.Principal.Org, r.Principal.Path = own.Org, own.Path
		r.SCPs = b.levels(names, "SCP", own.SCPs)
		if own.OrgUnknown {
			r.Unknown = append(slices.Clone(r.Unknown), "aws:PrincipalOrgID", "aws:PrincipalOrgPaths")
		}
		if c.TagsUnknown {
			r.Unknown = append(slices.Clone(r.Unknown), "aws:PrincipalTag/*")
		}
	}
	r.RCPs = b.levels(names, "RCP", home.RCPs)
	switch {
	case home.OrgUnknown:
		r.Unknown = append(slices.Clone(r.Unknown), "aws:ResourceOrgID", "aws:ResourceOrgPaths")
	case home.Org != "":
		r.Context["aws:ResourceOrgID"] = eval.Values{home.Org}
		r.Context["aws:ResourceOrgPaths"] = eval.Values{home.Org + "/" + strings.Join(home.Path, "/") + "/"}
	}
	if on.made {
		r.Unknown = append(slices.Clone(r.Unknown), "aws:ResourceTag/*", "ssm:resourceTag/*", "ec2:ResourceTag/*", "ecs:ResourceTag/*")
	}
	if strings.HasPrefix(action, "iam:") && strings.HasPrefix(on.arn, "arn:aws:") { // of the partition that is called aws, IAM is in one Region
		r.Context["aws:RequestedRegion"] = eval.Values{"us-east-1"}
	} else {
		r.Unknown = append(slices.Clone(r.Unknown), "aws:RequestedRegion") // the caller chooses it
	}
	for k, v := range on.tags {
		r.Context["iam:ResourceTag/"+k] = eval.Values{v}
	}
	for k, v := range context {
		r.Context[k] = v
	}
	return told(b.evaluator.Decide(r), names)
}

// told puts an answer into the names that people know. A document that the evaluator refuses may say anything.
func told(a access.Answer, names map[string]eval.Document) verdict {
	if a.Decision == access.Failed {
		return verdict{decision: access.Conditional, residual: []access.Residual{{Class: access.How, Key: "a document that cannot be read", Statement: a.Error}}}
	}
	v := verdict{decision: a.Decision}
	for _, r := range a.Residual {
		if d, there := names[r.Key]; there {
			r.Key, r.Statement = d.Name, "not read: "+d.Why
		}
		v.residual = append(v.residual, r)
	}
	for _, s := range a.Because {
		if d, there := names[s.Document]; there {
			s.Document = d.Name
		}
		v.because = append(v.because, s)
	}
	return v
}

// unreadText stands for a document that may say anything.
var unreadText = json.RawMessage(`"` + awspolicy.Unknown + `"`)

// documents are those of one side, and their names by what the evaluator calls them.
func (b *becoming) documents(names map[string]eval.Document, side string, list []eval.Document) eval.Documents {
	var out eval.Documents
	for i, d := range list {
		text := d.Text
		if p := b.read(d); p.err != nil {
			d.Why, text = p.err.Error(), unreadText
		} else if text == nil {
			text = unreadText
		}
		out = append(out, text)
		place := side
		if len(list) > 1 {
			place = fmt.Sprintf("%s %d", side, i)
		}
		names[place] = d
	}
	return out
}

func (b *becoming) levels(names map[string]eval.Document, side string, levels [][]eval.Document) (out []eval.Documents) {
	for i, list := range levels {
		out = append(out, b.documents(names, fmt.Sprintf("%s level %d", side, i), list))
	}
	return out
}

// parsed is a document taken apart.
type parsed struct {
	doc   awspolicy.Document
	err   error
	holds powers
}

// read takes a document apart, each text once. One that was not read is empty.
func (b *becoming) read(d eval.Document) parsed {
	if d.Text == nil {
		return parsed{holds: ^powers(0)}
	}
	if p, there := b.texts[string(d.Text)]; there {
		return p
	}
	var p parsed
	p.doc, p.err = awspolicy.ParseKeyPolicy(d.Text) // which elements are missing, the evaluator says
	p.holds = holds(&p)
	b.texts[string(d.Text)] = p
	return p
}

var variable = regexp.MustCompile(`\$\{([A-Za-z0-9-]+:[^},\s]+)`)

// learn adds the condition keys that a document mentions and that only a request has.
func (b *becoming) learn(keys map[string]bool, list []eval.Document) {
	for _, d := range list {
		if _, before := b.texts[string(d.Text)]; before {
			continue
		}
		for _, s := range b.read(d).doc.Statements {
			for _, c := range s.Conditions {
				keys[c.Key] = true
			}
		}
		for _, m := range variable.FindAllStringSubmatch(string(d.Text), -1) {
			keys[m[1]] = true
		}
	}
}

// derived are the condition keys, or beginnings of some, that a caller and an object say by themselves.
var derived = []string{
	"aws:principal", "aws:username", "aws:userid", "aws:resourcetag/", "aws:resourceaccount", "aws:resourceorg", "iam:resourcetag/", "aws:securetransport",
}

func onlyRequest(key string) bool {
	key = strings.ToLower(key)
	return !slices.ContainsFunc(derived, func(d string) bool { return strings.HasPrefix(key, d) })
}

package document

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/glob"
)

// What a key policy in code gives by itself to those whom it names. Whoever is of the key's account has it by the policy alone; of who is of
// another account, that account's own policies have a say. What control policies and denials elsewhere take away again is not seen.

// grantee is somebody whom a statement of a key policy lets in.
type grantee struct {
	who     string // as documents and people write it
	arn     string // what the evaluator is asked about
	account string
	at      int
	doubt   string // why it is not certain who that is, or of which account; empty where it is
}

// holders are all whom a policy lets in by name, as principals or in conditions, each once for each statement, and the policy with their ARNs in
// it. It is not known of which account a key will be where more than one may write its policy: AWS takes no policy that lets its account's
// caller write it no more. A secret will be of the account in which the code is applied.
func (p *paper) holders() (doc awspolicy.Document, all []grantee, account string) {
	writers := map[string]bool{}
	doc.Version = p.doc.Version
	for i := range p.doc.Statements {
		s := settled(p.doc.Statements[i])
		s.Sid, s.Resources, s.NotResources = p.doc.Statements[i].Sid, []string{"*"}, nil
		s.Principals = slices.Clone(s.Principals)
		for k, who := range p.doc.Statements[i].Principals {
			n := nameOf(who, i, k)
			if n == nil {
				continue
			}
			s.Principals[k].Value = n.arn
			if s.Effect == "Allow" {
				all = append(all, *n)
				if n.doubt == "" && slices.ContainsFunc(s.Actions, func(a string) bool { return glob.Match(strings.ToLower(a), "kms:putkeypolicy") }) {
					writers[n.account] = true
				}
			}
		}
		if s.Effect == "Allow" {
			all = append(all, inConditions(p.doc.Statements[i].Conditions, i)...)
		}
		doc.Statements = append(doc.Statements, s)
	}
	if p.of.Type == secretPolicy { // whoever writes it need not be in it
		return doc, all, home
	}
	for of := range writers {
		account = of
	}
	if len(writers) != 1 {
		account = ""
	}
	return doc, all, account
}

// ofAccount are the parts of a principal of a trust or key policy: its account, and what of it.
var ofAccount = regexp.MustCompile(`^arn:[a-z-]+:(?:iam|sts)::([0-9]{12}|` + awspolicy.Computed + `|[^:]*` + awspolicy.Unknown + `[^:]*):(.+)$`)

// nameOf reads a principal; nil where it is everybody, a service or an ID. An account that is only known later is the one in which the code is
// applied.
func nameOf(p awspolicy.Principal, at, k int) *grantee {
	if p.Type != "AWS" && !holed(p.Type) || p.Value == "*" || !marked(p.Value) && !strings.Contains(p.Value, ":") && len(p.Value) != 12 {
		return nil
	}
	if m := ofAccount.FindStringSubmatch(p.Value); m != nil && !marked(m[2]) && p.Type == "AWS" {
		if holed(m[1]) {
			return &grantee{arn: "arn:aws:iam::" + home + ":" + m[2], at: at, doubt: "of which account"}
		}
		account := strings.Replace(m[1], awspolicy.Computed, home, 1)
		return &grantee{who: strings.Replace(p.Value, awspolicy.Computed, "ACCOUNT", 1), arn: "arn:aws:iam::" + account + ":" + m[2], account: account, at: at}
	}
	if !marked(p.Value) && len(p.Value) == 12 {
		return &grantee{who: p.Value, arn: "arn:aws:iam::" + p.Value + ":root", account: p.Value, at: at}
	}
	return &grantee{arn: fmt.Sprintf("arn:aws:iam::%s:role/named-%d-%d", home, at, k), at: at, doubt: "not resolved"}
}

// inConditions are those whom the conditions of a statement that allows let in: users and roles, by patterns too, and accounts.
func inConditions(conditions []awspolicy.Condition, at int) (out []grantee) {
	for _, c := range conditions {
		arns := strings.EqualFold(c.Key, "aws:PrincipalArn")
		if !arns && !strings.EqualFold(c.Key, "aws:PrincipalAccount") && !strings.EqualFold(c.Key, "kms:CallerAccount") || strings.Contains(c.Operator, "Not") {
			continue
		}
		for k, v := range c.Values {
			if !arns && v == awspolicy.Computed { // the account in which the code is applied
				v = "arn:aws:iam::" + v + ":root"
			}
			if arns && strings.Count(v, ":") == 5 && !strings.Contains(v, "/") {
				v = v[:strings.LastIndexByte(v, ':')] + ":root" // all of the account
			}
			n := nameOf(awspolicy.Principal{Type: "AWS", Value: v}, at, k)
			if n == nil || arns && strings.ContainsAny(accountOf(n.arn), "*?") || n.doubt != "" && !holed(v) {
				continue
			}
			out = append(out, *n)
		}
	}
	return out
}

// may says what somebody may do with the key by this policy alone: Yes where it may for certain, or under conditions that only a request has;
// Maybe where that hangs on what is not resolved.
func (q question) may(action string, own aws.Documents) (may access.Truth, certain bool) {
	r := aws.Request{Action: action, Principal: aws.Principal{ARN: q.who.arn, Identity: own, Session: own}, Context: grantsAnything}
	all := strings.HasSuffix(q.who.arn, ":root") // it stands for the account's users and roles
	if all {
		r.Principal.ARN = strings.TrimSuffix(q.who.arn, "root") + "role/any"
	}
	r.Resource = aws.Resource{ARN: strings.Replace(q.on, home, q.account, 1), Policy: aws.Documents{q.doc.JSON()}}
	for i := range q.doc.Statements {
		for _, c := range q.doc.Statements[i].Conditions {
			key := strings.ToLower(c.Key)
			if follows := slices.Contains(derived, key) && !(all && slices.Contains(personal, key)); !follows && grantsAnything[key] == nil {
				r.Unknown = append(r.Unknown, c.Key)
			}
		}
	}
	a := q.e.Decide(r)
	switch {
	case a.Decision == access.Denied:
		return access.No, true
	case a.Decision == access.Allowed:
		return access.Yes, true
	case a.Decision == access.Failed: // it is nobody whom AWS knows
		return access.Maybe, false
	case slices.ContainsFunc(a.Residual, func(residual access.Residual) bool {
		return !slices.Contains(r.Unknown, residual.Key) || marked(residual.Key)
	}):
		return access.Maybe, false
	}
	return access.Yes, false
}

// grantsAnything is what only a request to create a grant has, of a grant of all operations to a stranger.
var grantsAnything = map[string]aws.Values{
	"kms:grantoperations": {"Decrypt", "Sign", "CreateGrant"}, "kms:granteeprincipal": {"arn:aws:iam::999999999999:role/stranger"}, "kms:grantisforawsresource": {"false"},
	"kms:grantconstrainttype": {}, "kms:retiringprincipal": {},
}

// personal are those of derived in which the users and roles of an account differ.
var personal = []string{"aws:principalarn", "aws:principaltype"}

// derived are condition keys that follow from who calls.
var derived = []string{"aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:principalisawsservice", "kms:calleraccount", "aws:resourceaccount"}

// gives are the actions of some powers that somebody may do for certain, and whether it may do one.
func (q question) gives(powers ...access.Power) (sure []string, some access.Truth) {
	some = access.No
	for _, action := range aws.ActionsOn("kms", "key") {
		if !slices.Contains(powers, aws.PowerOf(action)) || slices.Contains(labels, action) {
			continue
		}
		switch may, certain := q.may(action, nil); {
		case may == access.Yes && certain:
			sure, some = append(sure, action), access.Yes
		case may == access.Maybe:
			some = some.Or(may)
		}
	}
	return sure, some
}

// labels are control only where rights go by tags or aliases, which is for others to say.
var labels = []string{"kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias", "kms:TagResource", "kms:UntagResource"}

// insiders puts a question about each of those of the key's own account, whose answer is told where it is certain who they are. It names the first
// statement on which an answer hangs.
func (p *paper) insiders(ask func(q question) (truth access.Truth, tell func())) string {
	doc, all, account := p.holders()
	e, asked := aws.New(), map[string]bool{}
	var open opened
	for i := range all {
		n := &all[i]
		if strings.HasSuffix(n.arn, ":root") || asked[n.arn] || n.doubt == "" && account != "" && n.account != account {
			continue
		}
		asked[n.arn] = true
		q := question{e, doc, n, account, guarded[p.of.Type].arn}
		if n.doubt != "" { // it may be of the key's account
			of := *n
			of.arn = strings.Replace(n.arn, home, cmp.Or(account, home), 1)
			q.doc, q.who = replaced(doc, n.arn, of.arn), &of
		}
		q.account = cmp.Or(account, accountOf(n.arn))
		switch truth, tell := ask(q); {
		case truth == access.No:
		case truth == access.Yes && n.doubt == "" && account != "":
			tell()
		default:
			open.add(p, n.at)
		}
	}
	return string(open)
}

// question is one about somebody and a key of an account.
type question struct {
	e       *aws.Evaluator
	doc     awspolicy.Document
	who     *grantee
	account string
	on      string // the ARN of the key or secret, with home in place of the account
}

func accountOf(arn string) string { return strings.Split(arn, ":")[4] }

// replaced is a document with another principal in place of one.
func replaced(doc awspolicy.Document, from, to string) awspolicy.Document {
	doc.Statements = slices.Clone(doc.Statements)
	for i := range doc.Statements {
		s := &doc.Statements[i]
		s.Principals = slices.Clone(s.Principals)
		for k := range s.Principals {
			if s.Principals[k].Value == from {
				s.Principals[k].Value = to
			}
		}
	}
	return doc
}

// conflicts asks who both uses and administers the key.
func conflicts(p *paper, sum *access.Summary) string {
	sum.Conflicts = []access.Conflict{}
	open := p.insiders(func(q question) (access.Truth, func()) {
		use, uses := q.gives(access.Reveal, access.Sign)
		administer, administers := q.gives(access.Control, access.Destroy, access.Material)
		return uses.And(administers), func() {
			sum.Conflicts = append(sum.Conflicts, access.Conflict{Principal: q.who.who, Use: use, Administer: administer})
		}
	})
	if len(sum.Conflicts) > 0 {
		return ""
	}
	return open
}

// grantors asks who may create any grant and does not administer the key.
func grantors(p *paper, sum *access.Summary) string {
	sum.Grantors = []access.Grantor{}
	open := p.insiders(func(q question) (access.Truth, func()) {
		may, certain := q.may("kms:CreateGrant", nil)
		if rules, always := q.may("kms:PutKeyPolicy", nil); rules == access.Yes && (always || !certain) {
			may = access.No
		}
		return may, func() {
			sum.Grantors = append(sum.Grantors, access.Grantor{Principal: q.who.who, At: p.doc.Statements[q.who.at].At(q.who.at), Certain: certain})
		}
	})
	if len(sum.Grantors) > 0 {
		return ""
	}
	return open
}

// elsewhere is an account that no policy names.
const elsewhere = "999999999999"

// outsiders asks who of other accounts may use the key, or read the secret, if their accounts let them. An organization that a condition names
// may be the key's own.
func outsiders(p *paper, sum *access.Summary) string {
	sum.Outsiders = []access.Outsider{}
	doc, all, account := p.holders()
	e, told, on := aws.New(), map[string]bool{}, guarded[p.of.Type]
	var open opened
	for i := range all {
		n := &all[i]
		if n.doubt == "" && (n.account == account || told[n.account]) {
			continue
		}
		var actions []string
		for _, action := range aws.ActionsOn(on.service, on.typ) {
			power := aws.PowerOf(action)
			use := power == access.Reveal || power == access.Sign || action == "kms:CreateGrant"
			if !use {
				continue
			}
			if may, _ := (question{e, doc, n, elsewhere, on.arn}).may(action, everything); may != access.No {
				actions = append(actions, action)
			}
		}
		inOrganization := slices.ContainsFunc(doc.Statements[n.at].Conditions, func(c awspolicy.Condition) bool {
			return strings.HasPrefix(strings.ToLower(c.Key), "aws:principalorg")
		})
		switch {
		case len(actions) == 0:
		case n.doubt != "":
			open.add(p, n.at)
		case account == "" || account == home || n.account == home || inOrganization:
			open.addAccount(p, n.at)
		default:
			told[n.account] = true
			o := access.Outsider{Principal: n.who, Account: n.account, At: p.doc.Statements[n.at].At(n.at), Actions: actions}
			if strings.HasSuffix(n.arn, ":root") {
				o.Principal = n.account
			}
			sum.Outsiders = append(sum.Outsiders, o)
		}
	}
	if len(sum.Outsiders) > 0 {
		return ""
	}
	return string(open)
}

package document

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/glob"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// told are the condition keys that say who calls or from which network, and that a caller cannot choose. Whoever wants in meets all
// other conditions: it picks the service that it comes through, the encryption context, the tags of its own roles. From "AWS global
// condition context keys" and "AWS KMS condition keys".
var told = []string{
	"aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn", "aws:userid", "aws:principalisawsservice",
	"aws:principalservicename", "aws:principalservicenameslist", "aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid",
	"aws:sourceorgpaths", "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths",
	"aws:sourceip", "kms:calleraccount",
}

// isTold reports whether a condition key is one of told, or may be, where it is not resolved.
func isTold(key string) bool {
	key = strings.ToLower(key)
	start, _, open := strings.Cut(strings.ReplaceAll(key, awspolicy.Computed, awspolicy.Unknown), awspolicy.Unknown)
	return slices.ContainsFunc(told, func(k string) bool { return k == key || open && strings.HasPrefix(k, start) })
}

// tells reports whether a condition hangs on who calls: by its key, or by a variable that some other key is compared with.
func tells(c *awspolicy.Condition) bool {
	return isTold(c.Key) || slices.ContainsFunc(c.Values, func(v string) bool {
		return slices.ContainsFunc(told, func(k string) bool { return strings.Contains(strings.ToLower(v), "${"+k) })
	})
}

// without leaves of a document what one statement and the denials say to somebody who meets all conditions but those on keys that
// matter. Dropped tells whether the statement has others. A denial that has one is one that can be avoided.
func (p *paper) without(i int, matter func(*awspolicy.Condition) bool) (doc awspolicy.Document, dropped bool) {
	doc.Version = p.doc.Version
	for k := range p.doc.Statements {
		s := p.doc.Statements[k]
		if k != i && s.Effect == "Allow" {
			continue
		}
		chosen := slices.ContainsFunc(s.Conditions, func(c awspolicy.Condition) bool { return !matter(&c) })
		same := p.itself(s.Resources) || slices.Equal(s.Resources, p.doc.Statements[i].Resources) ||
			s.NotResources != nil && p.of.Type == "aws.iam.policy" // which denies what nothing names; elsewhere all is about one resource
		if k != i && (chosen || !same) {
			continue
		}
		if k != i && s.Effect != "Deny" { // it may deny, which decides nothing for certain
			s.Conditions = append(slices.Clone(s.Conditions), awspolicy.Condition{Operator: awspolicy.Unknown, Key: awspolicy.Unknown, Values: []string{awspolicy.Unknown}})
		}
		if chosen {
			dropped = true
			s.Conditions = slices.DeleteFunc(slices.Clone(s.Conditions), func(c awspolicy.Condition) bool { return !matter(&c) })
		}
		doc.Statements = append(doc.Statements, settled(s))
	}
	return doc, dropped
}

// itself reports whether patterns of ARNs describe all that there is, or the live key or secret that the document guards.
func (p *paper) itself(patterns []string) bool {
	of, _, _ := strings.Cut(string(p.of.ID), "#")
	guards := guarded[p.of.Type].arn != "" && p.of.Origin != inventory.Declared
	return slices.ContainsFunc(patterns, func(pattern string) bool { return pattern == "*" || guards && glob.Match(pattern, of) })
}

// settled puts a name that nobody else has in place of what is only known later: an action that is, is not resolved.
func settled(s awspolicy.Statement) awspolicy.Statement {
	open := func(list []string) []string {
		out := slices.Clone(list)
		for i := range out {
			out[i] = strings.ReplaceAll(out[i], awspolicy.Computed, awspolicy.Unknown)
		}
		return out
	}
	name := func(list []awspolicy.Principal) []awspolicy.Principal {
		out := slices.Clone(list)
		for i, p := range out {
			if strings.Contains(p.Value, awspolicy.Computed) && !holed(p.Type+p.Value) {
				out[i].Value = "arn:aws:iam::" + home + ":role/computed"
			}
		}
		return out
	}
	s.Sid = ""
	s.Effect = strings.ReplaceAll(s.Effect, awspolicy.Computed, awspolicy.Unknown)
	s.Actions, s.NotActions = open(s.Actions), open(s.NotActions)
	s.Principals, s.NotPrincipals = name(s.Principals), name(s.NotPrincipals)
	s.Conditions = slices.Clone(s.Conditions)
	for i, c := range s.Conditions {
		c.Values = slices.Clone(c.Values)
		for k, v := range c.Values {
			texts := strings.Contains(strings.ToLower(c.Operator), "string") || strings.Contains(strings.ToLower(c.Operator), "arn")
			if with := "computed"; texts && !strings.Contains(v, "${"+awspolicy.Computed) {
				c.Values[k] = strings.ReplaceAll(v, awspolicy.Computed, with)
			} else {
				c.Values[k] = strings.ReplaceAll(v, awspolicy.Computed, awspolicy.Unknown)
			}
		}
		s.Conditions[i] = c
	}
	return s
}

// home is an account that strangers are not of.
const home = "000000000000"

// everything is a policy of somebody who has every permission on its own side.
var everything = aws.Documents{json.RawMessage(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)}

// someone is somebody who comes, and from where.
type someone struct {
	principal aws.Principal
	context   map[string]aws.Values
}

// strangers are who comes to a policy of a resource: roles of an account and an organization that the document does not name, from the
// internet and from a network of their own, by the names and from the addresses that its patterns leave to them; such a role of an
// account that is in no organization; and a service that acts for them. Accounts and organizations that patterns describe are others
// besides.
func (p *paper) strangers() []someone {
	text := p.of.Document
	account := "999999999999"
	for n := 999999999998; strings.Contains(text, account); n-- {
		account = fmt.Sprint(n)
	}
	iam := "arn:aws:iam::" + account + ":"
	arns, addresses := []string{iam + "role/stranger"}, []string{"203.0.113.77", "8.8.4.4", "2001:db8:77::77"}
	ids, sources, orgs := []string{"AROASTRANGERSTRANGER:stranger"}, []string{}, []string{"o-stranger99"}
	for i := range p.doc.Statements {
		for _, c := range p.doc.Statements[i].Conditions {
			for _, v := range c.Values {
				switch strings.ToLower(c.Key) {
				case "aws:principalarn":
					of := account
					if parts := strings.SplitN(v, ":", 6); len(parts) == 6 && !glob.Match(parts[4], account) {
						of = cmp.Or(filled(parts[4], "7", 12), account)
					}
					if arn := arnOf(v, of); strings.HasPrefix(arn, "arn:aws:iam::"+of+":") {
						arns = append(arns, arn)
					} else if arn = begun(v, func(name string) bool { return isIdentity(name) && strings.Count(name, ":") == 5 || name == iam+"root" }, iam+"role/stranger", iam+"user/stranger", iam+"root"); arn != "" {
						arns = append(arns, arn)
					}
				case "aws:principalaccount", "kms:calleraccount":
					if of := filled(v, "7", 12); of != "" {
						arns = append(arns, "arn:aws:iam::"+of+":role/stranger")
					}
				case "aws:principalorgid":
					if org := filled(v, "s", len("o-stranger99")); org != "" {
						orgs = append(orgs, org)
					}
				case "aws:userid":
					if id := begun(v, isUserID, ids[0], "AIDASTRANGERSTRANGER"); id != "" {
						ids = append(ids, id)
					}
				case "aws:sourceip":
					if n, err := netip.ParsePrefix(v); err == nil && (n.Addr().Is4() && n.Bits() < 8 || !n.Addr().Is4() && n.Bits() < 32) {
						addresses = append(addresses, n.Addr().Next().String())
					}
				case "aws:sourcearn":
					if arn := arnOf(v, account); arn != "" {
						sources = append(sources, arn)
					}
				case "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner", "aws:principalisawsservice", "aws:principalservicename":
					sources = append(sources, "arn:aws:s3:::stranger")
				}
			}
		}
	}
	var out []someone
	for _, arn := range arns {
		who := aws.Principal{ARN: arn, SessionName: "stranger", Identity: everything, Org: orgs[0], Path: []string{"r-strg", "ou-strg-stranger"}}
		alone := who
		alone.Org, alone.Path = "", nil
		for _, org := range orgs[1:] {
			of := who
			of.Org = org
			out = append(out, someone{of, map[string]aws.Values{"aws:userid": {ids[0]}, "aws:SourceIp": {addresses[0]}}})
		}
		for _, id := range ids {
			for _, address := range addresses {
				from := map[string]aws.Values{"aws:userid": {id}, "aws:SourceIp": {address}}
				out = append(out, someone{who, from}, someone{alone, from})
			}
			out = append(out, someone{who, map[string]aws.Values{
				"aws:userid": {id}, "aws:SourceVpc": {"vpc-0stranger"}, "aws:SourceVpce": {"vpce-0stranger"}, "aws:VpceAccount": {account}, "aws:VpceOrgID": {"o-stranger99"},
				"aws:SourceVpcArn": {"arn:aws:ec2:us-east-1:" + account + ":vpc/vpc-0stranger"}, "aws:VpceOrgPaths": {"o-stranger99/r-strg/"},
			}})
		}
	}
	for _, source := range sources {
		out = append(out, someone{aws.Principal{ARN: "stranger.amazonaws.com"}, map[string]aws.Values{
			"aws:SourceArn": {source}, "aws:SourceAccount": {account}, "aws:SourceOwner": {account}, "aws:SourceOrgID": {"o-stranger99"},
			"aws:SourceOrgPaths": {"o-stranger99/r-strg/"},
		}})
	}
	return out
}

// begun fills a pattern that leaves open how a name begins: so that it begins as one of some names does, and is one. It is "" where that
// cannot be.
func begun(pattern string, is func(string) bool, names ...string) string {
	at := strings.IndexByte(pattern, '*')
	if at < 0 || marked(pattern) || strings.Contains(pattern, "${") {
		return ""
	}
	rest := strings.NewReplacer("*", "stranger", "?", "x").Replace(pattern[at+1:])
	for _, name := range names {
		for n := len(name); n >= at && strings.HasPrefix(name, pattern[:at]); n-- {
			if filled := name[:n] + rest; is(filled) && strings.HasPrefix(filled, name[:strings.LastIndexByte(name, ':')+1]) {
				return filled
			}
		}
	}
	return ""
}

// filled fills a pattern so that it has n characters; "" where it is none, or describes one text of that length alone.
func filled(pattern, with string, n int) string {
	if marked(pattern) || strings.Contains(pattern, "${") || !strings.ContainsAny(pattern, "*?") {
		return ""
	}
	text := strings.ReplaceAll(pattern, "?", with)
	missing := n - len(strings.ReplaceAll(text, "*", ""))
	if missing < 0 || missing > 0 && !strings.Contains(text, "*") || missing == 0 && !strings.Contains(pattern, "?") {
		return ""
	}
	return strings.ReplaceAll(strings.Replace(text, "*", strings.Repeat(with, missing), 1), "*", "")
}

// isUserID reports whether a text may be the aws:userid of a user, or of a session of a role, which its caller names.
func isUserID(id string) bool {
	of, session, role := strings.Cut(id, ":")
	return deleted(of) && role == strings.HasPrefix(of, "AROA") && (!role || session != "")
}

// arnOf fills a pattern of ARNs as an account's own names would: "" where it is of another account.
func arnOf(pattern, account string) string {
	segments := strings.SplitN(pattern, ":", 6)
	if len(segments) < 6 || marked(strings.ReplaceAll(pattern, "${aws:PrincipalAccount}", "")) {
		return ""
	}
	wild := func(text string) bool { return strings.ContainsAny(text, "*?") }
	if of := segments[4]; of == "" && !wild(pattern) || of != "" && !wild(of) && !strings.Contains(of, "${") {
		return ""
	}
	segments = strings.SplitN(strings.ReplaceAll(pattern, "${aws:PrincipalAccount}", account), ":", 6)
	for i, fill := range []string{"arn", "aws", "s3", "us-east-1", account, "stranger"} {
		if wild(segments[i]) {
			if i == 4 {
				segments[i] = account
			} else {
				segments[i] = strings.NewReplacer("*", fill, "?", "x").Replace(segments[i])
			}
		}
	}
	if strings.Contains(segments[5], "${") {
		return ""
	}
	if segments[2] == "iam" && segments[5] != "root" && !strings.Contains(segments[5], "/") {
		segments[5] = "role/stranger"
	}
	return strings.Join(segments, ":")
}

// decide is the evaluator's answer as a truth value: Maybe where something is not resolved.
func decide(e *aws.Evaluator, r aws.Request) access.Truth {
	switch a := e.Decide(r); a.Decision {
	case access.Allowed:
		return access.Yes
	case access.Denied:
		return access.No
	}
	return access.Maybe
}

// letIn asks for each of some people, until one is let in.
func letIn(e *aws.Evaluator, r aws.Request, people []someone) access.Truth {
	best := access.No
	for _, one := range people {
		r.Principal, r.Context = one.principal, maps.Clone(one.context)
		if best = best.Or(decide(e, r)); best == access.Yes {
			break
		}
	}
	return best
}

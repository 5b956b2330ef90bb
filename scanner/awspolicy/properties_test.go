package awspolicy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func TestActionsAreAllClassified(t *testing.T) {
	count := map[string]int{}
	for i, a := range actions {
		service, _, _ := strings.Cut(a.name, ":")
		count[service]++
		if !slices.Contains([]string{"decrypt", "encrypt", "sign", "mac", "read_secret", "write_secret", "grant", "administer", "delete", "read"}, a.class) {
			t.Errorf("%s has the unknown class %q", a.name, a.class)
		}
		if a.name != strings.ToLower(a.name) || i > 0 && a.name <= actions[i-1].name {
			t.Errorf("%s is not in lower case, or out of order", a.name)
		}
		if service == "kms" && a.on == secrets || service == "secretsmanager" && a.on == keys {
			t.Errorf("%s acts on what another service has", a.name)
		}
	}
	// As many as the Service Authorization Reference lists. A new action is to be classified, not only counted.
	if count["kms"] != 56 || count["secretsmanager"] != 23 || len(count) != 2 {
		t.Errorf("actions by service: %v", count)
	}
}

func TestActionsMatchAsARegularExpressionDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringMatching(`(\*|[Kk][Mm][Ss]|secretsmanager|\?ms):?(Get|De|Put|Sign|[a-z*?]{0,3}|\*)(crypt|Secret|Key|[A-Z*?.+]{0,3}|\*)(Value|Policy|\*|)`).Draw(t, "pattern")
		re := regexp.QuoteMeta(pattern)
		re = strings.ReplaceAll(strings.ReplaceAll(re, `\*`, `.*`), `\?`, `.`)
		whole := regexp.MustCompile(`(?is)^` + re + `$`)
		for _, a := range actions {
			s := Statement{Actions: []string{pattern}}
			if got := s.named()(a.name) == yes; got != whole.MatchString(a.name) {
				t.Fatalf("%q on %q: %v", pattern, a.name, got)
			}
			s = Statement{NotActions: []string{pattern}}
			if got := s.named()(a.name) == yes; got == whole.MatchString(a.name) {
				t.Fatalf("not %q on %q: %v", pattern, a.name, got)
			}
		}
	})
}

// The pools from which random statements are made, markers among them.
var (
	somePrincipals = []string{"*", "111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::" + Unknown + ":role/app", Unknown, Computed}
	someActions    = []string{"*", "kms:*", "KMS:decrypt", "kms:De*", "s3:Get*", "secretsmanager:GetSecretValue", "kms:" + Unknown, Unknown, "sts:AssumeRole*", "sts:*"}
	someResources  = []string{
		"*", "arn:aws:kms:*:*:key/*", "arn:aws:kms:eu-west-1:111122223333:key/1234", "arn:aws:kms:" + Unknown + ":" + Computed + ":key/*", "arn:aws:s3:::" + Unknown, Unknown, Computed,
		"arn:aws:secretsmanager:*:*:secret:*", "arn:aws:secretsmanager:*:*:secret:" + Unknown + "-*",
		"arn:aws:kms:eu-west-1:" + Unknown + "*", "arn:" + Computed + ":kms:*",
	}
	someOperators = []string{"StringEquals", "StringLike", "ArnLike", "StringEqualsIfExists", "ForAllValues:StringLike", "ForAnyValue:StringLike", "StringNotEquals", "Null", "IpAddress", Unknown}
	someKeys      = []string{"aws:PrincipalOrgID", "aws:principalarn", "kms:CallerAccount", "kms:ViaService", "aws:ResourceTag/team", "sts:ExternalId", "issuer.example:sub", Unknown, Computed + ":aud"}
	someValues    = []string{"*", "o-a1", "false", "arn:aws:iam::111122223333:role/*", "arn:aws:iam::*:role/x", "${aws:PrincipalAccount}", "repo:" + Unknown, "${" + Unknown + "}", Unknown, Computed}
	// What a whole string may turn out to be, and what a part of one.
	wholes = slices.Concat(somePrincipals[:3], someActions[:6], someResources[:3], []string{"StringEquals", "StringLike", "Allow", "aws:SourceArn", "kms:calleraccount", "issuer.example:sub", "o-a1", "x"})
	parts  = []string{"*", "x", "Decrypt", "De*", "eu-west-1", "111122223333"} // none has a slash, which a Region or account cannot have
)

func drawStatement(t *rapid.T) Statement {
	list := func(from []string, label string) []string {
		return rapid.SliceOfN(rapid.SampledFrom(from), 1, 3).Draw(t, label)
	}
	s := Statement{Sid: "S", Effect: rapid.SampledFrom([]string{"Allow", "Allow", "Allow", "Deny", Unknown}).Draw(t, "effect"), Resources: list(someResources, "resources")}
	if rapid.IntRange(0, 5).Draw(t, "not") == 0 {
		s.NotActions = list(someActions, "actions")
	} else {
		s.Actions = list(someActions, "actions")
	}
	for _, p := range list(somePrincipals, "principals") {
		s.Principals = append(s.Principals, Principal{rapid.SampledFrom([]string{"AWS", "AWS", "Federated", "Service"}).Draw(t, "type"), p})
	}
	for range rapid.IntRange(0, 3).Draw(t, "conditions") {
		s.Conditions = append(s.Conditions, Condition{rapid.SampledFrom(someOperators).Draw(t, "operator"), rapid.SampledFrom(someKeys).Draw(t, "key"), list(someValues, "values")})
	}
	return s
}

// said writes all answers about a document.
func said(doc Document) string {
	return fmt.Sprint(saidOf(doc, ""), saidOf(doc, "aws.kms.key"), trustsSaid(doc))
}

func saidOf(doc Document, guards string) string {
	stmts, open := Statements(doc, guards)
	var out []string
	for _, s := range stmts {
		restricted := *s.Restricted && (*s.Everyone || s.Effect == "deny") // of others it says only what is certain, and is never open
		out = append(out, fmt.Sprint(s.At, s.Effect, s.Actions, *s.Everyone, restricted, *s.AllResources))
	}
	if open != "" {
		return "open: " + open
	}
	return strings.Join(out, "\n")
}

func ofAll(said string) string {
	var out []string
	for line := range strings.SplitSeq(said, "\n") {
		if !strings.HasSuffix(line, " false") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func trustsSaid(doc Document) string {
	trusts, open := Trusts(doc)
	if open != "" {
		return "open: " + open
	}
	return fmt.Sprintf("%+v", trusts)
}

// mapped is a statement with every text in it replaced.
func mapped(s Statement, f func(string) string) Statement {
	each := func(in []string) []string {
		out := slices.Clone(in)
		for i := range out {
			out[i] = f(out[i])
		}
		return out
	}
	s.Effect = f(s.Effect)
	s.Actions, s.NotActions, s.Resources, s.NotResources = each(s.Actions), each(s.NotActions), each(s.Resources), each(s.NotResources)
	s.Principals, s.Conditions = slices.Clone(s.Principals), slices.Clone(s.Conditions)
	for i := range s.Principals {
		s.Principals[i].Value = f(s.Principals[i].Value)
	}
	for i, c := range s.Conditions {
		s.Conditions[i] = Condition{f(c.Operator), f(c.Key), each(c.Values)}
	}
	return s
}

// However a text turns out, an answer that was given before stands.
func TestResolvingChangesNoAnswer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := drawStatement(t)
		if before.Effect == "Deny" {
			before.Effect = "Allow" // a Deny says only what is certain, so resolving adds to it
		}
		after := mapped(before, func(s string) string {
			switch {
			case s == Unknown:
				return rapid.SampledFrom(wholes).Draw(t, "whole")
			case open(s):
				return strings.ReplaceAll(s, Unknown, rapid.SampledFrom(parts).Draw(t, "part"))
			}
			return s
		})
		if after.Effect != "Allow" && after.Effect != "Deny" {
			after.Effect = "Allow"
		}
		for name, ask := range map[string]func(Document) string{
			// On what is not resolved, an identity may have any of the powers; what it has over all of a kind is certain.
			"identity": func(d Document) string { return ofAll(saidOf(d, "")) },
			"key":      func(d Document) string { return saidOf(d, "aws.kms.key") },
			"trust":    trustsSaid,
		} {
			was, is := ask(Document{Statements: []Statement{before}}), ask(Document{Statements: []Statement{after}})
			if !strings.HasPrefix(was, "open: ") && was != is && !strings.HasPrefix(is, "open: ") {
				t.Fatalf("%s: %q became %q\nfrom %+q\nto   %+q", name, was, is, before, after)
			}
		}
	})
}

// The order of lists, doubled values and the letter case of actions and condition keys say nothing.
func TestOrderAndCaseSayNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawStatement(t)
		o := mapped(s, func(s string) string { return s })
		for _, list := range []*[]string{&o.Actions, &o.NotActions, &o.Resources} {
			if len(*list) > 0 {
				*list = append(rapid.Permutation(*list).Draw(t, "order"), (*list)[0])
			}
		}
		for i := range o.Actions {
			o.Actions[i] = strings.ToUpper(o.Actions[i])
		}
		o.Principals = rapid.Permutation(o.Principals).Draw(t, "principals")
		if len(o.Conditions) > 0 {
			o.Conditions = rapid.Permutation(o.Conditions).Draw(t, "conditions")
		}
		for i, c := range o.Conditions {
			o.Conditions[i].Key = strings.ToUpper(c.Key)
			o.Conditions[i].Values = rapid.Permutation(c.Values).Draw(t, "values")
		}
		if a, b := said(Document{Statements: []Statement{s}}), said(Document{Statements: []Statement{o}}); a != b {
			t.Fatalf("%s\nbut %s\nof %+q\nand %+q", a, b, s, o)
		}
	})
}

// What one statement says does not depend on others: neither a Deny nor an Allow beside it takes anything from it.
func TestStatementsSpeakForThemselves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := Document{Statements: rapid.SliceOfN(rapid.Custom(drawStatement), 1, 4).Draw(t, "statements")}
		for _, guards := range []string{"", "aws.kms.key"} {
			var apart []inventory.Statement
			anyOpen := false
			for _, s := range doc.Statements {
				stmts, open := Statements(Document{Statements: []Statement{s}}, guards)
				apart = append(apart, stmts...)
				anyOpen = anyOpen || open != ""
			}
			together, open := Statements(doc, guards)
			if len(apart) != len(together) || anyOpen != (open != "") {
				t.Fatalf("%d statements (open: %v) apart, %d together (open: %q)", len(apart), anyOpen, len(together), open)
			}
			for i := range apart {
				if fmt.Sprint(apart[i].Effect, apart[i].Actions, *apart[i].Everyone, *apart[i].Restricted, *apart[i].AllResources) !=
					fmt.Sprint(together[i].Effect, together[i].Actions, *together[i].Everyone, *together[i].Restricted, *together[i].AllResources) {
					t.Fatalf("%+v became %+v", apart[i], together[i])
				}
			}
		}
	})
}

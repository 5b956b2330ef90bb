package awspolicy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

func TestParse(t *testing.T) {
	got := parse(t, `[{"Sid": "Key", "Effect": "Allow", "Principal": {"AWS": ["a", "b"], "Service": "s"}, "Action": ["kms:*"], "Resource": "*",
		"Condition": {"StringEquals": {"k": ["v", 1, true]}, "Bool": {"b": "false"}}}, «any», {"Effect": "Deny", "NotPrincipal": "*", "NotAction": "x«one»", "NotResource": [«any», "y"]}]`)
	any := []string{awspolicy.Unknown}
	want := awspolicy.Document{Version: "2012-10-17", Statements: []awspolicy.Statement{
		{
			Sid: "Key", Effect: "Allow", Principals: []awspolicy.Principal{{"AWS", "a"}, {"AWS", "b"}, {"Service", "s"}}, Actions: []string{"kms:*"}, Resources: []string{"*"},
			Conditions: []awspolicy.Condition{{"StringEquals", "k", []string{"v", "1", "true"}}, {"Bool", "b", []string{"false"}}},
		},
		{Effect: awspolicy.Unknown, Principals: []awspolicy.Principal{{awspolicy.Unknown, awspolicy.Unknown}}, Actions: any, Resources: any},
		{
			Effect: "Deny", NotPrincipals: []awspolicy.Principal{{"*", "*"}}, NotActions: []string{"x" + awspolicy.Computed},
			NotResources: []string{awspolicy.Unknown, "y"},
		},
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	one := parse(t, `{"Effect": "Allow", "Action": "x", "Resource": "*"}`)
	list := parse(t, "\r\n"+`[{"Effect": "Allow", "Action": ["x"], "Resource": ["*"]}]`+"\r\n")
	if d := cmp.Diff(one, list); d != "" {
		t.Errorf("a single value and a list of it differ: %s", d)
	}
	if _, err := awspolicy.Parse([]byte("\xEF\xBB\xBF" + `{"Id": "x", "Statement": []}`)); err != nil {
		t.Error(err)
	}
	whole, err := awspolicy.Parse([]byte(awspolicy.Unknown))
	if err != nil {
		t.Fatal(err)
	}
	if _, open := awspolicy.Statements(whole, ""); open == "" {
		t.Error("a document that is not resolved is not open")
	}
}

func TestParseErrors(t *testing.T) {
	const allow = `{"Statement": {"Effect": "Allow", "Action": "x", "Resource": "*", `
	for text, want := range map[string]string{
		``:                                   "it is empty",
		`{`:                                  "unexpected EOF",
		`[]`:                                 "it is not an object",
		`{} {}`:                              "something follows",
		`{}`:                                 `"Statement" is missing`,
		`{"Statement": [], "statement": []}`: `element "statement": AWS does not know it`,
		`{"Statement": [], "Statement": []}`: `key "Statement" is there twice`,
		`{"Statement": "x"}`:                 "statement 1: it is not an object",
		allow + `"effect": "Allow"}}`:        `element "Statement": statement 1: element "effect": AWS does not know it`,
		allow + `"NotAction": "y"}}`:         `"Action" and "NotAction"`,
		allow + `"NotResource": "y"}}`:       `"Resource" and "NotResource"`,
		allow + `"Principal": "*", "NotPrincipal": "*"}}`:       `"Principal" and "NotPrincipal"`,
		allow + `"Principal": "arn:aws:iam::1:root"}}`:          `a principal is "*"`,
		allow + `"Principal": {"Aws": "*"}}}`:                   `element "Aws": AWS does not know it`,
		allow + `"Principal": ["*"]}}`:                          "it is not an object",
		allow + `"Condition": [{}]}}`:                           "it is not an object",
		allow + `"Condition": {"Null": {"k": {}}}}}`:            "it is not a string",
		allow + `"Condition": {"Null": {"k": null}}}}`:          "it is not a string",
		`{"Statement": {"Effect": "allow", "Action": "x"}}`:     `"Effect" is neither`,
		`{"Statement": {"Effect": "Allow"}}`:                    `"Action" and "NotAction"`,
		`{"Statement": ` + strings.Repeat("[", 100_000):         "depth",
		`{"Statement": {"Effect": "Allow", "Action": [["x"]]}}`: "it is not a string",
	} {
		t.Run(text[:min(len(text), 80)], func(t *testing.T) {
			_, err := awspolicy.Parse([]byte(text))
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want one with %q", err, want)
			}
		})
	}
}

// A document of ten megabytes is read and judged.
func TestParseLarge(t *testing.T) {
	one := `{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"},`
	n := 10_000_000 / len(one)
	stmts, open := awspolicy.Statements(parse(t, "["+strings.TrimSuffix(strings.Repeat(one, n), ",")+"]"), "")
	if len(stmts) != n || open != "" {
		t.Errorf("%d statements, open %q, want %d", len(stmts), open, n)
	}
}

// Whatever the text, what can be parsed can be judged, and every answer is one that the schema knows.
func FuzzParseYieldsKnownAnswers(f *testing.F) {
	for _, s := range []string{
		`{"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*", "Condition": {"StringLike": {"aws:userid": "AROA:*"}}}}`,
		`{"Statement": [{"Effect": "Deny", "NotPrincipal": "*", "NotAction": ["kms:?"], "NotResource": "arn:aws:kms:*"}]}`,
		`{"Statement": {"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::1:oidc-provider/x"}, "Action": "sts:*", "Condition": {"StringEquals": {"x:sub": "y"}}}}`,
		"{\"Statement\": \uFDD0, \"Id\": \"\\\"\uFDD1\"}",
	} {
		f.Add([]byte(s))
	}
	classes := " decrypt encrypt sign mac read_secret write_secret grant administer delete read "
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := awspolicy.Parse(text)
		if err != nil {
			return
		}
		for _, guards := range []string{"", "aws.kms.key", "aws.secretsmanager.secret"} {
			stmts, _ := awspolicy.Statements(doc, guards)
			for _, s := range stmts {
				for _, c := range s.Actions {
					if !strings.Contains(classes, " "+c+" ") {
						t.Errorf("class %q", c)
					}
				}
				if s.At == "" || s.Effect != "allow" && s.Effect != "deny" || len(s.Actions) == 0 || s.Everyone == nil || guards != "" && *s.AllResources {
					t.Errorf("statement %+v", s)
				}
			}
		}
		trusts, _ := awspolicy.Trusts(doc)
		for _, s := range trusts {
			if s.At == "" || s.Who == "" || s.Subjects == nil || strings.ContainsAny(s.Provider+strings.Join(s.Subjects, ""), awspolicy.Unknown+awspolicy.Computed) {
				t.Errorf("trust %+v", s)
			}
		}
	})
}

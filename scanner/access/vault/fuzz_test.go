package vault_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/vault"
	"github.com/keyreeve/keyreeve/scanner/vaultpolicy"
)

// A path matches as the naive evaluator has it, whatever the characters.
func FuzzMatchingIsThatOfTheNaiveEvaluator(f *testing.F) {
	for _, s := range [][4]string{{"a/+/b*", "a/*", "+/b", "a/x/b"}, {"+", "*", "a+b", "a"}, {"a//+", "a/+/", "/+", "a//"}, {"a/+b", "+/+/*", "a/*/b", "a/+b/"}, {"", "é/+", "é*", "é/"}} {
		f.Add(s[0], s[1], s[2], s[3])
	}
	f.Fuzz(func(t *testing.T, p, q, r, path string) {
		path = strings.TrimLeft(path, "/")
		var b strings.Builder
		for i, pattern := range []string{p, q, r} {
			text, err := json.Marshal(pattern)
			if err != nil || strings.Contains(pattern, "{{") || strings.ContainsAny(pattern, "\uFFFD\"\\") {
				return
			}
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`{` + string(text) + `:{"capabilities":["` + operations[i] + `","list"]}}`)
		}
		all := []vault.Policy{{Name: "p", Text: `{"path":[` + b.String() + `]}`}}
		if _, err := vaultpolicy.Parse(all[0].Text); err != nil {
			return
		}
		naive := naiveRules("", all)
		e := vault.New()
		for _, operation := range []string{"create", "read", "update", "list"} {
			a := e.Decide(vault.Request{Policies: all, Operation: operation, Path: path})
			if want := naive.allows(operation, path); (a.Decision == access.Allowed) != want && !asksSudo(path) && a.Decision != access.Conditional {
				t.Errorf("%s %q is %+v, want %v\n%s", operation, path, a, want, all[0].Text)
			}
		}
	})
}

// Whatever the policy's text, Decide answers, and fails exactly where the parser does.
func FuzzDecideFailsWhereTheParserDoes(f *testing.F) {
	for _, s := range []string{rule("a/+", "read", `allowed_parameters = { "x" = ["1*"] }`), `{"path": {"a": {"policy": "write", "max_wrapping_ttl": "1h"}}}`, rule("{{identity.entity.id}}", "list"), "path \"a\" {\n mfa_methods = [\"m\"] }"} {
		f.Add(s, "a/b")
	}
	f.Fuzz(func(t *testing.T, text, path string) {
		_, err := vaultpolicy.Parse(text)
		a := vault.New().Decide(vault.Request{Policies: policies(text), Operation: "read", Path: path, Data: map[string]any{"x": "1"}})
		if (a.Decision == access.Failed) != (err != nil) || (a.Error != "") != (err != nil) || (len(a.Residual) > 0) != (a.Decision == access.Conditional) {
			t.Errorf("%+v, and the parser says %v", a, err)
		}
		if a.Decision == access.Allowed && (len(a.Because) == 0 || a.Explicit) {
			t.Errorf("%+v", a)
		}
	})
}

// A request in JSON is read as encoding/json reads it, and refused where it does or a key is unknown or there twice.
func FuzzRequestIsReadAsByEncodingJSON(f *testing.F) {
	for _, s := range requestSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var got vault.Request
		err := json.Unmarshal(line, &got)
		var want struct {
			ID, System, Namespace, Operation, Path string
			WrapTTL                                string `json:"wrap_ttl"`
			Policies                               []vault.Policy
			Data                                   map[string]json.RawMessage
			Identity                               vault.Identity
		}
		wantErr := json.Unmarshal(line, &want)
		if err == nil && wantErr != nil {
			t.Fatalf("%q is taken, which encoding/json refuses: %v", line, wantErr)
		}
		if direct := vault.New().DecideJSON(line); (direct.Decision == access.Failed) != (err != nil || vault.New().Decide(got).Decision == access.Failed) {
			t.Fatalf("%q: %+v, but %v", line, direct, err)
		}
		if err == nil && (got.ID != want.ID || got.Path != want.Path || got.WrapTTL != want.WrapTTL || got.Operation != want.Operation || len(got.Policies) != len(want.Policies) || len(got.Data) != len(want.Data)) {
			t.Fatalf("%q is read as %+v, want %+v", line, got, want)
		}
	})
}

var requestSeeds = []string{
	`{}`, ` { "id" : "1" , "path":"a\u002fb" } `, `{"policies":[{"name":"p","text":"path \"a\" { policy = \"read\" }"}],"operation":"read","path":"a","data":{"x":[1,{"y":"}"}]},"wrap_ttl":"1s","identity":{"entity":{"aliases":[]}}}`,
	`{"id":null,"policies":null,"data":null,"identity":null}`, `{"data":{}}x`, `{"id":"1",}`, `{"id" "1"}`, `{"path":"\`, `{"data":[}]}`, `{"id":1}`, `[]`, `{"id":"a","id":"b"}`, `{"path":"` + "\x01" + `"}`,
}

// Of requests in JSON, what is not one.
func TestRequestsInJSON(t *testing.T) {
	const known = `"policies":[{"name":"p","text":"path \"a\" { policy = \"read\" }"}],"operation":"read","path":"a"`
	for line, want := range map[string]string{
		`{` + known + `}`:                             "",
		"\t{" + known + ",\r\n\"id\" : null}\n":       "",
		`{` + known + `,"data":null,"identity":null}`: "",
		``:                                   "read the request: it is not one JSON object",
		`[]`:                                 "read the request: it is not one JSON object",
		`null`:                               "read the request: it is not one JSON object",
		`{` + known:                          "read the request: it is not one JSON object",
		`{` + known + `}{}`:                  "read the request: it is not one JSON object",
		`{` + known + `,}`:                   "read the request: it is not one JSON object",
		`{,` + known + `}`:                   "read the request: it is not one JSON object",
		`{` + known + `,"policy":"hidden"}`:  `read the request: the key "policy" is unknown`,
		`{` + known + `,"path":"hidden"}`:    `read the request: the key "path" is there twice`,
		`{` + known + `,"id":7}`:             `read the request: the value of "id" is not what it should be`,
		`{` + known + `,"data":["hidden"]}`:  `read the request: the value of "data" is not what it should be`,
		`{` + known + `,"data":{"hidden":}}`: `read the request: the value of "data" is not what it should be`,
		`{` + known + `,"wrap_ttl":60}`:      `read the request: the value of "wrap_ttl" is not what it should be`,
		`{` + known + `,"identity":{"entity":"hidden"}}`: `read the request: the value of "identity" is not what it should be`,
		`{"policies":"hidden"}`:                          `read the request: the value of "policies" is not what it should be`,
		`{"policies":[{"name":"p","txt":"hidden"}]}`:     `read the request: the value of "policies" is not what it should be`,
		`{"policies":["hidden"]}`:                        `read the request: the value of "policies" is not what it should be`,
	} {
		a := vault.New().DecideJSON([]byte(line))
		if a.Error != want || (a.Decision == access.Allowed) != (want == "") {
			t.Errorf("%s: %s %q, want %q", line, a.Decision, a.Error, want)
		}
	}
}

package vault_test

import (
	"encoding/json"
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/vault"
	"github.com/keyreeve/keyreeve/scanner/vaultpolicy"
)

var caseCount = flag.Int("cases", 3000, "how many random requests each property is held against")

// With neither limits nor templates an answer is that of the naive evaluator, but for paths that ask for sudo.
func TestAnswersAreThoseOfTheNaiveEvaluator(t *testing.T) {
	g := newGenerator(1)
	allowed := 0
	for range *caseCount {
		r := g.request(15, 0, false)
		e := vault.New()
		naive := naiveRules(r.Namespace, r.Policies)
		for range 8 {
			namespace := ""
			if r.Namespace != "" {
				namespace = strings.Trim(r.Namespace, "/") + "/"
			}
			want := naive.allows(r.Operation, namespace+r.Path)
			got := e.Decide(r)
			if n := naive.decides(namespace+r.Path, r.Operation == "list"); want && !n.capabilities["sudo"] && got.Decision != access.Allowed && asksSudo(r.Path) {
				continue
			}
			if (got.Decision == access.Allowed) != want || got.Decision == access.Failed || got.Decision == access.Conditional {
				t.Fatalf("%s %s in %q is %+v, want %v\n%v", r.Operation, r.Path, r.Namespace, got, want, r.Policies)
			}
			if want {
				allowed++
			}
			r.Operation, r.Path = g.one(operations...), g.path()
		}
	}
	if allowed < *caseCount/2 {
		t.Errorf("only %d requests were allowed", allowed)
	}
}

func asksSudo(path string) bool {
	return strings.HasPrefix(path, "sys/") || strings.HasPrefix(path, "auth/token/") || strings.HasPrefix(path, "pki/")
}

// outcome is what of an answer must not change where the order of what is given does.
func outcome(a access.Answer) string {
	var because []string
	for _, b := range a.Because {
		because = append(because, b.Document+" "+strings.TrimPrefix(b.Statement, "/"))
	}
	slices.Sort(because)
	text, _ := json.Marshal([]any{a.Decision, a.Explicit, a.Residual, slices.Compact(because)})
	return string(text)
}

// blocks are the blocks of a text that a generator made, by their closing lines.
func blocks(text string) []string {
	out := strings.SplitAfter(text, "\n}\npath")
	for i := range out[:len(out)-1] {
		out[i] = strings.TrimSuffix(out[i], "path")
	}
	for i := range out[1:] {
		out[i+1] = "path" + out[i+1]
	}
	return out
}

// What does not change an answer: the order of policies and of blocks, a policy twice, a policy in two halves, and other policies whose
// rules match nothing that is asked.
func TestWhatDoesNotMatter(t *testing.T) {
	g := newGenerator(2)
	for i := range *caseCount {
		r := g.request(15, 40*(i%2), i%3 == 0)
		want := outcome(vault.New().Decide(r))
		check := func(what string, changed []vault.Policy) {
			r := r
			r.Policies = changed
			if got := outcome(vault.New().Decide(r)); got != want {
				t.Fatalf("%s: %s, want %s\n%s %s\n%v", what, got, want, r.Operation, r.Path, changed)
			}
		}
		check("policies in another order", swapped(g, r.Policies))
		check("a policy twice", append(slices.Clone(r.Policies), r.Policies[g.IntN(len(r.Policies))]))
		p := g.IntN(len(r.Policies))
		parts := blocks(r.Policies[p].Text)
		changed := slices.Clone(r.Policies)
		changed[p].Text = strings.Join(swapped(g, parts), "")
		check("blocks in another order", changed)
		half := g.IntN(len(parts) + 1)
		changed = slices.Clone(r.Policies)
		changed[p].Text = strings.Join(parts[:half], "")
		check("a policy in two halves", append(changed, vault.Policy{Name: changed[p].Name, Text: strings.Join(parts[half:], "")}))
		check("a rule for another path", append(slices.Clone(r.Policies), vault.Policy{Name: "q", Text: rule("elsewhere/*", "deny")}))
	}
}

// To deny the very pattern that decides leaves nothing; a further capability there never takes one away.
func TestRulesOfTheDecidingPattern(t *testing.T) {
	g := newGenerator(3)
	looked := 0
	for range *caseCount {
		r := g.request(10, 0, false)
		acl := compiled(t, r)
		before := acl.Capabilities(r.Path)
		list := r.Operation == "list"
		a := vault.New().Decide(r)
		if len(a.Because) == 0 || a.Decision == access.Failed {
			continue
		}
		looked++
		pattern := a.Because[0].Statement
		with := func(capabilities string) vault.Request {
			r := r
			r.Policies = append(slices.Clone(r.Policies), vault.Policy{Name: "more", Text: rule(pattern, capabilities)})
			return r
		}
		denied := with("deny")
		if got := vault.New().Decide(denied); got.Decision != access.Denied || !got.Explicit {
			t.Fatalf("with a denial: %+v\n%v", got, denied.Policies)
		}
		after := compiled(t, with("read list")).Capabilities(r.Path)
		if !list && before.Sure&^vault.List&^after.Sure != 0 {
			t.Fatalf("with read and list more than %s is %s\n%v", before.Sure, after.Sure, r.Policies)
		}
	}
	if looked < *caseCount/4 {
		t.Errorf("only %d answers were looked at", looked)
	}
}

func compiled(t *testing.T, r vault.Request) *vault.ACL {
	acl, err := vault.New().ACL(r.Namespace, r.Policies, r.Identity)
	if err != nil {
		t.Fatal(err)
	}
	return acl
}

var bits = map[string]vault.Capabilities{"create": vault.Create, "read": vault.Read, "update": vault.Update, "delete": vault.Delete, "list": vault.List, "patch": vault.Patch}

// What is sure is possible, and each request is answered within the two: what is sure is allowed whatever the request holds, what is not
// possible is denied.
func TestRequestsAreWithinWhatIsSureAndPossible(t *testing.T) {
	g := newGenerator(4)
	between := 0
	for i := range *caseCount {
		r := g.request(10, 60, i%2 == 0)
		e := vault.New()
		acl, err := e.ACL(r.Namespace, r.Policies, r.Identity)
		if err != nil {
			continue // a template that comes to "+*"
		}
		c := acl.Capabilities(r.Path)
		if c.Sure&^c.Possible != 0 {
			t.Fatalf("sure of %s, but possible is %s", c.Sure, c.Possible)
		}
		need := bits[r.Operation]
		got := e.Decide(r)
		if c.Sure&need != 0 && got.Decision != access.Allowed || c.Possible&need == 0 && got.Decision != access.Denied {
			t.Fatalf("%s %s: sure %s, possible %s, but %+v\n%+v", r.Operation, r.Path, c.Sure, c.Possible, got, r)
		}
		if c.Possible&^c.Sure&need != 0 {
			between++
			if len(c.Residual) == 0 {
				t.Fatalf("%s is possible and not sure, and nothing is left to ask\n%+v", r.Operation, r)
			}
		}
	}
	if between < *caseCount/50 {
		t.Errorf("only %d requests were between", between)
	}
}

// An evaluator that has seen much, and forgotten some, answers as a new one.
func TestWhatIsKeptDoesNotMatter(t *testing.T) {
	g := newGenerator(6)
	old := vault.New()
	var requests []vault.Request
	for i := range *caseCount / 4 {
		requests = append(requests, g.request(15, 30, i%2 == 0))
	}
	for range 2 {
		for _, r := range requests {
			if d, want := outcome(old.Decide(r)), outcome(vault.New().Decide(r)); d != want {
				t.Fatalf("%s, want %s\n%+v", d, want, r)
			}
		}
	}
}

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

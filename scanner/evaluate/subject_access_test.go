package evaluate

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/relate"
)

// TestAccessIsNeverKnownByMistake: what was not worked out, or was listed under a name that no summary has, is unread.
func TestAccessIsNeverKnownByMistake(t *testing.T) {
	denied := func(fact string) []inventory.Unknown {
		return []inventory.Unknown{{Fact: fact, Why: inventory.Denied, Call: "iam:GetAccountAuthorizationDetails"}}
	}
	for _, tt := range []struct {
		name   string
		origin inventory.Origin
		found  access.Found
		path   string // the fact that is unread
		why    inventory.Reason
	}{
		{"live", inventory.Live, access.Found{}, "access", inventory.NotRead},
		{"declared", inventory.Declared, access.Found{}, "access", inventory.NotStated},
		{"refused as a whole", inventory.Live, access.Found{Unknown: denied("access")}, "access", inventory.Denied},
		{"a part", inventory.Live, access.Found{Summary: &access.Summary{}, Unknown: denied("access.conflicts")}, "access.conflicts", inventory.Denied},
		{"a part of a part", inventory.Live, access.Found{Summary: &access.Summary{}, Unknown: denied("access.reaches.keys")}, "access.reaches.keys", inventory.Denied},
		{"an entry of a list", inventory.Live, access.Found{Summary: &access.Summary{}, Unknown: denied("access.conflicts.0.use")}, "access.conflicts", inventory.Denied},
		{"misspelt", inventory.Live, access.Found{Summary: &access.Summary{}, Unknown: denied("access.conflict")}, "access", inventory.Denied},
		{"without the prefix", inventory.Live, access.Found{Summary: &access.Summary{}, Unknown: denied("conflicts")}, "access", inventory.Denied},
		{"all of it, and a part", inventory.Live, access.Found{Summary: &access.Summary{}, Unknown: append(denied("access"), denied("access.users")...)}, "access", inventory.Denied},
		{"nothing", inventory.Live, access.Found{Summary: &access.Summary{}}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := inventory.Resource{ID: "x", Type: "aws.secretsmanager.policy", Kind: inventory.KindPolicy, Origin: tt.origin}
			s := NewSubject(&r, relate.Labels{}, nil, nil, tt.found, exampleClock)
			if tt.path == "" {
				if slices.ContainsFunc(s.unread, func(f fact) bool { return f.names[0] == "access" }) {
					t.Errorf("unread is %+v, want nothing of access", s.unread)
				}
				return
			}
			i := slices.IndexFunc(s.unread, func(f fact) bool { return strings.Join(f.names, ".") == tt.path })
			if i < 0 || s.unread[i].unknown.Why != tt.why {
				t.Fatalf("unread is %+v, want %s, %s", s.unread, tt.path, tt.why)
			}
			if v := find(s.resource, s.unread[i].ref[2:]); v != nil {
				t.Errorf("the input holds %v all the same", v)
			}
		})
	}
}

func TestAccessInExamples(t *testing.T) {
	file := func(resource string) string {
		return "examples:\n  - {name: x, verdict: pass, resource: {type: aws.kms.key, " + resource + "}}\n"
	}
	for _, tt := range []struct{ name, resource, want string }{
		{"misspelt list", "access: {conflict: []}", `unknown fact "access.conflict", did you mean "access.conflicts"?`},
		{"misspelt field", "access: {conflicts: [{principle: x}]}", `unknown fact "access.conflicts.0.principle", did you mean "access.conflicts.0.principal"?`},
		{"misspelt count", "access: {administrators: {certainly: 1}}", `unknown fact "access.administrators.certainly", did you mean "access.administrators.certain"?`},
		{"a list", "access: []", `"access" of its resource is not a mapping`},
		{"wrong type", "access: {users: {certain: many}}", "access of its resource: "},
		{"misspelt unknown", "access: {}, unknown: [{fact: access.conflict, why: denied}]", `unknown fact "access.conflict", did you mean "access.conflicts"?`},
	} {
		_, err := parseExamples("examples.yaml", []byte(file(tt.resource)))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: the error is %v, want %s", tt.name, err, tt.want)
		}
	}
	list, err := parseExamples("examples.yaml", []byte(file("access: {conflicts: [{principal: p}]}, unknown: [{fact: access.users, why: denied, call: c}]")))
	if err != nil {
		t.Fatal(err)
	}
	s := list[0].subject
	if v := find(s.resource, resourceRef([]string{"access", "conflicts"})[2:]); v == nil || !strings.Contains(v.String(), `"principal": "p"`) {
		t.Errorf("conflicts are %v", v)
	}
	if i := slices.IndexFunc(s.unread, func(f fact) bool { return slices.Equal(f.names, []string{"access", "users"}) }); i < 0 || s.unread[i].unknown.Call != "c" {
		t.Errorf("unread is %+v", s.unread)
	}
}

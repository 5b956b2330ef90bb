package aws

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
)

func TestFix(t *testing.T) {
	named := allow("kms:*", "*", to(roleARN), `'Sid':'Role'`)
	for _, c := range []struct {
		name  string
		parts []string
		want  string
	}{
		{"what names the role goes", []string{policyOf(named)}, "[{key policy Role }]"},
		{"nothing to do", []string{policyOf()}, "[]"},
		{"an account's statement leaves the role out", []string{policyOf(delegated), identityOf(everything)}, `[{key policy 0 ArnNotEquals aws:PrincipalArn "` + roleARN + `"}]`},
		{"a session's role is left out in any path", []string{sessionFor("app"), policyOf(delegated), identityOf(everything)}, `[{key policy 0 ArnNotEquals aws:PrincipalArn ["` + roleARN + `","arn:aws:iam::111122223333:role/*/app"]}]`},
		{"two ways need two changes", []string{policyOf(delegated, named), identityOf(everything)}, `[{key policy 0 ArnNotEquals aws:PrincipalArn "` + roleARN + `"} {key policy Role }]`},
		{"a grant is revoked", []string{policyOf(), grant(roleARN, `'operations':'Decrypt'`)}, "[{grant 0 }]"},
		{"an identity's statement goes", []string{onto(secretARN), action("secretsmanager:GetSecretValue"), identityOf(allow("s3:*", "*"), allow("secretsmanager:*", "*"))}, "[{identity policy 1 }]"},
		{"what may be given counts, too", []string{
			policyOf(named, allow("kms:*", "*", to(roleARN), when("StringEquals", "kms:ViaService", `'x'`))), unknownKeys("kms:ViaService"),
		}, "[{key policy Role } {key policy 1 }]"},
		{"the root user needs no statement", []string{who("111122223333"), onto(secretARN), action("secretsmanager:GetSecretValue")}, "[]"},
	} {
		if _, got := New().Fix(ask(t, c.parts...)); fmt.Sprint(got) != c.want {
			t.Errorf("%s: got %v, want %s", c.name, got, c.want)
		}
	}
}

// What may be allowed has a fix, and what is denied has none. That a fix denies, and that no smaller one does, Fix has tried.
func TestWhatMayBeAllowedHasAFix(t *testing.T) {
	e := New()
	fixed := 0
	for i := range uint64(*count) {
		data, err := json.Marshal(draw{rand.New(rand.NewPCG(*first+i, 3))}.request())
		if err != nil {
			t.Fatal(err)
		}
		var r Request
		if err := json.Unmarshal(data, &r); err != nil {
			t.Fatal(err)
		}
		answer, changes := e.Fix(r)
		if possible := answer.Decision != access.Denied; possible != (len(changes) > 0) {
			t.Fatalf("case %d: %s with %d changes\n%s", *first+i, short(answer), len(changes), data)
		}
		if len(changes) > 0 {
			fixed++
		}
	}
	if fixed < *count/20 {
		t.Errorf("only %d of %d cases were fixed", fixed, *count)
	}
	t.Logf("%d random cases", *count)
}

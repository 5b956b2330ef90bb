package aws

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
)

func FuzzDocument(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"${a","Condition":{"StringLike":{"a":"${*}${b, 'c'}"}}}}`)
	f.Add(`{"Statement":[{"Effect":"Deny","NotAction":"*","NotResource":["arn:aws:${x:y}:*"],"Condition":{"Null":{"a":true},"ForAnyValue:DateLessThanIfExists":{"b":[1,"2026-01-01"]}}}]}`)
	f.Add(`{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"*","Resource":"*"}}`)
	e := New()
	f.Fuzz(func(t *testing.T, text string) {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Skip()
		}
		for _, parts := range [][]string{{policyOf(delegated), `{"principal":{"identity":` + string(quoted) + `}}`}, {identityOf(everything), `{"resource":{"policy":` + string(quoted) + `}}`}} {
			var r Request
			for _, p := range parts {
				if p[1] == '\'' {
					p = strings.ReplaceAll(p, "'", `"`)
				}
				if err := json.Unmarshal([]byte(p), &r); err != nil {
					t.Fatal(err)
				}
			}
			r.Action, r.Principal.ARN, r.Resource.ARN, r.Unknown = "kms:Decrypt", roleARN, keyARN, Values{"a"}
			if a := e.Decide(r); (a.Decision == access.Failed) != (a.Error != "") || (a.Decision == access.Conditional) != (len(a.Residual) > 0) {
				t.Fatalf("%s", short(a))
			}
		}
	})
}

func FuzzRequest(f *testing.F) {
	for i := range uint64(5) {
		data, err := json.Marshal(draw{rand.New(rand.NewPCG(i, 2))}.request())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, text string) {
		var r Request
		if json.Unmarshal([]byte(text), &r) != nil {
			return
		}
		a, b := New().Decide(r), New().Decide(r)
		if fmt.Sprint(a) != fmt.Sprint(b) || (a.Decision == access.Failed) != (a.Error != "") {
			t.Fatalf("%s, %s", short(a), short(b))
		}
	})
}

package reach_test

import (
	"fmt"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/reach"
)

const (
	benchAccount = "111122223333"
	benchIAM     = "arn:aws:iam::" + benchAccount + ":"
	benchKey     = "arn:aws:kms:eu-west-1:" + benchAccount + ":key/k1"
)

// administered is an account of 3,000 roles, of which every tenth administers it, and as many can pass roles to functions. Its one key
// is left to the account, or to one role of it.
func administered(principal string) *inventory.Snapshot {
	s := &inventory.Snapshot{}
	add := func(place string, r inventory.Resource) {
		r.Origin, r.Scope = inventory.Live, inventory.NewScope("aws", "-", benchAccount, place)
		s.Resources = append(s.Resources, r)
	}
	for place, types := range map[string][]string{
		"eu-west-1":    {"aws.kms.grant", "aws.kms.key", "aws.kms.policy", "aws.secretsmanager.secret"},
		"global":       {"aws.iam.group", "aws.iam.policy", "aws.iam.role", "aws.iam.user", "aws.iam.oidc_provider", "aws.iam.saml_provider"},
		"organization": {"aws.organizations.account", "aws.organizations.policy"},
	} {
		s.Scopes = append(s.Scopes, inventory.ScopeRead{Scope: inventory.NewScope("aws", "-", benchAccount, place), Report: inventory.Report{Types: types}})
	}
	statement := func(s string) string { return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` + s + `}]}` }
	grants := 0
	add("eu-west-1", inventory.Resource{
		ID: benchKey, Type: "aws.kms.key", Kind: inventory.KindKey, Name: "k1", Tags: map[string]string{},
		Key: &inventory.Key{Spec: "SYMMETRIC_DEFAULT", Algorithm: "aes", Usages: []string{"decrypt", "encrypt"}, Manager: "customer", Origin: "generated", MultiRegion: "single", Grants: &grants},
	})
	add("eu-west-1", inventory.Resource{
		ID: benchKey + "#policy", Type: "aws.kms.policy", Kind: inventory.KindPolicy, Name: "k1", Policy: &inventory.Policy{},
		Document: statement(`"Principal":{"AWS":"` + principal + `"},"Action":"kms:*","Resource":"*"`),
	})
	for i := range 3_000 {
		id := fmt.Sprintf("%srole/r%d", benchIAM, i)
		trust := statement(`"Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"`)
		if i%2 == 1 {
			trust = statement(`"Principal":{"AWS":"` + benchIAM + `root"},"Action":"sts:AssumeRole"`)
		}
		own := statement(fmt.Sprintf(`"Action":["s3:GetObject"],"Resource":"arn:aws:s3:::b%d/*"`, i))
		switch i % 10 {
		case 0, 5:
			own = statement(`"Action":"*","Resource":"*"`)
			if i%20 >= 10 {
				own = statement(fmt.Sprintf(`"Action":["iam:PassRole","lambda:*","sts:AssumeRole"],"Resource":["%srole/r%d","arn:aws:lambda:*"]`, benchIAM, i+10))
			}
		}
		policy := inventory.ID(id + "#policy/own")
		add("global", inventory.Resource{ID: policy, Type: "aws.iam.policy", Kind: inventory.KindPolicy, Name: "own", Policy: &inventory.Policy{}, Document: own})
		add("global", inventory.Resource{
			ID: inventory.ID(id), Type: "aws.iam.role", Kind: inventory.KindTrust, Name: fmt.Sprintf("r%d", i), Tags: map[string]string{}, Trust: &inventory.Trust{}, Document: trust,
			Refs: []inventory.Ref{{Edge: "grants", To: policy, Target: "aws.iam.policy", Name: "own"}},
		})
	}
	return s
}

// BenchmarkWhoCan asks who can use a key, by themselves and by becoming others, as the verb does: the snapshot is new each time.
func BenchmarkWhoCan(b *testing.B) {
	for name, principal := range map[string]string{"key=account": benchIAM + "root", "key=role": benchIAM + "role/r1"} {
		b.Run(name, func(b *testing.B) {
			snap := administered(principal)
			b.ResetTimer()
			for range b.N {
				e, err := reach.New(snap)
				if err != nil {
					b.Fatal(err)
				}
				found, err := e.WhoCan("kms:Decrypt", benchKey)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(found.Holders)), "holders")
				b.ReportMetric(float64(len(found.Indirect)), "indirect")
			}
		})
	}
}

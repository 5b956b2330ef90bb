package aws

import (
	"fmt"
	"testing"
)

// BenchmarkStepsTo asks who can become a role of an account with 20,000 others, of which every fiftieth holds something that leads
// somewhere. First is the first role that is asked for, next any other.
func BenchmarkStepsTo(b *testing.B) {
	s := newStaff()
	for i := range 20_000 {
		policies := []string{"s3:GetObject on arn:aws:s3:::b" + fmt.Sprint(i), "logs:* dynamodb:GetItem"}
		switch i % 200 {
		case 0:
			policies = append(policies, "sts:AssumeRole on "+arn(fmt.Sprintf("role/r%d", i+1)))
		case 50:
			policies = append(policies, "iam:PassRole lambda:* ec2:*")
		case 100:
			policies = append(policies, "iam:PutRolePolicy on "+arn(fmt.Sprintf("role/r%d", i)))
		case 150:
			policies = append(policies, "iam:*")
		}
		trust := service("lambda.amazonaws.com")
		if i%2 == 1 {
			trust = trusts(trustedAccount(here), "sts:AssumeRole", "")
		}
		s.role(fmt.Sprintf("r%d", i), trust, policies...)
	}
	s.read("organization", memberType)
	w := worldOf(&s.snap)
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			newBecoming(w).stepsTo(arn("role/r1"), all)
		}
	})
	b.Run("next", func(b *testing.B) {
		becoming := newBecoming(w)
		becoming.stepsTo(arn("role/r1"), all)
		i := 0
		for b.Loop() {
			i++
			becoming.stepsTo(arn(fmt.Sprintf("role/r%d", i%20_000)), all)
		}
	})
}

package estatetest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access/aws"
)

func keyARN(account, i int) string {
	return fmt.Sprintf("arn:aws:kms:%s:%s:key/%08x-0000-4000-a000-%012x", regions[(account+i/3)%2+i%2*(i%3)/2], id(account), i*2654435761%(1<<32), i)
}

func (g *generator) resources(yield func(aws.Target) bool) {
	for a := range g.o.Accounts {
		r := g.random(a, 1)
		keys, roles := g.share(g.o.Keys, a), g.share(g.o.Roles, a)
		for i := range keys {
			if !yield(g.key(r, a, i, roles)) {
				return
			}
		}
		for i := range g.share(g.o.Secrets, a) {
			if !yield(secret(r, a, i, roles, keys)) {
				return
			}
		}
	}
}

// key makes a key. A third have the default policy, most name an administrator and the roles that use it, a few let in other accounts or
// all of the organization.
func (g *generator) key(r *rand.Rand, account, i, roles int) aws.Target {
	k := aws.Target{
		ARN: keyARN(account, i), Spec: "SYMMETRIC_DEFAULT", Usage: "ENCRYPT_DECRYPT", Origin: "AWS_KMS", MultiRegion: "NONE",
		Aliases: []string{fmt.Sprintf("alias/%s-%d", name(r.IntN(roles)), i)},
	}
	if chance(r, 60) {
		k.Tags = map[string]string{"team": pick(r, teams...), "env": pick(r, "prod", "staging", "dev")}
	}
	own := fmt.Sprintf("arn:aws:iam::%s:", id(account))
	statements := []string{fmt.Sprintf(`{"Sid":"Enable IAM policies","Effect":"Allow","Principal":{"AWS":"%sroot"},"Action":"kms:*","Resource":"*"}`, own)}
	if chance(r, 66) {
		var users []string
		for range 1 + r.IntN(2) {
			users = append(users, own+"role/"+name(r.IntN(roles)))
		}
		statements = append(statements,
			fmt.Sprintf(`{"Sid":"Administrators","Effect":"Allow","Principal":{"AWS":"%srole/admin"},"Action":["kms:Create*","kms:Describe*","kms:Enable*","kms:List*","kms:Put*","kms:Update*",
"kms:Revoke*","kms:Disable*","kms:Get*","kms:Delete*","kms:TagResource","kms:UntagResource","kms:ScheduleKeyDeletion","kms:CancelKeyDeletion"],"Resource":"*"}`, own),
			fmt.Sprintf(`{"Sid":"Users","Effect":"Allow","Principal":{"AWS":%s},"Action":["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:DescribeKey"],"Resource":"*"}`, quoted(users)),
			fmt.Sprintf(`{"Sid":"Resources of AWS","Effect":"Allow","Principal":{"AWS":%s},"Action":["kms:CreateGrant","kms:ListGrants","kms:RevokeGrant"],"Resource":"*",
"Condition":{"Bool":{"kms:GrantIsForAWSResource":"true"}}}`, quoted(users)))
	}
	switch n := r.IntN(100); {
	case n < 1:
		statements = append(statements, fmt.Sprintf(`{"Sid":"Organization","Effect":"Allow","Principal":{"AWS":"*"},"Action":["kms:Decrypt","kms:DescribeKey"],"Resource":"*",
"Condition":{"StringEquals":{"aws:PrincipalOrgID":%q}}}`, org))
	case n < 4:
		statements = append(statements, fmt.Sprintf(`{"Sid":"Partner","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":["kms:Decrypt","kms:DescribeKey"],"Resource":"*"}`, id(r.IntN(g.o.Accounts))))
	case n < 8:
		statements = append(statements, fmt.Sprintf(`{"Sid":"Logs","Effect":"Allow","Principal":{"Service":"logs.eu-west-1.amazonaws.com"},"Action":["kms:Encrypt","kms:Decrypt","kms:GenerateDataKey*"],"Resource":"*",
"Condition":{"ArnLike":{"kms:EncryptionContext:aws:logs:arn":"arn:aws:logs:*:%s:*"}}}`, id(account)))
	}
	k.Policy = []aws.Document{document("default", statements...)}
	for chance(r, 15) {
		k.Grants = append(k.Grants, aws.Grant{Grantee: own + "role/" + name(r.IntN(roles)), Operations: aws.Values{"Decrypt", "GenerateDataKeyWithoutPlaintext", "CreateGrant"},
			Constraints: aws.Constraints{Subset: map[string]string{"aws:ebs:id": "vol-0"}}})
	}
	return k
}

// secret makes a secret. Half have the key that AWS manages.
func secret(r *rand.Rand, account, i, roles, keys int) aws.Target {
	s := aws.Target{ARN: fmt.Sprintf("arn:aws:secretsmanager:%s:%s:secret:%s/db-%06x", regions[0], id(account), name(r.IntN(roles)), i)}
	if keys > 0 && chance(r, 50) {
		if arn := keyARN(account, r.IntN(keys)); strings.Contains(arn, ":"+regions[0]+":") {
			s.Key = arn
		}
	}
	if chance(r, 10) {
		s.Policy = []aws.Document{document("resource policy", fmt.Sprintf(`{"Effect":"Deny","Principal":"*","Action":"secretsmanager:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":%q}}}`, id(account)))}
	}
	return s
}

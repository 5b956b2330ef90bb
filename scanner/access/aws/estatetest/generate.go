// Package estatetest makes estates of AWS for tests and benchmarks of who can do what: from a seed, the accounts of an organization with
// their control policies, roles with managed and inline policies, and keys and secrets with policies and grants, as large companies have
// them. Most statements of most roles have nothing to do with keys, and documents repeat.
//
// It says nothing of what a real estate holds on average.
package estatetest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access/aws"
)

// Options say how large an estate is. Accounts have their roles, keys and secrets in equal numbers.
type Options struct {
	Accounts, Roles, Keys, Secrets int
}

// Generate makes an estate. Equal arguments give equal estates. Principals and resources are made as they are asked for.
func Generate(seed uint64, o Options) aws.Estate {
	g := generator{seed: seed, o: o}
	return aws.Estate{Accounts: g.accounts(), Principals: g.roles, Resources: g.resources}
}

type generator struct {
	seed uint64
	o    Options
}

// random starts anew for each account and sort of thing, so that each can be made without the others.
func (g *generator) random(account, what int) *rand.Rand {
	return rand.New(rand.NewPCG(g.seed, uint64(account)<<8|uint64(what)))
}

func chance(r *rand.Rand, percent int) bool { return r.IntN(100) < percent }

func pick(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }

func id(account int) string { return fmt.Sprintf("%012d", 100000000000+account*7919) }

const org = "o-a1b2c3d4e5"

var (
	teams   = []string{"payments", "identity", "platform", "data", "growth"}
	regions = []string{"eu-west-1", "eu-central-1", "us-east-1"}
)

func (g *generator) accounts() []aws.Account {
	full := document("FullAWSAccess", `{"Effect":"Allow","Action":"*","Resource":"*"}`)
	stay := document("StayInOrganization", `{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}`,
		`{"Effect":"Deny","Action":["iam:CreateUser","iam:CreateAccessKey"],"Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/break-glass"}}}`)
	where := document("Regions", `{"Effect":"Deny","NotAction":["iam:*","sts:*","organizations:*","support:*","cloudfront:*","route53:*"],"Resource":"*",
"Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1","us-east-1"]}}}`)
	keep := document("KeepKeys", `{"Effect":"Deny","Action":["kms:ScheduleKeyDeletion","kms:DeleteImportedKeyMaterial"],"Resource":"*",
"Condition":{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/admin","arn:aws:iam::*:role/break-glass"]}}}`)
	fullRCP := document("RCPFullAWSAccess", `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`)
	perimeter := document("Perimeter", fmt.Sprintf(`{"Effect":"Deny","Principal":"*","Action":["kms:*","secretsmanager:*"],"Resource":"*",
"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":%q},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}`, org))
	var out []aws.Account
	for i := range g.o.Accounts {
		unit := fmt.Sprintf("ou-%d", i%20)
		out = append(out, aws.Account{
			ID: id(i), Org: org, Path: []string{"r-1", unit},
			SCPs: [][]aws.Document{{full, stay}, {full, where, keep}, {full}},
			RCPs: [][]aws.Document{{fullRCP, perimeter}, {fullRCP}, {fullRCP}},
		})
	}
	return out
}

// share is how many of n things the account has.
func (g *generator) share(n, account int) int {
	return n*(account+1)/g.o.Accounts - n*account/g.o.Accounts
}

func (g *generator) roles(yield func(aws.Identity) bool) {
	for a := range g.o.Accounts {
		r := g.random(a, 0)
		for i := range g.share(g.o.Roles, a) {
			if !yield(role(r, a, i, g.share(g.o.Keys, a))) {
				return
			}
		}
	}
}

// name is that of a role. The first of each account administers it.
func name(i int) string {
	if i == 0 {
		return "admin"
	}
	return fmt.Sprintf("app-%02d", i)
}

// role makes a role with ten statements in three documents or so.
func role(r *rand.Rand, account, i, keys int) aws.Identity {
	out := aws.Identity{ARN: fmt.Sprintf("arn:aws:iam::%s:role/%s", id(account), name(i))}
	if chance(r, 60) {
		out.Tags = map[string]string{"team": pick(r, teams...)}
	}
	if i == 0 {
		out.Identity = []aws.Document{document("AdministratorAccess", `{"Effect":"Allow","Action":"*","Resource":"*"}`)}
		return out
	}
	for range 2 {
		out.Identity = append(out.Identity, managed[r.IntN(len(managed))])
	}
	if chance(r, 15) {
		out.Boundary = []aws.Document{boundary}
	}
	var own []string
	add := func(format string, args ...any) { own = append(own, fmt.Sprintf(format, args...)) }
	add(`{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::%s-%s/*"}`, id(account), name(i))
	add(`{"Effect":"Allow","Action":["sqs:SendMessage","sqs:ReceiveMessage"],"Resource":"arn:aws:sqs:*:%s:%s-*"}`, id(account), name(i))
	add(`{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:Query"],"Resource":"arn:aws:dynamodb:*:%s:table/%s-*"}`, id(account), name(i))
	switch n := r.IntN(100); {
	case n < 25:
	case n < 60 && keys > 0:
		var arns []string
		for range 1 + r.IntN(3) {
			arns = append(arns, keyARN(account, r.IntN(keys)))
		}
		add(`{"Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":%s}`, quoted(arns))
	case n < 75:
		add(`{"Effect":"Allow","Action":["kms:Decrypt","kms:Encrypt","kms:DescribeKey"],"Resource":"arn:aws:kms:*:%s:key/*"}`, id(account))
	case n < 85:
		add(`{"Effect":"Allow","Action":"kms:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}}`)
	case n < 92:
		add(`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringLike":{"kms:ViaService":"s3.*.amazonaws.com"}}}`)
	default:
		add(`{"Effect":"Allow","Action":["kms:Decrypt","kms:DescribeKey"],"Resource":"*","Condition":{"ForAnyValue:StringLike":{"kms:ResourceAliases":"alias/%s-*"}}}`, name(i))
	}
	add(`{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"arn:aws:secretsmanager:*:%s:secret:%s/*"}`, id(account), name(i))
	if len(own) < 5 {
		add(`{"Effect":"Deny","Action":"iam:*","Resource":"*"}`)
	}
	add(`{"Effect":"Allow","Action":"cloudwatch:PutMetricData","Resource":"*"}`)
	out.Identity = append(out.Identity, document("inline", own...))
	return out
}

// managed are policies of two statements that many roles share.
var managed = func() (out []aws.Document) {
	for i, services := range [][]string{
		{"ec2", "elasticloadbalancing"}, {"logs", "cloudwatch"}, {"sns", "events"}, {"ecr", "ecs"}, {"lambda", "states"}, {"rds", "rds-data"},
		{"athena", "glue"}, {"ssm", "ssmmessages"}, {"elasticache", "memorydb"}, {"xray", "application-signals"},
	} {
		out = append(out, document(fmt.Sprintf("Managed%d", i),
			fmt.Sprintf(`{"Effect":"Allow","Action":["%[1]s:Describe*","%[1]s:List*","%[1]s:Get*"],"Resource":"*"}`, services[0]),
			fmt.Sprintf(`{"Effect":"Allow","Action":"%s:*","Resource":"*"}`, services[1])))
	}
	return append(out, document("ViewKeys", `{"Effect":"Allow","Action":["kms:Describe*","kms:List*","kms:Get*"],"Resource":"*"}`, `{"Effect":"Allow","Action":"tag:Get*","Resource":"*"}`),
		document("NoDeletion", `{"Effect":"Deny","Action":["kms:ScheduleKeyDeletion","kms:DisableKey"],"Resource":"*"}`, `{"Effect":"Allow","Action":"tag:Get*","Resource":"*"}`))
}()

var boundary = document("Boundary", `{"Effect":"Allow","NotAction":["iam:*","organizations:*"],"Resource":"*"}`, `{"Effect":"Deny","Action":"kms:PutKeyPolicy","Resource":"*"}`)

func document(name string, statements ...string) aws.Document {
	return aws.Document{Name: name, Text: json.RawMessage(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)}
}

func quoted(list []string) string { return `["` + strings.Join(list, `","`) + `"]` }

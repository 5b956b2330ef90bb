package main

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
)

// The estate: a production account whose access key a reader has, and a staging account that it reaches by assuming a role.
const (
	production = "111122223333"
	staging    = "444455556666"
	accessKey  = "demo"
	readerRole = "keyreeve-read"
)

// margin makes everything a little older than its day says, so that a reader's clock, which may be a second behind, counts whole days as told.
const margin = time.Hour

const administrator = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

// anyResource is what a resource control policy starts with.
const anyResource = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`

// podTrust is the trust policy of a role that service accounts of a cluster may take.
func podTrust(provider, subjects string) string {
	_, issuer, _ := strings.Cut(provider, ":oidc-provider/")
	return `{"Version":"2012-10-17","Statement":[{"Sid":"Pods","Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":"sts:AssumeRoleWithWebIdentity",` +
		`"Condition":{"StringLike":{"` + issuer + `:sub":"` + subjects + `"},"StringEquals":{"` + issuer + `:aud":"sts.amazonaws.com"}}}]}`
}

// estate makes the estate as it is at the time of now; ages are whole days.
func estate(now func() time.Time) *awsfake.Server {
	at := func(daysAgo int) time.Time { return now().Add(-time.Duration(daysAgo)*24*time.Hour - margin) }
	rotated := func(daysAgo ...int) (history []awsfake.Rotation) {
		for _, d := range daysAgo {
			history = append(history, awsfake.Rotation{At: at(d)})
		}
		return history
	}
	tags := func(owner string) map[string]string { return map[string]string{"owner": owner} }

	s := awsfake.New(now)
	s.SetOrganization(awsfake.Organization{
		ID: "o-demo", Management: production, Root: "r-1",
		Members: []awsfake.Member{{ID: production, Name: "production", Parent: "r-1"}, {ID: staging, Name: "staging", Parent: "r-1"}},
		Controls: []awsfake.Control{
			{ID: "p-FullAWSAccess", Name: "FullAWSAccess", Type: orgtypes.PolicyTypeServiceControlPolicy, AWS: true, Content: administrator, Targets: []string{"r-1", production, staging}},
			{ID: "p-RCPFullAWSAccess", Name: "RCPFullAWSAccess", Type: orgtypes.PolicyTypeResourceControlPolicy, AWS: true, Content: anyResource, Targets: []string{"r-1", production, staging}},
		},
	})
	prod := s.Account(production)
	prod.AddAccessKey(accessKey)
	ireland, virginia := prod.Region("eu-west-1"), prod.Region("us-east-1")
	for _, k := range []awsfake.Key{
		{Aliases: []string{"alias/payments"}, Tags: tags("payments"), Created: at(800), RotationPeriod: 365, NextRotation: at(-295), Rotations: rotated(435, 70)},
		{Aliases: []string{"alias/archive"}, Tags: tags("storage"), Created: at(800)},
		{Aliases: []string{"alias/backup"}, Tags: tags("storage"), Created: at(500), RotationPeriod: 2560, NextRotation: at(-2060)},
		{Aliases: []string{"alias/jwt"}, Tags: tags("identity"), Created: at(100), Spec: types.KeySpecEccNistP256},
		{Aliases: []string{"alias/webhooks"}, Tags: tags("identity"), Created: at(30), Spec: types.KeySpecHmac256},
		{Aliases: []string{"alias/release"}, Tags: tags("build"), Created: at(200), Spec: types.KeySpecRsa4096, Usage: types.KeyUsageTypeSignVerify},
		{Aliases: []string{"alias/partner"}, Tags: tags("payments"), Created: at(400), Origin: types.OriginTypeExternal, ValidTo: at(-20)},
		{Tags: tags("storage"), Created: at(800), State: types.KeyStatePendingDeletion, DeletionAt: at(-12)},
		{Aliases: []string{"alias/aws/s3"}, Created: at(800), Manager: types.KeyManagerTypeAws},
	} {
		ireland.AddKey(k)
	}
	// Whoever made this key gave its policy no statement for the account, so that not even an administrator can look at it.
	virginia.AddKey(awsfake.Key{Aliases: []string{"alias/locked-away"}, Created: at(600), Deny: []string{"DescribeKey", "GetKeyRotationStatus", "ListKeyRotations", "ListResourceTags", "GetKeyLastUsage", "GetKeyPolicy", "ListGrants"}})
	virginia.AddKey(awsfake.Key{Aliases: []string{"alias/events"}, Created: at(200), Tags: tags("storefront"), RotationPeriod: 90, NextRotation: at(-70), Rotations: rotated(110, 20)})

	current := func(daysAgo int) []awsfake.SecretVersion {
		return []awsfake.SecretVersion{{Created: at(daysAgo), Stages: []string{"AWSCURRENT"}}}
	}
	ireland.AddSecret(awsfake.Secret{Name: "storefront/database", Tags: map[string]string{"owner": "storefront", "purpose": "connection"}, Created: at(600), RotationDays: 30, NextRotation: at(-18), Versions: current(12), Accessed: at(1), KMSKey: "alias/payments"})
	// Its settings were changed a week ago; its value was not.
	ireland.AddSecret(awsfake.Secret{Name: "storefront/mail", Tags: map[string]string{"owner": "storefront", "purpose": "api_key"}, Created: at(300), Changed: at(7), Versions: current(120), Accessed: at(2)})
	ireland.AddSecret(awsfake.Secret{Name: "rds!cluster-orders", Tags: map[string]string{"owner": "storefront", "purpose": "connection"}, Created: at(200), RotationDays: 7, NextRotation: at(-4), Versions: current(3), OwningService: "rds"})

	admin := prod.AddPolicy(awsfake.ManagedPolicy{Name: "AdministratorAccess", AWS: true, Document: administrator})
	prod.AddGroup(awsfake.Group{Name: "operators", Holder: awsfake.Holder{Attached: []string{admin}}})
	prod.AddUser(awsfake.User{Name: "importer", Groups: []string{"operators"}, Holder: awsfake.Holder{Tags: tags("storage")}, Keys: []awsfake.AccessKey{{ID: "FAKE-IMPORTER", Created: at(700), LastUsed: at(30)}}})
	issuer := prod.AddOIDCProvider(awsfake.OIDCProvider{Issuer: "oidc.eks.eu-west-1.amazonaws.com/id/DEMO", Audiences: []string{"sts.amazonaws.com"}})
	prod.AddRole(awsfake.Role{Name: "reports", Holder: awsfake.Holder{Tags: tags("storage")}, Policy: podTrust(issuer, "system:serviceaccount:reports:*")})
	prod.AddRole(awsfake.Role{Name: "payments", Holder: awsfake.Holder{Tags: tags("payments")}, Policy: podTrust(issuer, "system:serviceaccount:payments:api")})

	stage := s.Account(staging)
	stage.AddRole(awsfake.Role{Name: readerRole, Trusts: []string{production}})
	stage.Region("eu-west-1").AddKey(awsfake.Key{Aliases: []string{"alias/payments"}, Tags: tags("payments"), Created: at(90), RotationPeriod: 90, NextRotation: at(-90)})
	stage.Region("eu-west-1").AddKey(awsfake.Key{Aliases: []string{"alias/jwt"}, Tags: tags("identity"), Created: at(120), Spec: types.KeySpecEccNistP256})
	stage.Region("us-east-1") // enabled, and without keys
	return s
}

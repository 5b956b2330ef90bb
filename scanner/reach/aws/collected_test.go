package aws_test

import (
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"

	collector "github.com/keyreeve/keyreeve/collectors/aws"
	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/reach/aws"
)

const own = "111122223333"

// collected is a snapshot that the real collector takes of a fake.
func collected(t *testing.T, fake *awsfake.Server) *inventory.Snapshot {
	t.Helper()
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	c := collector.Config{Regions: collector.Regions{"eu-west-1"}, Endpoint: server.URL, Services: []string{"kms", "secretsmanager", "iam", "organizations"}}
	c.Budget.RPS = 1e5
	env := map[string]string{"AWS_ACCESS_KEY_ID": "FAKEREADER", "AWS_SECRET_ACCESS_KEY": "not a secret"}
	sources, err := collector.Open(t.Context(), c, collector.Options{Env: func(name string) string { return env[name] }})
	if err != nil {
		t.Fatal(err)
	}
	snap := &inventory.Snapshot{}
	for _, s := range sources {
		n := len(snap.Resources)
		for r, err := range s.Resources(t.Context()) {
			var gap *inventory.Gap
			switch {
			case errors.As(err, &gap):
				snap.Gaps = append(snap.Gaps, *gap)
			case err != nil:
				t.Fatal(err)
			default:
				snap.Resources = append(snap.Resources, r)
			}
		}
		snap.Scopes = append(snap.Scopes, inventory.ScopeRead{Scope: s.Scope(), Resources: len(snap.Resources) - n, Report: s.(inventory.Reporter).Report()})
	}
	slices.SortFunc(snap.Resources, func(a, b inventory.Resource) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return snap
}

// TestWhoOfWhatTheCollectorReads asks about keys and secrets of a fake AWS that the collector read, so that what it writes down is what is
// looked for.
func TestWhoOfWhatTheCollectorReads(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const (
		all     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
		full    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`
		decrypt = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}]}`
		noSign  = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"kms:Sign","Resource":"*"}]}`
		onlyKMS = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}`
	)
	fake := awsfake.New(func() time.Time { return now })
	account := fake.Account(own)
	account.AddAccessKey("FAKEREADER")
	region := account.Region("eu-west-1")
	region.AddKey(awsfake.Key{ID: "data", Aliases: []string{"alias/data"}, Grants: []types.GrantListEntry{
		{GrantId: sdk.String("g"), GranteePrincipal: sdk.String("arn:aws:iam::" + own + ":role/reports"), Operations: []types.GrantOperation{"Decrypt"}},
	}})
	region.AddKey(awsfake.Key{ID: "jwt", Aliases: []string{"alias/jwt"}, Spec: types.KeySpecEccNistP256})
	region.AddKey(awsfake.Key{ID: "locked", Aliases: []string{"alias/locked"}, Deny: []string{"GetKeyPolicy"}})
	region.AddSecret(awsfake.Secret{Name: "app/db", KMSKey: "alias/data", Versions: []awsfake.SecretVersion{{Created: now, Stages: []string{"AWSCURRENT"}}}})
	admin := account.AddPolicy(awsfake.ManagedPolicy{Name: "AdministratorAccess", AWS: true, Document: all})
	bound := account.AddPolicy(awsfake.ManagedPolicy{Name: "only-kms", Document: onlyKMS})
	account.AddGroup(awsfake.Group{Name: "operators", Holder: awsfake.Holder{Attached: []string{admin}}})
	account.AddUser(awsfake.User{Name: "ann", Groups: []string{"operators"}})
	account.AddRole(awsfake.Role{Name: "bounded", Holder: awsfake.Holder{Attached: []string{admin}, Boundary: bound}, Trusts: []string{own}})
	account.AddRole(awsfake.Role{Name: "app", Holder: awsfake.Holder{Inline: map[string]string{"use": decrypt}}, Trusts: []string{own}})
	account.AddRole(awsfake.Role{Name: "reports", Trusts: []string{own}})
	fake.SetOrganization(awsfake.Organization{
		ID: "o-a", Management: "999988887777", Root: "r-1", Units: []awsfake.Unit{{ID: "ou-1", Parent: "r-1"}}, Members: []awsfake.Member{{ID: own, Parent: "ou-1"}, {ID: "999988887777", Parent: "r-1"}}, Delegates: []string{own},
		Controls: []awsfake.Control{
			{ID: "p-FullAWSAccess", Type: orgtypes.PolicyTypeServiceControlPolicy, AWS: true, Content: all, Targets: []string{"r-1", "ou-1", own}},
			{ID: "p-RCPFullAWSAccess", Type: orgtypes.PolicyTypeResourceControlPolicy, AWS: true, Content: full, Targets: []string{"r-1", "ou-1", own}},
			{ID: "p-no-sign", Type: orgtypes.PolicyTypeServiceControlPolicy, Content: noSign, Targets: []string{"ou-1"}},
		},
	})
	e, err := aws.New(collected(t, fake))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ action, name, want, unread string }{
		{"decrypt", "data", "role/app role/bounded role/reports root user/ann", ""},
		{"describekey", "data", "role/bounded root user/ann", ""},
		{"sign", "alias/jwt", "", ""},
		{"verify", "alias/jwt", "role/bounded root user/ann", ""},
		{"getsecretvalue", "app/db", "root user/ann", ""},
		{"decrypt", "locked", "*? role/app? role/bounded? role/reports? root? user/ann? root?", "list of principals key policy"}, // the last is of the other account,
	} {
		ids := e.Find(c.name)
		if len(ids) != 1 {
			t.Errorf("%s means %q; want one", c.name, ids)
			continue
		}
		h, err := e.Who(c.action, ids[0])
		if err != nil {
			t.Error(err)
			continue
		}
		var got, unread []string
		for _, x := range h.Holders {
			s := x.Principal[strings.LastIndexByte(x.Principal, ':')+1:]
			if x.Decision == access.Conditional {
				s += "?"
			}
			got = append(got, s)
		}
		for _, u := range h.Unread {
			unread = append(unread, u.Document)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s %s: %s; want %s: %+v", c.action, c.name, s, c.want, h.Unread)
		}
		if s := strings.Join(unread, " "); s != c.unread {
			t.Errorf("%s %s: unread %q; want %q", c.action, c.name, h.Unread, c.unread)
		}
	}
}

package aws

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// TestAccountsAndRegionsStayApart reads two accounts in two Regions each; every key is in the scope it lives in.
func TestAccountsAndRegionsStayApart(t *testing.T) {
	fake, region := newFake()
	other := fake.Account(otherAccount)
	role := other.AddRole(awsfake.Role{Name: "team/keyreeve-read", Trusts: []string{ownAccount}, ExternalID: "outer"})
	for _, r := range []*awsfake.Region{region, fake.Account(ownAccount).Region("us-east-1"), other.Region("eu-west-1"), other.Region("us-east-1")} {
		r.AddKey(awsfake.Key{ID: "same-id"})
	}
	got := read(t, fake, Config{Regions: Regions{"us-east-1", "eu-west-1"}, Accounts: []Account{{RoleARN: role, ExternalIDEnv: "XID"}}})
	var places []string
	for _, r := range got.keys {
		places = append(places, string(r.Scope)+" "+string(r.ID))
	}
	want := []string{
		"aws/-/111122223333/eu-west-1 arn:aws:kms:eu-west-1:111122223333:key/same-id",
		"aws/-/444455556666/eu-west-1 arn:aws:kms:eu-west-1:444455556666:key/same-id",
		"aws/-/111122223333/us-east-1 arn:aws:kms:us-east-1:111122223333:key/same-id",
		"aws/-/444455556666/us-east-1 arn:aws:kms:us-east-1:444455556666:key/same-id",
	}
	if !slices.Equal(places, want) || len(got.gaps) != 0 {
		t.Errorf("got %s\ngaps %v", strings.Join(places, "\n"), got.gaps)
	}
	for _, s := range got.sources {
		identity := s.(inventory.Reporter).Report().Identity
		if want := strings.Split(string(s.Scope()), "/")[2]; !strings.Contains(identity, want) {
			t.Errorf("%s was read as %q", s.Scope(), identity)
		}
	}
}

// TestOneScopeFailsAlone takes one scope away after the other; the others are read.
func TestOneScopeFailsAlone(t *testing.T) {
	for _, c := range []struct {
		name     string
		breaking func(fake *awsfake.Server)
		scopes   []string
		hint     string
	}{
		{"a Region that is not enabled", func(f *awsfake.Server) { f.Account(ownAccount).Disable("us-east-1") }, []string{"aws/-/111122223333/us-east-1"}, "Region is enabled"},
		{"a role that trusts others", func(f *awsfake.Server) {
			f.Account(otherAccount).AddRole(awsfake.Role{Name: "keyreeve-read", Trusts: []string{"999999999999"}})
		}, []string{"aws/-/444455556666/eu-west-1", "aws/-/444455556666/us-east-1"}, "trust policy"},
		{"a role that wants another external ID", func(f *awsfake.Server) {
			f.Account(otherAccount).AddRole(awsfake.Role{Name: "keyreeve-read", ExternalID: "another"})
		}, []string{"aws/-/444455556666/eu-west-1", "aws/-/444455556666/us-east-1"}, "external ID"},
		{"a role whose session expires", func(f *awsfake.Server) {
			f.Break(awsfake.Fault{Account: otherAccount, Region: "eu-west-1", Do: awsfake.Refuse(http.StatusBadRequest, "ExpiredTokenException", "expired")})
		}, []string{"aws/-/444455556666/eu-west-1"}, "log in again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake, _ := newFake()
			role := fake.Account(otherAccount).AddRole(awsfake.Role{Name: "keyreeve-read"})
			for _, account := range []string{ownAccount, otherAccount} {
				for _, region := range []string{"eu-west-1", "us-east-1"} {
					fake.Account(account).Region(region).AddKey(awsfake.Key{})
				}
			}
			c.breaking(fake)
			got := read(t, fake, Config{Regions: Regions{"eu-west-1", "us-east-1"}, Accounts: []Account{{RoleARN: role}}})
			asked := 0
			for _, call := range fake.Calls() {
				if call.Name == assumeRole {
					asked++
				}
			}
			if asked != 1 {
				t.Errorf("the role was asked for %d times, want once for all Regions", asked)
			}
			var scopes []string
			for _, g := range got.gaps {
				if g.Covers(keyType) {
					scopes = append(scopes, string(g.Scope))
				}
				if !strings.Contains(g.Hint, c.hint) {
					t.Errorf("%s: hint %q", g.Scope, g.Hint)
				}
			}
			if slices.Sort(scopes); !slices.Equal(scopes, c.scopes) || len(got.keys) != 4-len(c.scopes) {
				t.Errorf("gaps %v and %d keys, want gaps %v and the other keys", scopes, len(got.keys), c.scopes)
			}
		})
	}
}

// TestRoleInTheOwnAccount reads that account once, as the role.
func TestRoleInTheOwnAccount(t *testing.T) {
	fake, region := newFake()
	region.AddKey(awsfake.Key{})
	role := fake.Account(ownAccount).AddRole(awsfake.Role{Name: "keyreeve-read"})
	got := read(t, fake, Config{Accounts: []Account{{RoleARN: role}}})
	got.only(t)
	if id := got.sources[0].(inventory.Reporter).Report().Identity; len(got.sources) != 1 || !strings.Contains(id, "assumed-role/keyreeve-read") {
		t.Errorf("%d sources, read as %q", len(got.sources), id)
	}
}

// TestChinaIsAnotherPartition names keys as AWS does there.
func TestChinaIsAnotherPartition(t *testing.T) {
	fake, _ := newFake()
	want := fake.Account(ownAccount).Region("cn-north-1").AddKey(awsfake.Key{ID: "k"})
	if r := read(t, fake, Config{Regions: Regions{"cn-north-1"}}).only(t); string(r.ID) != want || !strings.HasPrefix(want, "arn:aws-cn:") {
		t.Errorf("got %s, want %s", r.ID, want)
	}
}

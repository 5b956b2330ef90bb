package aws

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

var onlyIdentities = Config{Services: []string{"iam"}}

// TestWhoHasWhich reads users, groups and roles with the policies that they have, and the boundaries.
func TestWhoHasWhich(t *testing.T) {
	fake, _ := newFake()
	own := fake.Account(ownAccount)
	fake.SetPageSize(2) // the groups come after the users that are in them
	admin := own.AddPolicy(awsfake.ManagedPolicy{Name: "job/AdministratorAccess", AWS: true, Document: everything})
	own.AddPolicy(awsfake.ManagedPolicy{Name: "ReadOnlyAccess", AWS: true, Document: everything}) // attached nowhere
	bound := own.AddPolicy(awsfake.ManagedPolicy{Name: "bound", Document: everything, Plain: true})
	group := own.AddGroup(awsfake.Group{Name: "team/admins", Holder: awsfake.Holder{Attached: []string{admin}}})
	user := own.AddUser(awsfake.User{Name: "team/bob", Groups: []string{"admins"}, Holder: awsfake.Holder{Boundary: bound, Inline: map[string]string{"some more": everything}, Tags: map[string]string{"team": "a"}}})
	trust := `{"Version":"2012-10-17","Statement":[{"Sid":"Pods","Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/oidc.example/id/A"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"oidc.example/id/A:aud":"sts.amazonaws.com"}}}]}`
	role := own.AddRole(awsfake.Role{Name: "app", Policy: trust, Holder: awsfake.Holder{Attached: []string{bound}}})
	got := read(t, fake, onlyIdentities)
	if len(got.gaps) > 0 || got.sources[0].Scope() != "aws/-/111122223333/global" || len(got.sources) != 1 {
		t.Fatalf("gaps %+v of %v", got.gaps, got.sources)
	}

	ref := func(edge, to, typ, name string) inventory.Ref {
		return inventory.Ref{Edge: edge, To: inventory.ID(to), Target: typ, Name: name}
	}
	for _, c := range []struct {
		typ, name, id string
		refs          []inventory.Ref
	}{
		{groupType, "admins", group, []inventory.Ref{ref("grants", admin+"#111122223333", policyType, "AdministratorAccess")}},
		{userType, "bob", user, []inventory.Ref{
			ref("boundary", bound, policyType, "bound"), ref("grants", user+"#policy/some more", policyType, "some more"), ref("member_of", group, groupType, "admins"),
		}},
		{roleType, "app", role, []inventory.Ref{ref("grants", bound, policyType, "bound")}},
	} {
		r := got.find(t, c.typ, c.name)
		if d := cmp.Diff(c.refs, r.Refs); d != "" || string(r.ID) != c.id || len(r.Unknown) > 0 {
			t.Errorf("%s, unknown %v, refs (-want +got):\n%s", r.ID, r.Unknown, d)
		}
	}
	if r := got.find(t, userType, "bob"); r.Tags["team"] != "a" {
		t.Errorf("tags %v", r.Tags)
	}
	app := got.find(t, roleType, "app")
	want := []inventory.TrustStatement{{At: "Pods", Who: "oidc", Provider: "oidc.example/id/A", Subjects: []string{}, Audiences: []string{"sts.amazonaws.com"}}}
	if d := cmp.Diff(want, app.Trust.Statements); d != "" || app.Document != trust || app.Trust.Document != inventory.DocumentHash(trust) {
		t.Errorf("document %q, statements (-want +got):\n%s", app.Document, d)
	}
	for name, counts := range map[string][2]int{"AdministratorAccess": {1, 0}, "bound": {1, 1}} {
		p := got.find(t, policyType, name)
		if s := p.Policy.Statements; len(s) != 1 || !*s[0].AllResources || p.Document != everything || *p.Policy.Attachments != counts[0] || *p.Policy.Boundaries != counts[1] || *p.Policy.Builtin != (name != "bound") {
			t.Errorf("%s: %+v, document %q", p.ID, p.Policy, p.Document)
		}
	}
	if slices.ContainsFunc(got.others, func(r inventory.Resource) bool { return r.Name == "ReadOnlyAccess" }) {
		t.Error("a policy of AWS that is attached nowhere is in the inventory")
	}
}

// TestAccessKeys tells how old each is and when it was last used.
func TestAccessKeys(t *testing.T) {
	fake, _ := newFake()
	own := fake.Account(ownAccount)
	user := own.AddUser(awsfake.User{Name: "bob", Keys: []awsfake.AccessKey{{ID: "FAKEUSED", Created: made, LastUsed: noon}, {ID: "FAKENEVER", Created: made, Inactive: true}}})
	got := read(t, fake, onlyIdentities)
	used, never := got.find(t, accessKeyType, "FAKEUSED"), got.find(t, accessKeyType, "FAKENEVER")
	want := &inventory.Credential{Class: "access_key", CreatedAt: at(made), State: "enabled", LastUse: &inventory.LastUse{At: at(noon), TrackingSince: at(made), Operation: "kms"}}
	if d := cmp.Diff(want, used.Credential); d != "" || string(used.Refs[0].To) != user || string(used.ID) != user+"#access_key/FAKEUSED" {
		t.Errorf("%s names %v; facts (-want +got):\n%s", used.ID, used.Refs, d)
	}
	want = &inventory.Credential{Class: "access_key", CreatedAt: at(made), State: "disabled", LastUse: &inventory.LastUse{TrackingSince: at(made)}}
	if d := cmp.Diff(want, never.Credential); d != "" {
		t.Errorf("never used (-want +got):\n%s", d)
	}
}

// TestProviders reads whose tokens the account accepts, in the words in which code declares them.
func TestProviders(t *testing.T) {
	fake, _ := newFake()
	own := fake.Account(ownAccount)
	own.AddOIDCProvider(awsfake.OIDCProvider{Issuer: "oidc.example/id/A", Audiences: []string{"sts.amazonaws.com"}})
	own.AddSAMLProvider("corporate")
	got := read(t, fake, onlyIdentities)
	oidc := got.find(t, oidcType, "oidc.example/id/A")
	if d := cmp.Diff(&inventory.Trust{Method: "oidc_provider", Issuer: "https://oidc.example/id/A", BoundAudiences: []string{"sts.amazonaws.com"}}, oidc.Trust); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if saml := got.find(t, samlType, "corporate"); saml.Trust.Method != "saml_provider" || string(saml.ID) != "arn:aws:iam::111122223333:saml-provider/corporate" {
		t.Errorf("%s: %+v", saml.ID, saml.Trust)
	}
}

// TestRoot tells whether the root user has access keys and a second factor; what a summary leaves out is not "no".
func TestRoot(t *testing.T) {
	fake, _ := newFake()
	fake.Account(ownAccount).SetRoot(awsfake.Root{MFA: true})
	root := read(t, fake, onlyIdentities).find(t, rootType, "root of "+ownAccount)
	if a := root.Account; string(root.ID) != "arn:aws:iam::111122223333:root" || *a.RootAccessKeys || !*a.RootMFA || len(root.Unknown) > 0 {
		t.Errorf("%s: %+v, unknown %v", root.ID, a, root.Unknown)
	}
	fake.Break(awsfake.Fault{Call: getAccountSummary, Do: awsfake.Body(`<GetAccountSummaryResponse><GetAccountSummaryResult><SummaryMap><entry><key>AccountMFAEnabled</key><value>1</value></entry></SummaryMap></GetAccountSummaryResult></GetAccountSummaryResponse>`)})
	root = read(t, fake, onlyIdentities).find(t, rootType, "root of "+ownAccount)
	if a := root.Account; a.RootAccessKeys != nil || unreadOf(root)["account.root_access_keys"] != inventory.NotRead || !*a.RootMFA {
		t.Errorf("%+v, unknown %v", a, root.Unknown)
	}
}

// TestDetailsThatBreakOff leave open whose groups were not listed, and hide identities, policies and access keys.
func TestDetailsThatBreakOff(t *testing.T) {
	fake, _ := newFake()
	own := fake.Account(ownAccount)
	fake.SetPageSize(1)
	own.AddUser(awsfake.User{Name: "bob", Groups: []string{"admins"}})
	own.AddGroup(awsfake.Group{Name: "admins"})
	pages := 0
	fake.Break(awsfake.Fault{Call: getAuthorization, Do: firstOnly(&pages)})
	got := read(t, fake, onlyIdentities)
	if u := ptr(got.find(t, userType, "bob")).Unread("refs"); u == nil || !strings.Contains(u.Hint, "admins") {
		t.Errorf("refs: %+v", u)
	}
	if len(got.gaps) != 1 || got.gaps[0].Why != inventory.Denied {
		t.Fatalf("gaps %+v", got.gaps)
	}
	for _, typ := range []string{userType, groupType, roleType, policyType, accessKeyType} {
		if !got.gaps[0].Covers(typ) {
			t.Errorf("the gap does not cover %s", typ)
		}
	}
}

// TestPolicyWithoutItsDocument is unknown, not empty.
func TestPolicyWithoutItsDocument(t *testing.T) {
	fake, _ := newFake()
	fake.Break(awsfake.Fault{Call: getAuthorization, Do: awsfake.Body(`<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><IsTruncated>false</IsTruncated>` +
		`<Policies><member><Arn>arn:aws:iam::111122223333:policy/p</Arn><PolicyName>p</PolicyName></member></Policies>` +
		`<RoleDetailList><member><Arn>arn:aws:iam::111122223333:role/r</Arn><RoleName>r</RoleName></member></RoleDetailList>` +
		`</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>`)})
	got := read(t, fake, onlyIdentities)
	if facts := unreadOf(got.find(t, policyType, "p")); facts["policy.statements"] != inventory.NotRead || facts["policy.document"] != inventory.NotRead || facts["policy.attachments"] != inventory.NotRead {
		t.Errorf("unknown of the policy are %v", facts)
	}
	if facts := unreadOf(got.find(t, roleType, "r")); facts["trust.statements"] != inventory.Unreadable {
		t.Errorf("unknown of the role are %v", facts)
	}
}

// TestIdentitiesAreReadOncePerAccount, however many Regions there are; accounts that attach a policy of AWS share its text, not its ID.
func TestIdentitiesAreReadOncePerAccount(t *testing.T) {
	fake, _ := newFake()
	var roles []Account
	for _, number := range []string{ownAccount, otherAccount} {
		a := fake.Account(number)
		admin := a.AddPolicy(awsfake.ManagedPolicy{Name: "AdministratorAccess", AWS: true, Document: everything})
		arn := a.AddRole(awsfake.Role{Name: "keyreeve-read", Holder: awsfake.Holder{Attached: []string{admin}}})
		if number == otherAccount {
			roles = append(roles, Account{RoleARN: arn})
		}
	}
	c := onlyIdentities
	c.Regions, c.Accounts = Regions{"eu-west-1", "us-east-1"}, roles
	got := read(t, fake, c)
	asked := map[string]int{}
	for _, call := range fake.Calls() {
		if call.Name == getAuthorization {
			asked[call.Account]++
		}
	}
	if d := cmp.Diff(map[string]int{ownAccount: 1, otherAccount: 1}, asked); d != "" {
		t.Error(d)
	}
	var ids []string
	for _, r := range got.others {
		if r.Type == policyType {
			ids = append(ids, string(r.ID))
		}
	}
	if d := cmp.Diff([]string{"arn:aws:iam::aws:policy/AdministratorAccess#111122223333", "arn:aws:iam::aws:policy/AdministratorAccess#444455556666"}, ids); d != "" {
		t.Error(d)
	}
}

// TestAccessKeysAreTrackedSince no earlier than AWS does.
func TestAccessKeysAreTrackedSince(t *testing.T) {
	fake, _ := newFake()
	fake.Account(ownAccount).AddUser(awsfake.User{Name: "old", Keys: []awsfake.AccessKey{{ID: "FAKEOLD", Created: time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC)}}})
	if since := read(t, fake, onlyIdentities).find(t, accessKeyType, "FAKEOLD").Credential.LastUse.TrackingSince; !since.Equal(keysTrackedSince) {
		t.Errorf("since %s", since)
	}
}

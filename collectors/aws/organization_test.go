package aws

import (
	"slices"
	"strings"
	"testing"

	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

var onlyOrganization = Config{Services: []string{"organizations"}}

// exampleOrganization has the account of the credentials below two units; management is who manages it.
func exampleOrganization(management string) awsfake.Organization {
	return awsfake.Organization{
		ID: "o-example", Management: management, Root: "r-1", Units: []awsfake.Unit{{ID: "ou-a", Parent: "r-1"}, {ID: "ou-b", Parent: "ou-a"}},
		Members: []awsfake.Member{{ID: management, Name: "management", Parent: "r-1"}, {ID: ownAccount, Name: "app", Parent: "ou-b"}, {ID: "999999999999", Name: "gone", Parent: "ou-a", Suspended: true}},
		Controls: []awsfake.Control{
			{ID: "p-FullAWSAccess", Name: "FullAWSAccess", Type: orgtypes.PolicyTypeServiceControlPolicy, AWS: true, Content: everything, Targets: []string{"r-1", "ou-b", "ou-a"}},
			{ID: "p-fence", Name: "fence", Type: orgtypes.PolicyTypeResourceControlPolicy, Content: policyText, Targets: []string{"r-1"}},
		},
	}
}

// TestOrganizationIsReadByItsManagementAccount, whose role the configuration names.
func TestOrganizationIsReadByItsManagementAccount(t *testing.T) {
	fake, _ := newFake()
	fake.SetOrganization(exampleOrganization(otherAccount))
	c := onlyOrganization
	c.Regions, c.Accounts = Regions{"eu-west-1", "us-east-1"}, []Account{{RoleARN: fake.Account(otherAccount).AddRole(awsfake.Role{Name: "keyreeve-read"})}}
	got := read(t, fake, c)
	if len(got.gaps) > 0 || len(got.sources) != 1 || got.sources[0].Scope() != "aws/-/111122223333/organization" {
		t.Fatalf("gaps %+v of %v", got.gaps, got.sources)
	}
	for name, want := range map[string]inventory.Account{
		"management": {Organization: "o-example", Management: ptr(true), Path: []string{"r-1"}, Controls: []string{"rcp", "scp"}, Status: "active"},
		"app":        {Organization: "o-example", Management: ptr(false), Path: []string{"r-1", "ou-a", "ou-b"}, Controls: []string{"rcp", "scp"}, Status: "active"},
		"gone":       {Organization: "o-example", Management: ptr(false), Path: []string{"r-1", "ou-a"}, Controls: []string{"rcp", "scp"}, Status: "suspended"},
	} {
		if d := cmp.Diff(&want, got.find(t, memberType, name).Account); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	full, fence := got.find(t, controlType, "FullAWSAccess"), got.find(t, controlType, "fence")
	if p := full.Policy; p.Control != "scp" || !*p.Builtin || !slices.Equal(p.Targets, []string{"ou-a", "ou-b", "r-1"}) || full.Document != everything || len(p.Statements) != 1 || !strings.HasSuffix(string(full.ID), "/p-FullAWSAccess#o-example") {
		t.Errorf("%s: %+v", full.ID, p)
	}
	if p := fence.Policy; p.Control != "rcp" || *p.Builtin || !slices.Equal(p.Targets, []string{"r-1"}) || fence.Document != policyText || string(fence.ID) != "arn:aws:organizations::444455556666:policy/o-example/resource_control_policy/p-fence" {
		t.Errorf("%s: %+v", fence.ID, p)
	}
}

// TestOrganizationThatAMemberReads is a gap that says who could.
func TestOrganizationThatAMemberReads(t *testing.T) {
	fake, _ := newFake()
	fake.SetOrganization(exampleOrganization(otherAccount))
	got := read(t, fake, onlyOrganization)
	if len(got.others) > 0 || len(got.gaps) != 1 {
		t.Fatalf("%d resources, gaps %+v", len(got.others), got.gaps)
	}
	if g := got.gaps[0]; g.Why != inventory.Denied || g.Call != listRoots || !g.Covers(memberType) || !g.Covers(controlType) || !strings.Contains(g.Hint, ownAccount) || !strings.Contains(g.Hint, "management account, "+otherAccount) {
		t.Errorf("%+v", g)
	}
}

// TestOrganizationThatADelegateReads needs no role in the management account.
func TestOrganizationThatADelegateReads(t *testing.T) {
	fake, _ := newFake()
	o := exampleOrganization(otherAccount)
	o.Delegates = []string{ownAccount}
	fake.SetOrganization(o)
	if got := read(t, fake, onlyOrganization); len(got.gaps) > 0 || len(got.others) != 5 {
		t.Errorf("%d resources, gaps %+v", len(got.others), got.gaps)
	}
}

// TestRoleInTheManagementAccountThatIsRefused is a gap of the organization.
func TestRoleInTheManagementAccountThatIsRefused(t *testing.T) {
	fake, _ := newFake()
	fake.SetOrganization(exampleOrganization(otherAccount))
	c := onlyOrganization
	c.Accounts = []Account{{RoleARN: fake.Account(otherAccount).AddRole(awsfake.Role{Name: "keyreeve-read", Trusts: []string{"999999999999"}})}}
	got := read(t, fake, c)
	if len(got.gaps) != 1 || got.gaps[0].Call != assumeRole || !strings.Contains(got.gaps[0].Hint, "trust policy") {
		t.Errorf("gaps %+v", got.gaps)
	}
}

// TestAccountWithoutAnOrganization is controlled by none, which is no gap.
func TestAccountWithoutAnOrganization(t *testing.T) {
	fake, _ := newFake()
	if got := read(t, fake, onlyOrganization); len(got.gaps) > 0 || len(got.others) > 0 {
		t.Errorf("%d resources, gaps %+v", len(got.others), got.gaps)
	}
}

// TestControlsThatAreNotInForce are not read: they control nobody.
func TestControlsThatAreNotInForce(t *testing.T) {
	fake, _ := newFake()
	o := exampleOrganization(ownAccount)
	o.Members = o.Members[:1]
	o.Enabled = []orgtypes.PolicyType{orgtypes.PolicyTypeServiceControlPolicy}
	fake.SetOrganization(o)
	got := read(t, fake, onlyOrganization)
	if d := cmp.Diff([]string{"scp"}, got.find(t, memberType, "management").Account.Controls); d != "" || len(got.others) != 2 {
		t.Errorf("%d resources; controls %s", len(got.others), d)
	}
}

// TestUnitThatIsDenied hides accounts, and says which unit.
func TestUnitThatIsDenied(t *testing.T) {
	fake, _ := newFake()
	fake.SetOrganization(exampleOrganization(ownAccount))
	calls := 0
	fake.Break(awsfake.Fault{Call: listMembers, Do: firstOnly(&calls)})
	got := read(t, fake, onlyOrganization)
	if len(got.gaps) != 1 || got.gaps[0].What != "what lies in the unit ou-a and 1 more" || !got.gaps[0].Covers(memberType) || got.gaps[0].Covers(controlType) {
		t.Errorf("gaps %+v", got.gaps)
	}
}

// TestOrganizationThatNobodyAskedFor is told, and no sign of trouble.
func TestOrganizationThatNobodyAskedFor(t *testing.T) {
	fake, _ := newFake()
	fake.SetOrganization(exampleOrganization(ownAccount))
	got := read(t, fake, Config{Services: []string{}, Regions: Regions{"eu-west-1", "us-east-1"}})
	if len(got.gaps) != 1 || got.gaps[0].Incomplete() || !got.gaps[0].Covers(controlType) || !strings.Contains(got.gaps[0].Hint, "services") {
		t.Errorf("gaps %+v", got.gaps)
	}
	if got := read(t, fake, Config{Services: []string{"kms"}}); len(got.gaps) > 0 {
		t.Errorf("who names services has thought of it: %+v", got.gaps)
	}
}

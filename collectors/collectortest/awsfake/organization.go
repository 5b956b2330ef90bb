package awsfake

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// An Organization is one whose members are accounts of the server, or others of which only the organization tells.
type Organization struct {
	ID         string // "o-example"
	Management string // number of the management account
	Delegates  []string
	Root       string // "r-1"
	Units      []Unit
	Members    []Member
	Controls   []Control
	Enabled    []types.PolicyType // kinds of policies that are in force; nil: service and resource control policies
}

// A Unit is an organizational unit.
type Unit struct{ ID, Parent string }

// A Member is an account of an organization.
type Member struct {
	ID, Name, Parent string
	Suspended        bool
}

// A Control is a policy of an organization.
type Control struct {
	ID, Name string
	Type     types.PolicyType
	AWS      bool // AWS wrote it
	Content  string
	Targets  []string // IDs of roots, units and accounts
}

// SetOrganization makes the accounts that o lists its members.
func (s *Server) SetOrganization(o Organization) {
	if o.Enabled == nil {
		o.Enabled = []types.PolicyType{types.PolicyTypeServiceControlPolicy, types.PolicyTypeResourceControlPolicy}
	}
	s.locked(func() { s.org = &o })
}

func (o *Organization) arn(resource string) *string {
	return aws.String("arn:aws:organizations::" + o.Management + ":" + resource)
}

func (c *Control) summary(o *Organization) *types.PolicySummary {
	kind := map[types.PolicyType]string{types.PolicyTypeServiceControlPolicy: "service_control_policy/", types.PolicyTypeResourceControlPolicy: "resource_control_policy/"}[c.Type]
	arn := o.arn("policy/" + o.ID + "/" + kind + c.ID)
	if c.AWS {
		arn = aws.String("arn:aws:organizations::aws:policy/" + kind + c.ID)
	}
	return &types.PolicySummary{Arn: arn, Id: aws.String(c.ID), Name: aws.String(c.Name), Type: c.Type, AwsManaged: c.AWS}
}

// organizationOperations are the calls of Organizations that it knows.
var organizationOperations = map[string]operation{
	"organizations:DescribeOrganization":             op(describeOrganization),
	"organizations:ListRoots":                        op(listRoots),
	"organizations:ListOrganizationalUnitsForParent": op(listUnits),
	"organizations:ListAccountsForParent":            op(listMembers),
	"organizations:ListPolicies":                     op(listControls),
	"organizations:DescribePolicy":                   op(describeControl),
	"organizations:ListTargetsForPolicy":             op(listTargets),
}

// member returns the organization of the caller.
func (c *call) member() (*Organization, error) {
	o := c.server.org
	if o == nil || !slices.ContainsFunc(o.Members, func(m Member) bool { return m.ID == c.req.Account }) {
		return nil, &types.AWSOrganizationsNotInUseException{Message: aws.String("Your account is not a member of an organization.")}
	}
	return o, nil
}

// reader returns the organization of a caller that may read it.
func (c *call) reader() (*Organization, error) {
	o, err := c.member()
	if err == nil && c.req.Account != o.Management && !slices.Contains(o.Delegates, c.req.Account) {
		err = &types.AccessDeniedException{Message: aws.String("You don't have permissions to access this resource.")}
	}
	return o, err
}

func describeOrganization(c *call, _ *organizations.DescribeOrganizationInput) (*organizations.DescribeOrganizationOutput, error) {
	o, err := c.member()
	if err != nil {
		return nil, err
	}
	return &organizations.DescribeOrganizationOutput{Organization: &types.Organization{
		Arn: o.arn("organization/" + o.ID), Id: aws.String(o.ID), FeatureSet: types.OrganizationFeatureSetAll,
		MasterAccountId: aws.String(o.Management), MasterAccountArn: o.arn("account/" + o.ID + "/" + o.Management),
	}}, nil
}

func listRoots(c *call, _ *organizations.ListRootsInput) (*organizations.ListRootsOutput, error) {
	o, err := c.reader()
	if err != nil {
		return nil, err
	}
	root := types.Root{Id: aws.String(o.Root), Arn: o.arn("root/" + o.ID + "/" + o.Root), Name: aws.String("Root"), PolicyTypes: []types.PolicyTypeSummary{}}
	for _, t := range o.Enabled {
		root.PolicyTypes = append(root.PolicyTypes, types.PolicyTypeSummary{Type: t, Status: types.PolicyTypeStatusEnabled})
	}
	return &organizations.ListRootsOutput{Roots: []types.Root{root}}, nil
}

func listUnits(c *call, in *organizations.ListOrganizationalUnitsForParentInput) (*organizations.ListOrganizationalUnitsForParentOutput, error) {
	o, err := c.reader()
	if err != nil {
		return nil, err
	}
	all := []types.OrganizationalUnit{}
	for _, u := range o.Units {
		if u.Parent == aws.ToString(in.ParentId) {
			all = append(all, types.OrganizationalUnit{Id: aws.String(u.ID), Arn: o.arn("ou/" + o.ID + "/" + u.ID), Name: aws.String(u.ID)})
		}
	}
	page, next, err := paged(c, all, in.MaxResults, in.NextToken)
	return &organizations.ListOrganizationalUnitsForParentOutput{OrganizationalUnits: page, NextToken: next}, err
}

func listMembers(c *call, in *organizations.ListAccountsForParentInput) (*organizations.ListAccountsForParentOutput, error) {
	o, err := c.reader()
	if err != nil {
		return nil, err
	}
	all := []types.Account{}
	for _, m := range o.Members {
		if m.Parent == aws.ToString(in.ParentId) {
			state := types.AccountStateActive
			if m.Suspended {
				state = types.AccountStateSuspended
			}
			all = append(all, types.Account{Id: aws.String(m.ID), Arn: o.arn("account/" + o.ID + "/" + m.ID), Name: aws.String(m.Name), Email: aws.String(m.ID + "@example.test"), State: state})
		}
	}
	page, next, err := paged(c, all, in.MaxResults, in.NextToken)
	return &organizations.ListAccountsForParentOutput{Accounts: page, NextToken: next}, err
}

func listControls(c *call, in *organizations.ListPoliciesInput) (*organizations.ListPoliciesOutput, error) {
	o, err := c.reader()
	if err != nil {
		return nil, err
	}
	all := []types.PolicySummary{}
	for _, p := range o.Controls {
		if p.Type == in.Filter {
			all = append(all, *p.summary(o))
		}
	}
	page, next, err := paged(c, all, in.MaxResults, in.NextToken)
	return &organizations.ListPoliciesOutput{Policies: page, NextToken: next}, err
}

func describeControl(c *call, in *organizations.DescribePolicyInput) (*organizations.DescribePolicyOutput, error) {
	o, p, err := c.control(in.PolicyId)
	if err != nil {
		return nil, err
	}
	return &organizations.DescribePolicyOutput{Policy: &types.Policy{Content: aws.String(p.Content), PolicySummary: p.summary(o)}}, nil
}

func listTargets(c *call, in *organizations.ListTargetsForPolicyInput) (*organizations.ListTargetsForPolicyOutput, error) {
	_, p, err := c.control(in.PolicyId)
	if err != nil {
		return nil, err
	}
	page, next, err := paged(c, p.Targets, in.MaxResults, in.NextToken)
	out := &organizations.ListTargetsForPolicyOutput{Targets: []types.PolicyTargetSummary{}, NextToken: next}
	for _, id := range page {
		kind := types.TargetTypeAccount
		switch id[0] {
		case 'r':
			kind = types.TargetTypeRoot
		case 'o':
			kind = types.TargetTypeOrganizationalUnit
		}
		out.Targets = append(out.Targets, types.PolicyTargetSummary{TargetId: aws.String(id), Type: kind, Name: aws.String(id), Arn: aws.String(id)})
	}
	return out, err
}

func (c *call) control(id *string) (*Organization, *Control, error) {
	o, err := c.reader()
	if err != nil {
		return nil, nil, err
	}
	for i := range o.Controls {
		if o.Controls[i].ID == aws.ToString(id) {
			return o, &o.Controls[i], nil
		}
	}
	return nil, nil, &types.PolicyNotFoundException{Message: aws.String("We can't find a policy with the PolicyId that you specified.")}
}

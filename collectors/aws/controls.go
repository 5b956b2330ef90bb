package aws

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"golang.org/x/sync/errgroup"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A kindOfControl is a kind of policy by which an organization controls its accounts.
type kindOfControl struct {
	name string // in the inventory
	typ  types.PolicyType
}

// kindsOfControl are those that decide who may do what, sorted by name.
var kindsOfControl = []kindOfControl{{"rcp", types.PolicyTypeResourceControlPolicy}, {"scp", types.PolicyTypeServiceControlPolicy}}

// enabled reports whether a root says that policies of this kind are in force.
func (k kindOfControl) enabled(s types.PolicyTypeSummary) bool {
	return s.Type == k.typ && s.Status == types.PolicyTypeStatusEnabled
}

// readControls reads the policies of the kinds that are in force, with what they are attached to.
func (o *organizationOf) readControls(ctx context.Context, found chan<- observation) {
	var group errgroup.Group
	group.SetLimit(o.workers)
	for _, kind := range kindsOfControl {
		if !slices.Contains(o.controls, kind.name) {
			continue
		}
		refused := pages(listControls, func(marker *string) (*string, *refusal) {
			o.count(listControls)
			out, err := o.client.ListPolicies(ctx, &organizations.ListPoliciesInput{Filter: kind.typ, NextToken: marker})
			if err != nil {
				return nil, explain(listControls, err)
			}
			for _, p := range out.Policies {
				if aws.ToString(p.Arn) == "" || aws.ToString(p.Id) == "" {
					return nil, explain(listControls, errIncomplete)
				}
				group.Go(func() error {
					o.send(ctx, found, observation{resource: o.control(ctx, kind, p)})
					return nil
				})
			}
			return next(listControls, out.NextToken != nil, out.NextToken, marker)
		})
		if refused != nil {
			o.lost(ctx, found, "the list of policies of the organization ("+kind.name+")", refused, controlType)
		}
	}
	_ = group.Wait() // workers return no error
}

// control reads one policy. Those of AWS have the same ARN in all organizations, so their ID takes the organization besides.
func (o *organizationOf) control(ctx context.Context, kind kindOfControl, p types.PolicySummary) inventory.Resource {
	id := *p.Arn
	if p.AwsManaged {
		id += "#" + o.id
	}
	r := o.resource(id, controlType, inventory.KindPolicy, aws.ToString(p.Name))
	r.Policy = &inventory.Policy{Builtin: aws.Bool(p.AwsManaged), Control: kind.name}
	o.count(describeControl)
	out, err := o.client.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: p.Id})
	switch {
	case err != nil:
		unread(r, explain(describeControl, err))
	case out.Policy == nil || aws.ToString(out.Policy.Content) == "":
		unread(r, explain(describeControl, errIncomplete))
	default:
		o.statements(r, describeControl, *out.Policy.Content)
	}
	o.targets(ctx, r, p)
	return *r
}

// targets reads what a policy is attached to. A list that breaks off is as good as none.
func (o *organizationOf) targets(ctx context.Context, r *inventory.Resource, p types.PolicySummary) {
	targets := []string{}
	refused := pages(listTargets, func(marker *string) (*string, *refusal) {
		o.count(listTargets)
		out, err := o.client.ListTargetsForPolicy(ctx, &organizations.ListTargetsForPolicyInput{PolicyId: p.Id, NextToken: marker})
		if err != nil {
			return nil, explain(listTargets, err)
		}
		for _, t := range out.Targets {
			targets = append(targets, aws.ToString(t.TargetId))
		}
		return next(listTargets, out.NextToken != nil, out.NextToken, marker)
	})
	if refused != nil {
		unread(r, refused)
		return
	}
	slices.Sort(targets)
	r.Policy.Targets = targets
}

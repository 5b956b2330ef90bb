package aws

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"golang.org/x/sync/errgroup"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// notAsked is told where a configuration names no services: the organization's policies bound what its accounts may do, but only its
// management account and delegates may read them.
var notAsked = &refusal{call: listControls, why: inventory.NotAsked, hint: "name organizations among services, and the management account or a delegate among accounts", text: "they are read only on request"}

// An organizationOf a source is what its management account, or a delegate, is told.
type organizationOf struct {
	*source
	client     *organizations.Client // of the account that asks
	id         string
	management string   // number of the account
	controls   []string // the kinds of policies that are in force, sorted
}

// readOrganization reads the accounts of an organization with their places in it, and the policies that control them. Of the accounts
// that are configured, it asks the management account, or else that of the credentials.
func (s *source) readOrganization(ctx context.Context, found chan<- observation) {
	s.count(describeOrganization)
	out, err := s.organizations.DescribeOrganization(ctx, nil)
	if notInUse := (*types.AWSOrganizationsNotInUseException)(nil); errors.As(err, &notInUse) {
		return // the account stands alone, and no organization controls it
	}
	if err == nil && (out.Organization == nil || aws.ToString(out.Organization.Id) == "" || aws.ToString(out.Organization.MasterAccountId) == "") {
		err = errIncomplete
	}
	if err != nil {
		s.lost(ctx, found, "the organization", explain(describeOrganization, err), memberType, controlType)
		return
	}
	o := &organizationOf{source: s, client: s.organizations, id: *out.Organization.Id, management: *out.Organization.MasterAccountId}
	reader, refused := o.enter(ctx)
	var roots []types.Root
	if refused == nil {
		roots, refused = o.roots(ctx)
	}
	if refused != nil {
		if refused.call == listRoots && refused.why == inventory.Denied && refused.hint == "" && reader != o.management {
			refused.hint = "the account " + reader + " is neither the management account, " + o.management + ", nor perhaps a delegate: name a role of one that is among accounts, or allow " + listRoots
		}
		s.lost(ctx, found, "the organization "+o.id, refused, memberType, controlType)
		return
	}
	for _, kind := range kindsOfControl {
		if slices.ContainsFunc(roots, func(r types.Root) bool { return slices.ContainsFunc(r.PolicyTypes, kind.enabled) }) {
			o.controls = append(o.controls, kind.name)
		}
	}
	o.walk(ctx, found, roots)
	o.readControls(ctx, found)
}

// enter turns to the management account where the configuration names it, and returns the number of the account that asks.
func (o *organizationOf) enter(ctx context.Context) (reader string, refused *refusal) {
	i := slices.IndexFunc(o.accounts, func(a *account) bool { return a.number == o.management })
	if i < 0 || o.accounts[i] == o.account {
		return o.account.number, nil
	}
	refused, asked := o.accounts[i].open(ctx)
	if asked {
		o.count(assumeRole)
	}
	o.client = organizations.NewFromConfig(o.accounts[i].sdk)
	return o.management, refused
}

func (o *organizationOf) roots(ctx context.Context) (roots []types.Root, refused *refusal) {
	refused = pages(listRoots, func(marker *string) (*string, *refusal) {
		o.count(listRoots)
		out, err := o.client.ListRoots(ctx, &organizations.ListRootsInput{NextToken: marker})
		if err != nil {
			return nil, explain(listRoots, err)
		}
		roots = append(roots, out.Roots...)
		return next(listRoots, out.NextToken != nil, out.NextToken, marker)
	})
	return roots, refused
}

// maxDepth bounds the way down. AWS allows five units below one another.
const maxDepth = 20

// walk visits every unit, level by level, the units of one level side by side.
func (o *organizationOf) walk(ctx context.Context, found chan<- observation, roots []types.Root) {
	var level [][]string // paths
	for _, r := range roots {
		level = append(level, []string{aws.ToString(r.Id)})
	}
	var lost refusals
	for range maxDepth {
		below := make([][][]string, len(level))
		var group errgroup.Group
		group.SetLimit(o.workers)
		for i, path := range level {
			group.Go(func() error {
				below[i] = o.unit(ctx, found, path, &lost)
				return nil
			})
		}
		_ = group.Wait() // workers return no error
		if level = slices.Concat(below...); len(level) == 0 {
			break
		}
	}
	for _, path := range level {
		lost.add(&refusal{call: listUnits, why: inventory.OutOfScope, hint: "check the endpoint: AWS nests fewer", text: "the units lie too deep"}, inventory.ID(path[len(path)-1]))
	}
	lost.send(ctx, o.source, found, "what lies in the unit", memberType)
}

// unit yields the accounts of a root or unit and returns the paths of the units in it.
func (o *organizationOf) unit(ctx context.Context, found chan<- observation, path []string, lost *refusals) (units [][]string) {
	parent := path[len(path)-1]
	refused := pages(listMembers, func(marker *string) (*string, *refusal) {
		o.count(listMembers)
		out, err := o.client.ListAccountsForParent(ctx, &organizations.ListAccountsForParentInput{ParentId: &parent, NextToken: marker})
		if err != nil {
			return nil, explain(listMembers, err)
		}
		for _, a := range out.Accounts {
			if aws.ToString(a.Arn) == "" {
				return nil, explain(listMembers, errIncomplete)
			}
			o.send(ctx, found, observation{resource: o.member(a, path)})
		}
		return next(listMembers, out.NextToken != nil, out.NextToken, marker)
	})
	if refused != nil {
		lost.add(refused, inventory.ID(parent))
	}
	refused = pages(listUnits, func(marker *string) (*string, *refusal) {
		o.count(listUnits)
		out, err := o.client.ListOrganizationalUnitsForParent(ctx, &organizations.ListOrganizationalUnitsForParentInput{ParentId: &parent, NextToken: marker})
		if err != nil {
			return nil, explain(listUnits, err)
		}
		for _, u := range out.OrganizationalUnits {
			if aws.ToString(u.Id) == "" {
				return nil, explain(listUnits, errIncomplete)
			}
			units = append(units, append(slices.Clone(path), *u.Id))
		}
		return next(listUnits, out.NextToken != nil, out.NextToken, marker)
	})
	if refused != nil {
		lost.add(refused, inventory.ID(parent))
	}
	return units
}

// member makes the resource of an account. Its mail address is not kept.
func (o *organizationOf) member(a types.Account, path []string) inventory.Resource {
	r := o.resource(*a.Arn, memberType, inventory.KindAccount, aws.ToString(a.Name))
	r.Account = &inventory.Account{
		Organization: o.id, Management: aws.Bool(aws.ToString(a.Id) == o.management), Path: path, Controls: append([]string{}, o.controls...), Status: statuses[a.State],
	}
	if r.Account.Status == "" {
		// Older servers and emulators know only the field that State replaces.
		r.Account.Status = map[types.AccountStatus]string{types.AccountStatusActive: "active", types.AccountStatusSuspended: "suspended", types.AccountStatusPendingClosure: "pending"}[a.Status]
	}
	required(r, "account.status", r.Account.Status != "", listMembers)
	return *r
}

var statuses = map[types.AccountState]string{
	types.AccountStateActive: "active", types.AccountStateSuspended: "suspended", types.AccountStatePendingActivation: "pending", types.AccountStatePendingClosure: "pending", types.AccountStateClosed: "closed",
}

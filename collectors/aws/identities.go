package aws

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// identityPage is how many identities and policies a page of the account's details holds. AWS allows a thousand, which with all their
// documents may be more than is read of one answer.
const identityPage = 200

// readIdentities reads IAM: who there is in an account, which policies they have, and what they and others prove themselves with.
func (s *source) readIdentities(ctx context.Context, found chan<- observation) {
	s.send(ctx, found, observation{resource: s.root(ctx)})
	var users []types.UserDetail
	groups := map[string]string{} // ARN by name
	nameless := &refusal{call: getAuthorization, why: inventory.Unreachable, hint: "scan again", text: "an identity or policy of the list has no ARN"}
	refused := pages(getAuthorization, func(marker *string) (*string, *refusal) {
		s.count(getAuthorization)
		out, err := s.iam.GetAccountAuthorizationDetails(ctx, &iam.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(identityPage), Marker: marker})
		if err != nil {
			return nil, explain(getAuthorization, err)
		}
		var all []inventory.Resource
		for _, g := range out.GroupDetailList {
			groups[aws.ToString(g.GroupName)] = aws.ToString(g.Arn)
			all = append(all, s.iamGroup(g)...)
		}
		for _, r := range out.RoleDetailList {
			all = append(all, s.iamRole(r)...)
		}
		for _, p := range out.Policies {
			all = append(all, s.managedPolicy(p)...)
		}
		for _, r := range all {
			if r.ID == "" || r.ID[0] == '#' {
				return nil, nameless
			}
			s.send(ctx, found, observation{resource: r})
		}
		if slices.ContainsFunc(out.UserDetailList, func(u types.UserDetail) bool { return aws.ToString(u.Arn) == "" }) {
			return nil, nameless
		}
		users = append(users, out.UserDetailList...)
		return next(getAuthorization, out.IsTruncated, out.Marker, marker)
	})
	// Users name their groups, which may stand further on in the list.
	for _, u := range users {
		for _, r := range s.iamUser(u, groups) {
			s.send(ctx, found, observation{resource: r})
		}
	}
	if refused != nil {
		// Whose access keys there are is only known of the users that were listed.
		s.lost(ctx, found, "the list of identities and policies", refused, userType, groupType, roleType, policyType, accessKeyType)
	}
	s.readAccessKeys(ctx, found, users)
	s.readProviders(ctx, found)
}

// iamGroup makes the resources of a group: itself and its inline policies.
func (s *source) iamGroup(g types.GroupDetail) []inventory.Resource {
	r := s.resource(aws.ToString(g.Arn), groupType, inventory.KindPrincipal, aws.ToString(g.GroupName))
	r.Principal = &inventory.Principal{}
	inline := s.holds(r, g.AttachedManagedPolicies, g.GroupPolicyList, nil)
	return append([]inventory.Resource{*r}, inline...)
}

func (s *source) iamUser(u types.UserDetail, groups map[string]string) []inventory.Resource {
	r := s.resource(*u.Arn, userType, inventory.KindPrincipal, aws.ToString(u.UserName))
	r.Principal = &inventory.Principal{}
	r.Tags = iamTags(u.Tags)
	inline := s.holds(r, u.AttachedManagedPolicies, u.UserPolicyList, u.PermissionsBoundary)
	for _, name := range u.GroupList {
		if arn := groups[name]; arn != "" {
			r.Refs = append(r.Refs, inventory.Ref{Edge: "member_of", To: inventory.ID(arn), Target: groupType, Name: name})
		} else {
			unknown(r, inventory.Unknown{Fact: "refs", Why: inventory.NotRead, Call: getAuthorization, Hint: "the group " + name + " is not in the list of identities; scan again"})
		}
	}
	return append([]inventory.Resource{*r}, inline...)
}

func (s *source) iamRole(d types.RoleDetail) []inventory.Resource {
	r := s.resource(aws.ToString(d.Arn), roleType, inventory.KindTrust, aws.ToString(d.RoleName))
	r.Trust = &inventory.Trust{Method: "iam_role"}
	r.Tags = iamTags(d.Tags)
	const fact = "trust.statements"
	hash, doc, parsed := s.document(r, getAuthorization, fact, decoded(d.AssumeRolePolicyDocument))
	r.Trust.Document = hash
	if parsed {
		stmts, open := awspolicy.Trusts(doc)
		r.Trust.Statements = stmts
		if open != "" {
			unreadable(r, fact, getAuthorization, open+" cannot be resolved")
		}
	}
	inline := s.holds(r, d.AttachedManagedPolicies, d.RolePolicyList, d.PermissionsBoundary)
	return append([]inventory.Resource{*r}, inline...)
}

// managedPolicy makes the resource of a policy that may be attached. AWS's own that nobody here has attached are left out.
func (s *source) managedPolicy(p types.ManagedPolicyDetail) []inventory.Resource {
	arn := aws.ToString(p.Arn)
	builtin := isAWSs(arn)
	if builtin && p.AttachmentCount != nil && *p.AttachmentCount == 0 && aws.ToInt32(p.PermissionsBoundaryUsageCount) == 0 {
		return nil
	}
	r := s.resource(s.policyID(arn), policyType, inventory.KindPolicy, aws.ToString(p.PolicyName))
	r.Policy = &inventory.Policy{Builtin: aws.Bool(builtin), Attachments: number(p.AttachmentCount), Boundaries: number(p.PermissionsBoundaryUsageCount)}
	required(r, "policy.attachments", p.AttachmentCount != nil, getAuthorization)
	required(r, "policy.boundaries", p.PermissionsBoundaryUsageCount != nil, getAuthorization)
	i := slices.IndexFunc(p.PolicyVersionList, func(v types.PolicyVersion) bool { return v.IsDefaultVersion })
	if i < 0 || p.PolicyVersionList[i].Document == nil {
		required(r, statementsFact, false, getAuthorization)
		required(r, "policy.document", false, getAuthorization)
		return []inventory.Resource{*r}
	}
	s.statements(r, getAuthorization, decoded(p.PolicyVersionList[i].Document))
	return []inventory.Resource{*r}
}

// holds lets an identity name the policies that it has, and makes the resources of those that stand in it.
func (s *source) holds(r *inventory.Resource, attached []types.AttachedPolicy, inline []types.PolicyDetail, boundary *types.AttachedPermissionsBoundary) []inventory.Resource {
	r.Refs = []inventory.Ref{}
	for _, p := range attached {
		r.Refs = append(r.Refs, inventory.Ref{Edge: "grants", To: inventory.ID(s.policyID(aws.ToString(p.PolicyArn))), Target: policyType, Name: aws.ToString(p.PolicyName)})
	}
	if boundary != nil {
		arn := aws.ToString(boundary.PermissionsBoundaryArn)
		r.Refs = append(r.Refs, inventory.Ref{Edge: "boundary", To: inventory.ID(s.policyID(arn)), Target: policyType, Name: roleName(arn)})
	}
	var all []inventory.Resource
	for _, p := range inline {
		name := aws.ToString(p.PolicyName)
		own := s.resource(string(r.ID)+"#policy/"+name, policyType, inventory.KindPolicy, name)
		own.Policy = &inventory.Policy{Builtin: aws.Bool(false)}
		s.statements(own, getAuthorization, decoded(p.PolicyDocument))
		r.Refs = append(r.Refs, inventory.Ref{Edge: "grants", To: own.ID, Target: policyType, Name: name})
		all = append(all, *own)
	}
	return all
}

// policyID is the ARN of a managed policy. Those of AWS have the same in all accounts, so it takes the account besides.
func (s *source) policyID(arn string) string {
	if isAWSs(arn) {
		return arn + "#" + s.account.number
	}
	return arn
}

// isAWSs tells a policy that AWS wrote: arn:aws:iam::aws:policy/AdministratorAccess.
func isAWSs(arn string) bool { return strings.Contains(arn, ":iam::aws:policy/") }

// decoded is a policy document as it was written. AWS sends documents of IAM with URL encoding; some emulators send them as they are.
func decoded(text *string) string {
	t := aws.ToString(text)
	if strings.HasPrefix(strings.TrimSpace(t), "{") {
		return t
	}
	if plain, err := url.PathUnescape(t); err == nil {
		return plain
	}
	return t
}

func number(n *int32) *int {
	if n == nil {
		return nil
	}
	return aws.Int(int(*n))
}

func iamTags(tags []types.Tag) map[string]string {
	out := map[string]string{}
	for _, t := range tags {
		out[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return out
}

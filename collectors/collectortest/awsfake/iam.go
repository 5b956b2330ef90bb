package awsfake

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// identities answers the calls of IAM that it knows.
func (s *Server) identities(req *Request, a *Account, name string) Answer {
	if answer, ok := s.accessKeys(req, a, name); ok {
		return answer
	}
	switch name {
	case "GetAccountAuthorizationDetails":
		return s.details(req, a)
	case "GetAccountSummary":
		one := map[bool]int{true: 1}
		return xmlAnswer(http.StatusOK, iamSummary{Entries: []iamEntry{{"Users", len(a.iam.users)}, {"AccountAccessKeysPresent", one[a.iam.root.AccessKeys]}, {"AccountMFAEnabled", one[a.iam.root.MFA]}}})
	case "ListAccessKeys":
		for _, u := range a.iam.users {
			if base(u.Name) == req.form.Get("UserName") {
				page, marker := formPage(s, req, u.Keys)
				out := iamKeys{IsTruncated: marker != "", Marker: marker}
				for _, k := range page {
					status := "Active"
					if k.Inactive {
						status = "Inactive"
					}
					out.Keys.Member = append(out.Keys.Member, iamKey{base(u.Name), k.ID, status, stamp(k.Created)})
				}
				return xmlAnswer(http.StatusOK, out)
			}
		}
	case "GetAccessKeyLastUsed":
		for _, u := range a.iam.users {
			for _, k := range u.Keys {
				if k.ID == req.form.Get("AccessKeyId") {
					out := iamLastUsed{UserName: base(u.Name), Region: "N/A", Service: "N/A"}
					if !k.LastUsed.IsZero() {
						out.Date, out.Region, out.Service = stamp(k.LastUsed), "eu-west-1", "kms"
					}
					return xmlAnswer(http.StatusOK, out)
				}
			}
		}
	case "ListOpenIDConnectProviders":
		var out iamOIDCList
		for _, p := range a.iam.oidc {
			out.Providers.Member = append(out.Providers.Member, iamARN{a.iamARN("oidc-provider/" + p.Issuer)})
		}
		return xmlAnswer(http.StatusOK, out)
	case "GetOpenIDConnectProvider":
		for _, p := range a.iam.oidc {
			if a.iamARN("oidc-provider/"+p.Issuer) == req.form.Get("OpenIDConnectProviderArn") {
				return xmlAnswer(http.StatusOK, iamOIDC{URL: p.Issuer, Audiences: iamMembers[string]{p.Audiences}, Tags: tagList(p.Tags)})
			}
		}
	case "ListSAMLProviders":
		var out iamSAMLList
		for _, p := range a.iam.saml {
			out.Providers.Member = append(out.Providers.Member, iamARN{a.iamARN("saml-provider/" + p)})
		}
		return xmlAnswer(http.StatusOK, out)
	default:
		return xmlError(http.StatusBadRequest, "InvalidAction", "Could not find operation "+name+" for version "+iamVersion)
	}
	return xmlError(http.StatusNotFound, "NoSuchEntity", "it cannot be found")
}

// details pages over users, groups, roles and policies as one list.
func (s *Server) details(req *Request, a *Account) Answer {
	var all []func(*iamDetails)
	for _, u := range a.iam.users {
		all = append(all, func(d *iamDetails) {
			d.UserDetailList.Member = append(d.UserDetailList.Member, iamUser{
				Path: pathOf(u.Name), UserName: base(u.Name), UserId: "AIDAEXAMPLE", Arn: a.iamARN("user/" + u.Name), CreateDate: stamp(s.now()), GroupList: iamMembers[string]{u.Groups},
				UserPolicyList: u.inline(), AttachedManagedPolicies: u.attached(), PermissionsBoundary: u.bound(), Tags: tagList(u.Tags),
			})
		})
	}
	for _, g := range a.iam.groups {
		all = append(all, func(d *iamDetails) {
			d.GroupDetailList.Member = append(d.GroupDetailList.Member, iamGroup{
				Path: pathOf(g.Name), GroupName: base(g.Name), GroupId: "AGPAEXAMPLE", Arn: a.iamARN("group/" + g.Name), CreateDate: stamp(s.now()), GroupPolicyList: g.inline(), AttachedManagedPolicies: g.attached(),
			})
		})
	}
	for _, name := range slices.Sorted(maps.Keys(a.roles)) {
		r := a.roles[name]
		trust := r.Policy
		if trust == "" {
			trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + a.iamARN("root") + `"},"Action":"sts:AssumeRole"}]}`
		}
		all = append(all, func(d *iamDetails) {
			d.RoleDetailList.Member = append(d.RoleDetailList.Member, iamRole{
				Path: pathOf(r.Name), RoleName: base(r.Name), RoleId: "AROAEXAMPLE", Arn: a.iamARN("role/" + r.Name), CreateDate: stamp(s.now()), AssumeRolePolicyDocument: quoted(trust),
				RolePolicyList: r.inline(), AttachedManagedPolicies: r.attached(), PermissionsBoundary: r.bound(), Tags: tagList(r.Tags),
			})
		})
	}
	for _, p := range a.iam.policies {
		arn := a.policyARN(p)
		attached, bounds := a.uses(arn)
		text := quoted(p.Document)
		if p.Plain {
			text = p.Document
		}
		all = append(all, func(d *iamDetails) {
			d.Policies.Member = append(d.Policies.Member, iamPolicy{
				PolicyName: base(p.Name), PolicyId: "ANPAEXAMPLE", Arn: arn, Path: pathOf(p.Name), DefaultVersionId: "v2", AttachmentCount: attached, PermissionsBoundaryUsageCount: bounds, IsAttachable: true,
				PolicyVersionList: iamMembers[iamVersionOf]{[]iamVersionOf{
					{Document: quoted(`{"Version":"2012-10-17","Statement":[]}`), VersionId: "v1", CreateDate: stamp(s.now())},
					{Document: text, VersionId: "v2", IsDefaultVersion: true, CreateDate: stamp(s.now())},
				}},
			})
		})
	}
	var out iamDetails
	page, marker := formPage(s, req, all)
	for _, add := range page {
		add(&out)
	}
	out.Marker, out.IsTruncated = marker, marker != ""
	return xmlAnswer(http.StatusOK, out)
}

func (h *Holder) inline() (list iamMembers[iamInline]) {
	for _, name := range slices.Sorted(maps.Keys(h.Inline)) {
		list.Member = append(list.Member, iamInline{name, quoted(h.Inline[name])})
	}
	return list
}

func (h *Holder) attached() (list iamMembers[iamAttached]) {
	for _, arn := range h.Attached {
		list.Member = append(list.Member, iamAttached{base(arn), arn})
	}
	return list
}

func (h *Holder) bound() *iamBoundary {
	if h.Boundary == "" {
		return nil
	}
	return &iamBoundary{"Policy", h.Boundary}
}

func tagList(tags map[string]string) (list iamMembers[iamTag]) {
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		list.Member = append(list.Member, iamTag{name, tags[name]})
	}
	return list
}

// quoted is how IAM sends documents: with URL encoding, and spaces as %20.
func quoted(document string) string { return strings.ReplaceAll(url.QueryEscape(document), "+", "%20") }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func pathOf(name string) string { return "/" + name[:strings.LastIndexByte(name, '/')+1] }

// formPage cuts the page out of a list that a request asks for. The marker of the next page is the number of its first item.
func formPage[T any](s *Server, req *Request, all []T) (page []T, marker string) {
	start, _ := strconv.Atoi(req.form.Get("Marker")) // nobody else makes markers
	size := s.page
	if n, err := strconv.Atoi(req.form.Get("MaxItems")); err == nil {
		size = min(size, n)
	}
	end := min(start+size, len(all))
	if end < len(all) {
		marker = strconv.Itoa(end)
	}
	return all[start:end], marker
}

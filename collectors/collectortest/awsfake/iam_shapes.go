package awsfake

import "encoding/xml"

// IAM speaks XML like STS; its shapes are written down here, from the API reference of 2010-05-08. Lists of whose members some are left
// out would read as empty ones, so every list is there.
const iamVersion = "2010-05-08"

// iamMembers is a list: <Tags><member>...</member></Tags>.
type iamMembers[T any] struct {
	Member []T `xml:"member"`
}

type iamTag struct{ Key, Value string }

type iamAttached struct {
	PolicyName string
	PolicyArn  string
}

type iamInline struct {
	PolicyName     string
	PolicyDocument string
}

type iamBoundary struct {
	PermissionsBoundaryType string
	PermissionsBoundaryArn  string
}

type iamUser struct {
	Path, UserName, UserId, Arn, CreateDate string
	UserPolicyList                          iamMembers[iamInline]
	GroupList                               iamMembers[string]
	AttachedManagedPolicies                 iamMembers[iamAttached]
	PermissionsBoundary                     *iamBoundary
	Tags                                    iamMembers[iamTag]
}

type iamGroup struct {
	Path, GroupName, GroupId, Arn, CreateDate string
	GroupPolicyList                           iamMembers[iamInline]
	AttachedManagedPolicies                   iamMembers[iamAttached]
}

type iamRole struct {
	Path, RoleName, RoleId, Arn, CreateDate string
	AssumeRolePolicyDocument                string
	RolePolicyList                          iamMembers[iamInline]
	AttachedManagedPolicies                 iamMembers[iamAttached]
	PermissionsBoundary                     *iamBoundary
	Tags                                    iamMembers[iamTag]
}

type iamVersionOf struct {
	Document         string
	VersionId        string
	IsDefaultVersion bool
	CreateDate       string
}

type iamPolicy struct {
	PolicyName, PolicyId, Arn, Path, DefaultVersionId string
	AttachmentCount, PermissionsBoundaryUsageCount    int
	IsAttachable                                      bool
	PolicyVersionList                                 iamMembers[iamVersionOf]
}

type iamKey struct {
	UserName, AccessKeyId, Status, CreateDate string
}

type iamDetails struct {
	XMLName         xml.Name              `xml:"https://iam.amazonaws.com/doc/2010-05-08/ GetAccountAuthorizationDetailsResponse"`
	IsTruncated     bool                  `xml:"GetAccountAuthorizationDetailsResult>IsTruncated"`
	Marker          string                `xml:"GetAccountAuthorizationDetailsResult>Marker,omitempty"`
	UserDetailList  iamMembers[iamUser]   `xml:"GetAccountAuthorizationDetailsResult>UserDetailList"`
	GroupDetailList iamMembers[iamGroup]  `xml:"GetAccountAuthorizationDetailsResult>GroupDetailList"`
	RoleDetailList  iamMembers[iamRole]   `xml:"GetAccountAuthorizationDetailsResult>RoleDetailList"`
	Policies        iamMembers[iamPolicy] `xml:"GetAccountAuthorizationDetailsResult>Policies"`
}

type iamEntry struct {
	Key   string `xml:"key"`
	Value int    `xml:"value"`
}

type iamSummary struct {
	XMLName xml.Name   `xml:"https://iam.amazonaws.com/doc/2010-05-08/ GetAccountSummaryResponse"`
	Entries []iamEntry `xml:"GetAccountSummaryResult>SummaryMap>entry"`
}

type iamKeys struct {
	XMLName     xml.Name           `xml:"https://iam.amazonaws.com/doc/2010-05-08/ ListAccessKeysResponse"`
	IsTruncated bool               `xml:"ListAccessKeysResult>IsTruncated"`
	Marker      string             `xml:"ListAccessKeysResult>Marker,omitempty"`
	Keys        iamMembers[iamKey] `xml:"ListAccessKeysResult>AccessKeyMetadata"`
}

type iamLastUsed struct {
	XMLName  xml.Name `xml:"https://iam.amazonaws.com/doc/2010-05-08/ GetAccessKeyLastUsedResponse"`
	UserName string   `xml:"GetAccessKeyLastUsedResult>UserName"`
	Date     string   `xml:"GetAccessKeyLastUsedResult>AccessKeyLastUsed>LastUsedDate,omitempty"`
	Region   string   `xml:"GetAccessKeyLastUsedResult>AccessKeyLastUsed>Region"`
	Service  string   `xml:"GetAccessKeyLastUsedResult>AccessKeyLastUsed>ServiceName"`
}

type iamARN struct{ Arn string }

type iamOIDCList struct {
	XMLName   xml.Name           `xml:"https://iam.amazonaws.com/doc/2010-05-08/ ListOpenIDConnectProvidersResponse"`
	Providers iamMembers[iamARN] `xml:"ListOpenIDConnectProvidersResult>OpenIDConnectProviderList"`
}

type iamOIDC struct {
	XMLName   xml.Name           `xml:"https://iam.amazonaws.com/doc/2010-05-08/ GetOpenIDConnectProviderResponse"`
	URL       string             `xml:"GetOpenIDConnectProviderResult>Url"`
	Audiences iamMembers[string] `xml:"GetOpenIDConnectProviderResult>ClientIDList"`
	Tags      iamMembers[iamTag] `xml:"GetOpenIDConnectProviderResult>Tags"`
}

type iamSAMLList struct {
	XMLName   xml.Name           `xml:"https://iam.amazonaws.com/doc/2010-05-08/ ListSAMLProvidersResponse"`
	Providers iamMembers[iamARN] `xml:"ListSAMLProvidersResult>SAMLProviderList"`
}

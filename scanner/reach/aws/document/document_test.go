package document_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/reach/aws/document"
)

func found(typ, text string) access.Found {
	r := &inventory.Resource{ID: "x", Type: typ, Origin: inventory.Declared, Document: text, Policy: &inventory.Policy{}}
	if typ == "aws.iam.role" {
		r.Policy, r.Trust = nil, &inventory.Trust{}
	}
	return document.Found(r, nobody)
}

func nobody(string) access.Truth { return access.No }

// open reports whether a part of a summary is not known.
func open(f access.Found, part string) bool {
	return slices.ContainsFunc(f.Unknown, func(u inventory.Unknown) bool { return u.Fact == "access."+part })
}

// listed writes a list of a summary, with "?" where more may be on it.
func listed[T any](f access.Found, part string, list []T, name func(T) string) string {
	var out []string
	for _, one := range list {
		out = append(out, name(one))
	}
	if open(f, part) {
		out = append(out, "?")
	}
	return strings.Join(out, " ")
}

func TestWhetherStrangersGetIn(t *testing.T) {
	const all = `"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*"`
	for name, c := range map[string]struct {
		statements string
		want       string // at of those that are open, "?" where it cannot be told
	}{
		"everybody":                     {`{` + all + `}`, "#1"},
		"a denial of all but one's own": {`{` + all + `},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}`, ""},
		"a denial that can be avoided":  {`{` + all + `},{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"StringNotEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}}`, "#1"},
		"a denial of another action":    {`{` + all + `},{"Effect":"Deny","Principal":"*","Action":"kms:Encrypt","Resource":"*"}`, "#1"},
		"a role name in any account":    {`{` + all + `,"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app"}}}`, "#1"},
		"a role name in one account":    {`{` + all + `,"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}}`, ""},
		"the caller's own account":      {`{` + all + `,"Condition":{"StringEquals":{"kms:CallerAccount":"${aws:PrincipalAccount}"}}}`, "#1"},
		"any topic":                     {`{` + all + `,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"}}}`, "#1"},
		"topics of one account":         {`{` + all + `,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}}}`, ""},
		"a bucket":                      {`{` + all + `,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::shop"}}}`, ""},
		"encryption context":            {`{` + all + `,"Condition":{"StringEquals":{"kms:EncryptionContext:app":"shop"}}}`, "#1"},
		"an endpoint":                   {`{` + all + `,"Condition":{"StringEquals":{"aws:SourceVpce":"vpce-0a"}}}`, ""},
		"half of the internet":          {`{` + all + `,"Condition":{"IpAddress":{"aws:SourceIp":"64.0.0.0/2"}}}`, "#1"},
		"an organization that is left":  {`{` + all + `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"` + awspolicy.Unknown + `"}}}`, "?"},
		"an organization known later":   {`{` + all + `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"` + awspolicy.Computed + `"}}}`, ""},
		"administration from outside":   {`{"Effect":"Allow","Principal":"*","Action":"kms:PutKeyPolicy","Resource":"*"}`, ""}, // has no effect across accounts
		"a role that is known later":    {`{"Effect":"Allow","Principal":{"AWS":"` + awspolicy.Computed + `"},"Action":"kms:*","Resource":"*"}`, ""},
		"through one service":           {`{` + all + `,"Condition":{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}}`, "#1"},
		"through a service of one's own account, as the keys that AWS manages": {
			`{` + all + `,"Condition":{"StringEquals":{"kms:CallerAccount":"111122223333","kms:ViaService":"s3.eu-west-1.amazonaws.com"}}}`, "",
		},
		"an organization, if there is one":              {`{` + all + `,"Condition":{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}`, "#1"},
		"an organization, of all values":                {`{` + all + `,"Condition":{"ForAllValues:StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}`, "#1"},
		"paths of an organization, of all":              {`{` + all + `,"Condition":{"ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/*"}}}`, "#1"},
		"paths of an organization, of any":              {`{` + all + `,"Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/*"}}}`, ""},
		"an organization":                               {`{` + all + `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}`, ""},
		"every organization":                            {`{` + all + `,"Condition":{"StringLike":{"aws:PrincipalOrgID":"o-*"}}}`, "#1"},
		"whoever is in no organization":                 {`{` + all + `,"Condition":{"Null":{"aws:PrincipalOrgID":"true"}}}`, "#1"},
		"all but one organization":                      {`{` + all + `,"Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}`, "#1"},
		"one account":                                   {`{` + all + `,"Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}}`, ""},
		"one account, if it is told":                    {`{` + all + `,"Condition":{"StringEqualsIfExists":{"kms:CallerAccount":"111122223333"}}}`, ""}, // it always is
		"multi-factor authentication":                   {`{` + all + `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`, "#1"},
		"everybody but one account":                     {`{"Effect":"Allow","NotPrincipal":{"AWS":"444455556666"},"Action":"kms:Decrypt","Resource":"*"}`, "#1"},
		"everybody, for all actions but some":           {`{"Effect":"Allow","Principal":{"AWS":"*"},"NotAction":"kms:PutKeyPolicy","Resource":"*"}`, "#1"},
		"one's own account":                             {`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}`, ""},
		"a role whose name has an asterisk":             {`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/*"},"Action":"kms:*","Resource":"*"}`, ""},
		"a resource of the caller's organization":       {`{` + all + `,"Condition":{"StringEquals":{"aws:ResourceOrgID":"${aws:PrincipalOrgID}"}}}`, ""},
		"a caller of the resource's organization":       {`{` + all + `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}}}`, ""},
		"a resource of the caller's account":            {`{` + all + `,"Condition":{"StringEquals":{"aws:ResourceAccount":"${kms:CallerAccount}"}}}`, ""},
		"a name that any session may have":              {`{` + all + `,"Condition":{"StringLike":{"aws:userid":"*:bob"}}}`, "#1"},
		"the IDs of all users":                          {`{` + all + `,"Condition":{"StringLike":{"aws:userid":"AIDA*"}}}`, "#1"},
		"sessions of one role, by its ID":               {`{` + all + `,"Condition":{"StringLike":{"aws:userid":"AROAEXAMPLEEXAMPLEXX:*"}}}`, ""},
		"the root user of any account":                  {`{` + all + `,"Condition":{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}}}`, "#1"},
		"a role name, however its ARN begins":           {`{` + all + `,"Condition":{"StringLike":{"aws:PrincipalArn":"*role/deploy"}}}`, "#1"},
		"a last name, however its ARN begins":           {`{` + all + `,"Condition":{"StringLike":{"aws:PrincipalArn":"*/deploy"}}}`, "#1"},
		"roles of single sign-on of any account":        {`{` + all + `,"Condition":{"StringLike":{"aws:PrincipalArn":"*:role/aws-reserved/sso.amazonaws.com/*"}}}`, "#1"},
		"a role of one account, however its ARN begins": {`{` + all + `,"Condition":{"StringLike":{"aws:PrincipalArn":"*:111122223333:role/deploy"}}}`, ""},
		"accounts by how their numbers begin":           {`{` + all + `,"Condition":{"StringLike":{"kms:CallerAccount":"1111*"}}}`, "#1"},
		"accounts by all digits but one":                {`{` + all + `,"Condition":{"StringLike":{"aws:PrincipalAccount":"11112222333?"}}}`, "#1"},
		"one account, and an asterisk that is too much": {`{` + all + `,"Condition":{"StringLike":{"aws:PrincipalAccount":"111122223333*"}}}`, ""},
		"roles of accounts by how they begin":           {`{` + all + `,"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::1111*:role/deploy"}}}`, "#1"},
		"roles of one account and an asterisk":          {`{` + all + `,"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333*:role/deploy"}}}`, ""},
		"organizations by how their IDs begin":          {`{` + all + `,"Condition":{"StringLike":{"aws:PrincipalOrgID":"o-a1*"}}}`, "#1"},
		"one organization and an asterisk":              {`{` + all + `,"Condition":{"StringLike":{"aws:PrincipalOrgID":"o-a1b2c3d4e5*"}}}`, ""},
		"every service":                                 {`{` + all + `,"Condition":{"StringLike":{"aws:PrincipalServiceName":"*.amazonaws.com"}}}`, "#1"},
		"an effect that is not resolved":                {`{"Effect":"` + awspolicy.Unknown + `","Principal":"*","Action":"kms:Decrypt","Resource":"*"}`, "?"},
	} {
		f := found("aws.kms.policy", `{"Version":"2012-10-17","Statement":[`+c.statements+`]}`)
		if said := listed(f, "everyone", f.Summary.Everyone, func(o access.Opening) string { return o.At }); said != c.want {
			t.Errorf("%s: strangers get in by %q, want %q", name, said, c.want)
		}
	}
}

func TestWhomATrustAdmits(t *testing.T) {
	const github = "token.actions.githubusercontent.com"
	const eks = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"
	trust := func(issuer, condition, more string) string {
		return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/%s"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"%s:aud":"sts.amazonaws.com"}%s}}%s]}`,
			issuer, issuer, condition, more)
	}
	sub := func(issuer, operator, value string) string {
		return fmt.Sprintf(`,"%s":{"%s:sub":"%s"}`, operator, issuer, value)
	}
	for name, c := range map[string]struct {
		text, want string
	}{
		"no subject":                  {trust(github, "", ""), "everybody"},
		"all of an owner by number":   {trust(github, `,"StringLike":{"`+github+`:repository_owner_id":"12345"}`, ""), "several"},
		"all of an enterprise":        {trust(github, `,"StringLike":{"`+github+`:enterprise_id":"77"}`, ""), "several"},
		"a repository by number":      {trust(github, `,"StringLike":{"`+github+`:repository_owner_id":"12345","`+github+`:repository_id":"678"}`, ""), ""},
		"a branch and its owner":      {trust(github, `,"StringLike":{"`+github+`:repository_owner_id":"12345","`+github+`:sub":"repo:shop/api:ref:refs/heads/main"}`, ""), ""},
		"any subject":                 {trust(github, sub(github, "StringLike", "repo:*"), ""), "several"},
		"all repositories":            {trust(github, sub(github, "StringLike", "repo:shop/*"), ""), "several"},
		"all branches":                {trust(github, sub(github, "StringLike", "repo:shop/api:ref:*"), ""), ""},
		"all jobs, pull requests too": {trust(github, sub(github, "StringLike", "repo:shop/api:*"), ""), "pull_request"},
		"pull requests":               {trust(github, sub(github, "StringLike", "repo:shop/api:pull_request"), ""), "pull_request"},
		"an environment":              {trust(github, sub(github, "StringLike", "repo:shop/api:environment:production"), ""), ""},
		"IfExists":                    {trust(github, sub(github, "StringLikeIfExists", "repo:shop/api:ref:refs/heads/main"), ""), ""}, // tokens have a subject
		"another claim":               {trust(github, `,"StringLike":{"`+github+`:repository":"shop/api"}`, ""), ""},
		"all but one are denied": {
			trust(github, "", `,{"Effect":"Deny","Principal":{"Federated":"*"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringNotEquals":{"`+github+`:sub":"repo:shop/api:ref:refs/heads/main"}}}`),
			"everybody",
		}, // "Federated": "*" names no provider
		"a workspace of Terraform, all phases":   {trust("app.terraform.io", sub("app.terraform.io", "StringLike", "organization:shop:project:p:workspace:w:run_phase:*"), ""), ""},
		"all workspaces of a project":            {trust("app.terraform.io", sub("app.terraform.io", "StringLike", "organization:shop:project:p:workspace:*:run_phase:*"), ""), "several"},
		"a pipeline of Buildkite, all steps":     {trust("agent.buildkite.com", sub("agent.buildkite.com", "StringLike", "organization:shop:pipeline:api:*"), ""), ""},
		"all pipelines of Buildkite":             {trust("agent.buildkite.com", sub("agent.buildkite.com", "StringLike", "organization:shop:pipeline:*"), ""), "several"},
		"a project of CircleCI, whoever runs it": {trust("oidc.circleci.com/org/o", sub("oidc.circleci.com/org/o", "StringLike", "org/o/project/p/user/*"), ""), ""},
		"all projects of CircleCI":               {trust("oidc.circleci.com/org/o", sub("oidc.circleci.com/org/o", "StringLike", "org/o/project/*"), ""), "several"},
		"a repository of Bitbucket, all steps":   {trust("api.bitbucket.org/x", sub("api.bitbucket.org/x", "StringLike", "{repository}:*"), ""), ""},
		"a stack of Pulumi, all operations":      {trust("api.pulumi.com/oidc", sub("api.pulumi.com/oidc", "StringLike", "pulumi:deploy:org:shop:project:p:stack:s:*"), ""), ""},
		"a project of Vercel":                    {trust("oidc.vercel.com/shop", sub("oidc.vercel.com/shop", "StringLike", "owner:shop:project:web:environment:*"), ""), ""},
		"connections of Azure DevOps":            {trust("vstoken.dev.azure.com/x", sub("vstoken.dev.azure.com/x", "StringLike", "sc://shop/infra/*"), ""), "several"},
		"a project of an own GitLab":             {trust("gitlab.example.com", sub("gitlab.example.com", "StringLike", "project_path:shop/api:ref_type:branch:ref:*"), ""), ""},
		"several environments":                   {trust(github, `,"StringLike":{"`+github+`:sub":["repo:shop/api:environment:production","repo:shop/web:environment:*"]}`, ""), ""},
		"an environment, exactly":                {trust(github, sub(github, "ForAnyValue:StringEquals", "repo:shop/api:environment:production"), ""), ""},
		"a name that others may begin with":      {trust(github, sub(github, "StringLike", "repo:shop*/api:ref:refs/heads/main"), ""), "several"},
		"of all values, a subject":               {trust(github, sub(github, "ForAllValues:StringEquals", "repo:shop/api:ref:refs/heads/main"), ""), ""}, // tokens have one
		"an owner that is not compared":          {trust(github, `,"StringLike":{"`+github+`:job_workflow_ref":"shop/api/.github/workflows/x.yml@refs/heads/main"}`, ""), ""},
		"all but one subject":                    {trust(github, sub(github, "StringNotEquals", "repo:shop/api:ref:refs/heads/main"), ""), "everybody"},
		"all groups of GitLab":                   {trust("gitlab.com", sub("gitlab.com", "StringLike", "project_path:shop/*:ref_type:branch:ref:main"), ""), "several"},
		"a project of GitLab":                    {trust("gitlab.com", sub("gitlab.com", "ForAnyValue:StringEquals", "project_path:shop/api:ref_type:branch:ref:main"), ""), ""},
		"a workspace of Terraform":               {trust("app.terraform.io", sub("app.terraform.io", "ForAnyValue:StringEquals", "organization:shop:project:p:workspace:w:run_phase:apply"), ""), ""},
		"all of an organization's runs":          {trust("app.terraform.io", sub("app.terraform.io", "StringLike", "organization:*:project:p:workspace:w:run_phase:*"), ""), "several"},
		"several service accounts":               {trust(eks, `,"ForAnyValue:StringEquals":{"`+eks+`:sub":["system:serviceaccount:shop:api","system:serviceaccount:shop:web"]}`, ""), ""},
		"several, by StringLike":                 {trust(eks, `,"StringLike":{"`+eks+`:sub":["system:serviceaccount:shop:api","system:serviceaccount:shop:web"]}`, ""), ""},
		"several, one of them a pattern":         {trust(eks, `,"StringLike":{"`+eks+`:sub":["system:serviceaccount:shop:api","system:serviceaccount:web:*"]}`, ""), "several"},
		"a literal asterisk":                     {trust(eks, sub(eks, "ForAnyValue:StringEquals", "system:serviceaccount:shop:*"), ""), ""},      // nobody is called so
		"a service account of all values":        {trust(eks, sub(eks, "ForAllValues:StringEquals", "system:serviceaccount:shop:api"), ""), ""},   // tokens have a subject
		"a subject of another issuer":            {trust(eks, sub(github, "ForAnyValue:StringEquals", "system:serviceaccount:shop:api"), ""), ""}, // no token has it
		"an audience alone of all values": {
			strings.Replace(trust(eks, sub(eks, "StringLike", "system:serviceaccount:shop:api"), ""), `"StringEquals"`, `"ForAllValues:StringEquals"`, 1), "",
		},
		"any audience":             {strings.Replace(trust(eks, sub(eks, "StringLike", "system:serviceaccount:shop:api"), ""), `"sts.amazonaws.com"`, `"*"`, 1), ""}, // literally
		"a namespace":              {trust(eks, sub(eks, "StringLike", "system:serviceaccount:shop:*"), ""), "several"},
		"a name in any namespace":  {trust(eks, sub(eks, "StringLike", "system:serviceaccount:*:api"), ""), "several"},
		"one service account":      {trust(eks, sub(eks, "StringLike", "system:serviceaccount:shop:api"), ""), ""},
		"everybody in the cluster": {trust(eks, "", ""), "everybody"},
		"all but one are denied again": {
			trust(eks, "", `,{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringNotEquals":{"`+eks+`:sub":"system:serviceaccount:shop:api"}}}`),
			"",
		},
		"a subject that is left": {trust(eks, sub(eks, "StringLike", awspolicy.Unknown), ""), "?"},
		"a network":              {trust(eks, `,"IpAddress":{"aws:SourceIp":"198.51.100.0/24"}`, ""), ""},
		"SAML":                   {`{"Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/corp"},"Action":"sts:AssumeRoleWithSAML"}]}`, "any_audience"},
		"SAML for AWS": {
			`{"Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/corp"},"Action":"sts:AssumeRoleWithSAML","Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}}]}`,
			"",
		},
		"Google for an application": {`{"Statement":[{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"accounts.google.com:aud":"1.apps.googleusercontent.com"}}}]}`, ""},
		"Google":                    {`{"Statement":[{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity"}]}`, "any_audience"},
	} {
		f := found("aws.iam.role", c.text)
		if said := listed(f, "federation", f.Summary.Federation, func(a access.Admission) string { return a.Admits }); said != c.want {
			t.Errorf("%s: it admits %q, want %q", name, said, c.want)
		}
	}
}

// The provider of a cluster that was deleted lets nobody in, though the role still trusts all of its service accounts.
func TestTrustInProvidersThatAreNotThere(t *testing.T) {
	const eks = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"
	const provider = "arn:aws:iam::111122223333:oidc-provider/" + eks
	statement := `{"Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"` + eks + `:aud":"sts.amazonaws.com"}}}`
	for is, want := range map[access.Truth]string{access.Yes: "everybody", access.Maybe: "everybody", access.No: ""} {
		r := &inventory.Resource{ID: "x", Type: "aws.iam.role", Origin: inventory.Live, Trust: &inventory.Trust{}, Document: `{"Version":"2012-10-17","Statement":[` + statement + `]}`}
		f := document.Fill(access.Found{}, r, func(arn string) access.Truth {
			if arn != provider {
				t.Errorf("asked whether %s exists", arn)
			}
			return is
		})
		if said := listed(f, "federation", f.Summary.Federation, func(a access.Admission) string { return a.Admits }); said != want {
			t.Errorf("where the provider exists by %v: it admits %q, want %q", is, said, want)
		}
		if dangling := len(f.Summary.Dangling) == 1 && f.Summary.Dangling[0].Reusable; dangling != (is == access.No) {
			t.Errorf("where the provider exists by %v: dangling is %v", is, f.Summary.Dangling)
		}
	}
}

func TestWhatAPolicyReachesEverywhere(t *testing.T) {
	for name, c := range map[string]struct {
		statements, want string
	}{
		"every key":             {`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}`, "#1"},
		"denied again":          {`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"},{"Effect":"Deny","Action":"kms:*","Resource":"*"}`, ""},
		"all keys of a Region":  {`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:eu-*:111122223333:key/*"}`, "#1"},
		"one key":               {`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:eu-west-1:111122223333:key/1"}`, ""},
		"by alias":              {`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"ForAnyValue:StringLike":{"kms:ResourceAliases":"alias/app-*"}}}`, ""},
		"by a tag of any value": {`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringLike":{"aws:ResourceTag/app":"*"}}}`, "#1"},
		"in China":              {`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws-cn:kms:*:*:key/*"}`, "#1"},
		"all but one":           {`{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","NotResource":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:x-abcdef"}`, "#1"},
		"all actions but some":  {`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, "#1"},
		"all actions but those on keys and secrets": {`{"Effect":"Allow","NotAction":["kms:*","secretsmanager:*"],"Resource":"*"}`, ""},
		"all actions but some, on one key":          {`{"Effect":"Allow","NotAction":"iam:*","Resource":"arn:aws:kms:eu-west-1:111122223333:key/1"}`, ""},
		"all but every key":                         {`{"Effect":"Allow","Action":"kms:*","NotResource":"arn:aws:kms:*:*:key/*"}`, ""},
		"all but buckets":                           {`{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::*"}`, "#1"},
		"all but one are denied":                    {`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"},{"Effect":"Deny","Action":"kms:*","NotResource":"arn:aws:kms:eu-west-1:111122223333:key/1"}`, ""},
		"all other actions are denied":              {`{"Effect":"Allow","Action":"kms:*","Resource":"*"},{"Effect":"Deny","NotAction":["kms:Describe*","kms:List*"],"Resource":"*"}`, ""},
		"through one service":                       {`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}}`, "#1"},
		"by a tag":                                  {`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/app":"shop"}}}`, ""},
		"by a tag, if there is one":                 {`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEqualsIfExists":{"aws:ResourceTag/app":"shop"}}}`, "#1"},
		"by aliases, of all values":                 {`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"ForAllValues:StringLike":{"kms:ResourceAliases":"alias/app-*"}}}`, "#1"}, // keys without an alias
		"an alias as resource":                      {`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:*:*:alias/*"}`, ""},                                                           // no key is called so
		"all but every key of two partitions":       {`{"Effect":"Allow","Action":"kms:*","NotResource":["arn:aws:kms:*:*:key/*","arn:aws-cn:kms:*:*:key/*"]}`, ""},
		"all but every key of any partition":        {`{"Effect":"Allow","Action":"kms:*","NotResource":"arn:*:kms:*:*:key/*"}`, ""},
		"all but every key of China":                {`{"Effect":"Allow","Action":"kms:*","NotResource":"arn:aws-cn:kms:*:*:key/*"},{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::*"}`, "#1"},
		"metadata":                                  {`{"Effect":"Allow","Action":["kms:Describe*","kms:Encrypt"],"Resource":"*"}`, ""},
		"every ID by its hyphens":                   {`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:*:*:key/*-*"}`, "#1"},
		"every ID by its length":                    {`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:*:*:key/????????-????-????-????-????????????"}`, "#1"},
		"every secret by its ending":                {`{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"arn:aws:secretsmanager:*:*:secret:*-??????"}`, "#1"},
		"every secret by the ARN in the request":    {`{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"*","Condition":{"StringLike":{"secretsmanager:SecretId":"arn:aws:secretsmanager:*:*:secret:*"}}}`, "#1"},
		"some secrets by the ARN in the request":    {`{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"*","Condition":{"StringLike":{"secretsmanager:SecretId":"arn:aws:secretsmanager:*:*:secret:app/*"}}}`, ""},
		"by any alias":                              {`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"ForAnyValue:StringLike":{"kms:ResourceAliases":"alias/*"}}}`, "#1"},
		"left open":                                 {`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"` + awspolicy.Unknown + `"}`, "?"},
	} {
		f := found("aws.iam.policy", `{"Version":"2012-10-17","Statement":[`+c.statements+`]}`)
		if said := listed(f, "wildcards", f.Summary.Wildcards, func(w access.Wildcard) string { return w.At }); said != c.want {
			t.Errorf("%s: %q, want %q", name, said, c.want)
		}
	}
}

func TestWhoDoesNotExist(t *testing.T) {
	text := `{"Statement":[{"Sid":"Use","Effect":"Allow","Principal":{"AWS":["AROAEXAMPLEEXAMPLEXX","arn:aws:iam::111122223333:role/there","arn:aws:iam::444455556666:role/unread","arn:aws:iam::111122223333:root"]},
		"Action":"kms:Decrypt","Resource":"*","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/gone"}}}]}`
	exists := func(arn string) access.Truth {
		if strings.HasSuffix(arn, "there") {
			return access.Yes
		}
		return map[bool]access.Truth{true: access.Maybe}[strings.HasSuffix(arn, "unread")]
	}
	live := func(text string) access.Found {
		r := &inventory.Resource{ID: "x", Type: "aws.kms.policy", Origin: inventory.Live, Document: text, Policy: &inventory.Policy{}}
		return document.Fill(access.Found{}, r, exists)
	}
	f := live(text)
	want := []access.Dangling{{Name: "AROAEXAMPLEEXAMPLEXX", At: "Use"}, {Name: "arn:aws:iam::111122223333:role/gone", At: "Use", Reusable: true}}
	if !slices.Equal(f.Summary.Dangling, want) || open(f, "dangling") {
		t.Errorf("got %v, unknown %v", f.Summary.Dangling, f.Unknown)
	}
	f = live(strings.NewReplacer("AROAEXAMPLEEXAMPLEXX", "*", "role/gone", "role/there").Replace(text))
	if len(f.Summary.Dangling) > 0 || !open(f, "dangling") {
		t.Errorf("with an account that was not read: got %v, unknown %v", f.Summary.Dangling, f.Unknown)
	}

	grant := &inventory.Resource{ID: "x", Type: "aws.kms.grant", Origin: inventory.Live, Policy: &inventory.Policy{Grant: &inventory.Grant{Grantee: "AROAEXAMPLEEXAMPLEXX", Retiring: "arn:aws:iam::111122223333:role/there"}}}
	f = document.Fill(access.Found{}, grant, exists)
	if !slices.Equal(f.Summary.Dangling, []access.Dangling{{Name: "AROAEXAMPLEEXAMPLEXX", At: "grantee"}}) {
		t.Errorf("of a grant: %v, unknown %v", f.Summary.Dangling, f.Unknown)
	}
	grant.Policy.Grant = &inventory.Grant{Grantee: "ec2.amazonaws.com", Service: true}
	if f = document.Fill(access.Found{}, grant, exists); len(f.Summary.Dangling) > 0 || open(f, "dangling") {
		t.Errorf("of a grant to a service: %v, unknown %v", f.Summary.Dangling, f.Unknown)
	}
}

// A denial on a live key is one whether it names the key by its ARN or says "*".
func TestADenialOfTheKeyItself(t *testing.T) {
	const key = "arn:aws:kms:eu-west-1:111122223333:key/1"
	for resource, want := range map[string]int{"*": 0, key: 0, strings.Replace(key, "key/1", "key/*", 1): 0, strings.Replace(key, "key/1", "key/2", 1): 1} {
		r := &inventory.Resource{ID: key + "#policy", Type: "aws.kms.policy", Origin: inventory.Live, Policy: &inventory.Policy{}, Document: `{"Statement":[` +
			`{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*"},` +
			`{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"` + resource + `","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}]}`}
		if f := document.Fill(access.Found{}, r, nobody); len(f.Summary.Everyone) != want {
			t.Errorf("%s: strangers get in by %v", resource, f.Summary.Everyone)
		}
	}
}

// Names in conditions are taken by whoever makes a principal of that name, where the statement allows; IDs of those who were deleted by nobody.
func TestWhoseNameCanBeTaken(t *testing.T) {
	const gone = "arn:aws:iam::111122223333:role/gone"
	const session, provider = "arn:aws:sts::111122223333:assumed-role/gone/s", "arn:aws:iam::111122223333:oidc-provider/gone.example"
	exists := func(arn string) access.Truth { return access.Known(!strings.Contains(arn, "gone")) }
	for name, c := range map[string]struct{ typ, statement, want string }{
		"one that a denial spares":         {"aws.kms.policy", `{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"ArnNotEquals":{"aws:PrincipalArn":"` + gone + `"}}}`, gone + " true"},
		"a session of a role":              {"aws.kms.policy", `{"Effect":"Allow","Principal":{"AWS":"` + session + `"},"Action":"kms:Decrypt","Resource":"*"}`, session + " true"},
		"an identity provider":             {"aws.iam.role", `{"Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":"sts:AssumeRoleWithWebIdentity"}`, provider + " true"},
		"one that AWS knows by name":       {"aws.iam.role", `{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity"}`, ""},
		"a name that a condition asks for": {"aws.kms.policy", `{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalArn":"` + gone + `"}}}`, gone + " true"},
		"one that is spared":               {"aws.kms.policy", `{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"ArnNotEquals":{"aws:PrincipalArn":"` + gone + `"}}}`, ""},
		"one that is denied":               {"aws.kms.policy", `{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"ArnEquals":{"aws:PrincipalArn":"` + gone + `"}}}`, gone + " false"},
		"a pattern":                        {"aws.kms.policy", `{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"` + gone + `*"}}}`, ""},
		"a principal by name":              {"aws.kms.policy", `{"Effect":"Allow","Principal":{"AWS":"` + gone + `"},"Action":"kms:Decrypt","Resource":"*"}`, gone + " false"},
		"an ID in a trust policy":          {"aws.iam.role", `{"Effect":"Allow","Principal":{"AWS":"AIDAEXAMPLEEXAMPLEXX"},"Action":"sts:AssumeRole"}`, "AIDAEXAMPLEEXAMPLEXX false"},
		"an ID in the policy of a secret":  {"aws.secretsmanager.policy", `{"Effect":"Allow","Principal":{"AWS":"AROAEXAMPLEEXAMPLEXX"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}`, "AROAEXAMPLEEXAMPLEXX false"},
		"an account":                       {"aws.kms.policy", `{"Effect":"Allow","Principal":{"AWS":"999988887777"},"Action":"kms:Decrypt","Resource":"*"}`, ""},
		"a service":                        {"aws.iam.role", `{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`, ""},
	} {
		r := &inventory.Resource{ID: "x", Type: c.typ, Origin: inventory.Live, Document: `{"Version":"2012-10-17","Statement":[` + c.statement + `]}`, Policy: &inventory.Policy{}}
		f := document.Fill(access.Found{}, r, exists)
		var got []string
		for _, d := range f.Summary.Dangling {
			got = append(got, fmt.Sprint(d.Name, " ", d.Reusable))
		}
		if said := strings.Join(got, " "); said != c.want || open(f, "dangling") {
			t.Errorf("%s: got %q, want %q; unknown %v", name, said, c.want, f.Unknown)
		}
	}
}

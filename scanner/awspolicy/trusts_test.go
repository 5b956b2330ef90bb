package awspolicy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// trustsOf writes what Trusts says of a document: "oidc ISSUER sub=[...] aud=[...] restricted".
func trustsOf(doc awspolicy.Document) string {
	trusts, open := awspolicy.Trusts(doc)
	if open != "" {
		return "open: " + open
	}
	var out []string
	for _, s := range trusts {
		line := s.Who
		if s.Provider != "" {
			line += " " + s.Provider
		}
		if s.Who == "oidc" {
			line += fmt.Sprintf(" sub=%v aud=%v", s.Subjects, s.Audiences)
		}
		if s.Restricted {
			line += " restricted"
		}
		if s.Subjects == nil || s.Audiences == nil {
			line += " with a list that is nil"
		}
		out = append(out, line)
	}
	return strings.Join(out, "; ")
}

func TestTrusts(t *testing.T) {
	const (
		github   = `"Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity"`
		eks      = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"
		pod      = `"Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/` + eks + `"}, "Action": "sts:AssumeRoleWithWebIdentity"`
		computed = `"Principal": {"Federated": "«one»"}, "Action": "sts:AssumeRoleWithWebIdentity"`
		account  = `"Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"`
		gh       = "oidc token.actions.githubusercontent.com "
	)
	for name, c := range map[string]struct{ statement, want string }{
		"everyone":             {`"Principal": "*", "Action": "sts:AssumeRole"`, "everyone"},
		"everyone of AWS":      {`"Principal": {"AWS": ["111122223333", "*"]}, "Action": "sts:*"`, "everyone"},
		"all but some":         {`"NotPrincipal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"`, "everyone"},
		"everyone of an org":   {`"Principal": "*", "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1"}}`, "everyone restricted"},
		"account":              {account, "account"},
		"account by number":    {`"Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"`, "account"},
		"account, external ID": {account + `, "Condition": {"StringEquals": {"sts:ExternalId": "x"}}`, "account restricted"},
		"account, any ID":      {account + `, "Condition": {"StringLike": {"sts:ExternalId": "*"}}`, "account"},
		"account, some roles":  {account + `, "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/deploy"}}`, "account restricted"},
		"principal":            {`"Principal": {"AWS": ["arn:aws:iam::111122223333:role/app", "AROAEXAMPLEID"]}, "Action": "sts:AssumeRole"`, "principal"},
		"the widest of AWS":    {`"Principal": {"AWS": ["arn:aws:iam::111122223333:role/app", "111122223333"]}, "Action": "sts:AssumeRole"`, "account"},
		"service":              {`"Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession"]`, "service"},
		"a service's account":  {`"Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}`, "service restricted"},
		"SAML":                 {`"Principal": {"Federated": "arn:aws:iam::111122223333:saml-provider/Corp"}, "Action": "sts:AssumeRoleWithSAML"`, "saml"},
		"several kinds":        {`"Principal": {"AWS": "111122223333", "Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"`, "account; service"},
		"only tags":            {`"Principal": "*", "Action": "sts:TagSession"`, ""},
		"letter case":          {`"Principal": "*", "Action": "STS:assumerole"`, "everyone"},
		"deny":                 {`"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"`, ""},
		"Cognito":              {`"Principal": {"Federated": "cognito-identity.amazonaws.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:pool"}}`, "oidc cognito-identity.amazonaws.com sub=[] aud=[eu-west-1:pool]"},

		"no condition":       {github, gh + "sub=[] aud=[]"},
		"audience alone":     {github + `, "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}`, gh + "sub=[] aud=[sts.amazonaws.com]"},
		"an organisation":    {github + `, "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:org/*"}}`, gh + "sub=[repo:org/*] aud=[]"},
		"key in letter case": {github + `, "Condition": {"StringLike": {"Token.Actions.GitHubUserContent.com:SUB": ["repo:b", "repo:a"]}}`, gh + "sub=[repo:a repo:b] aud=[]"},
		"if it exists":       {github + `, "Condition": {"StringEqualsIfExists": {"token.actions.githubusercontent.com:sub": "repo:org/a:ref:refs/heads/main"}}`, gh + "sub=[] aud=[]"},
		"for all values":     {github + `, "Condition": {"ForAllValues:StringEquals": {"token.actions.githubusercontent.com:sub": "repo:org/a:ref:refs/heads/main"}}`, gh + "sub=[] aud=[]"},
		"for any value":      {github + `, "Condition": {"ForAnyValue:StringEquals": {"token.actions.githubusercontent.com:sub": "repo:org/a:ref:refs/heads/main"}}`, gh + "sub=[repo:org/a:ref:refs/heads/main] aud=[]"},
		"not equals":         {github + `, "Condition": {"StringNotEquals": {"token.actions.githubusercontent.com:sub": "repo:org/a"}}`, gh + "sub=[] aud=[]"},
		"the narrower of two": {
			github + `, "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:org/*"}, "StringEquals": {"token.actions.githubusercontent.com:sub": "repo:org/a"}}`,
			gh + "sub=[repo:org/a] aud=[]",
		},
		"one repository":      {github + `, "Condition": {"StringEquals": {"token.actions.githubusercontent.com:repository_id": "123"}}`, gh + "sub=[] aud=[] restricted"},
		"any repository":      {github + `, "Condition": {"StringLike": {"token.actions.githubusercontent.com:repository": "*/deploy"}}`, gh + "sub=[] aud=[]"},
		"an environment":      {github + `, "Condition": {"StringEquals": {"token.actions.githubusercontent.com:environment": "production"}}`, gh + "sub=[] aud=[]"},
		"one service account": {pod + `, "Condition": {"StringEquals": {"` + eks + `:sub": "system:serviceaccount:prod:app", "` + eks + `:aud": "sts.amazonaws.com"}}`, "oidc " + eks + " sub=[system:serviceaccount:prod:app] aud=[sts.amazonaws.com]"},
		"provider and account": {
			`"Principal": {"AWS": "111122223333", "Federated": "arn:aws:iam::111122223333:oidc-provider/` + eks + `"}, "Action": "sts:*"`,
			"account; oidc " + eks + " sub=[] aud=[]",
		},

		"computed provider":         {computed + `, "Condition": {"StringEquals": {"«one»:sub": "system:serviceaccount:prod:app"}}`, "oidc sub=[system:serviceaccount:prod:app] aud=[]"},
		"unresolved provider":       {`"Principal": {"Federated": "«any»"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"«any»:sub": "x", "«any»:aud": "y"}}`, "oidc sub=[x] aud=[y]"},
		"computed issuer":           {`"Principal": {"Federated": "arn:aws:iam::«one»:oidc-provider/oidc.eks.«one».amazonaws.com/id/«one»"}, "Action": "sts:AssumeRoleWithWebIdentity"`, "oidc oidc.eks.(computed).amazonaws.com/id/(computed) sub=[] aud=[]"},
		"computed SAML":             {`"Principal": {"Federated": "«one»"}, "Action": "sts:AssumeRoleWithSAML"`, "saml"},
		"either":                    {`"Principal": {"Federated": "«one»"}, "Action": "sts:*"`, "open: Principal of statement 1"},
		"subject not resolved":      {github + `, "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:«any»:*"}}`, "open: Condition of statement 1"},
		"computed subject":          {github + `, "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:org/«one»:*"}}`, gh + "sub=[repo:org/(computed):*] aud=[]"},
		"another holds it":          {github + `, "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "«any»"}, "StringEquals": {"token.actions.githubusercontent.com:sub": "repo:org/a"}}`, gh + "sub=[repo:org/a] aud=[]"},
		"operator not resolved":     {github + `, "Condition": {"«any»": {"token.actions.githubusercontent.com:sub": "repo:org/a"}}`, "open: Condition of statement 1"},
		"key not resolved":          {github + `, "Condition": {"StringEquals": {"«any»": "repo:org/a"}}`, "open: Condition of statement 1"},
		"condition not resolved":    {github + `, "Condition": «any»`, "open: Condition of statement 1"},
		"principal not resolved":    {`"Sid": "X", "Principal": «any», "Action": "sts:AssumeRole"`, `open: Principal of statement "X"`},
		"computed principal":        {`"Principal": {"AWS": "«one»"}, "Action": "sts:AssumeRole"`, "open: Principal of statement 1"},
		"computed account's root":   {`"Principal": {"AWS": "arn:aws:iam::«one»:root"}, "Action": "sts:AssumeRole"`, "account"},
		"unresolved account's role": {`"Principal": {"AWS": "arn:aws:iam::«any»:role/x"}, "Action": "sts:AssumeRole"`, "principal"},
		"action not resolved":       {`"Principal": "*", "Action": "sts:«any»"`, "open: Action of statement 1"},
		"action of no matter":       {`"Principal": "*", "Action": ["sts:AssumeRole", "«any»"]`, "everyone"},
		"effect not resolved":       {`"Effect": "«any»", "Principal": "*", "Action": "sts:AssumeRole"`, "open: Effect of statement 1"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(c.statement, `"Effect"`) {
				c.statement = `"Effect": "Allow", ` + c.statement
			}
			if got := trustsOf(parse(t, "{"+c.statement+"}")); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

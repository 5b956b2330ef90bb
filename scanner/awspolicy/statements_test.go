package awspolicy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// resolve writes markers for «any» and «one»: text that is not resolved, and text that is computed later.
var resolve = strings.NewReplacer("«any»", awspolicy.Unknown, "«one»", awspolicy.Computed)

// parse reads statements in JSON, without the document around them.
func parse(t testing.TB, statements string) awspolicy.Document {
	t.Helper()
	doc, err := awspolicy.Parse([]byte(resolve.Replace(`{"Version": "2012-10-17", "Statement": ` + statements + `}`)))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// short writes a statement in one line: allow read_secret, everyone, restricted, all.
func short(s inventory.Statement) string {
	out := s.Effect + " " + strings.Join(s.Actions, ",")
	for _, f := range []struct {
		name string
		v    *bool
	}{{" everyone", s.Everyone}, {" restricted", s.Restricted}, {" all", s.AllResources}} {
		if *f.v {
			out += f.name
		}
	}
	return out
}

func answer(stmts []inventory.Statement, open string) string {
	if open != "" {
		return "open: " + open
	}
	var out []string
	for _, s := range stmts {
		out = append(out, short(s))
	}
	return strings.Join(out, "; ")
}

const (
	everyClass = "administer,decrypt,delete,encrypt,grant,mac,read,read_secret,sign,write_secret"
	everyOfKMS = "administer,decrypt,delete,encrypt,grant,mac,read,sign"
)

// What an identity may do, by the statement's actions and resources.
func TestIdentityPolicy(t *testing.T) {
	const key = `"arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"`
	for name, c := range map[string]struct{ statement, want string }{
		"everything":              {`"Action": "*", "Resource": "*"`, "allow " + everyClass + " all"},
		"everything, spelled out": {`"Action": "*:*", "Resource": "*"`, "allow " + everyClass + " all"},
		"letter case":             {`"Action": "KMS:decrypt", "Resource": ` + key, "allow decrypt"},
		"wildcard":                {`"Action": "kms:De*", "Resource": ` + key, "allow administer,decrypt,delete,read"}, // DeleteAlias, Decrypt, DeleteImportedKeyMaterial, DescribeKey
		"wildcard within":         {`"Action": "kms:*crypt", "Resource": ` + key, "allow decrypt,encrypt"},
		"one character":           {`"Action": "kms:?ecrypt", "Resource": ` + key, "allow decrypt"},
		"part of a name":          {`"Action": "kms:Decryp", "Resource": "*"`, ""},
		"other services":          {`"Action": ["s3:*", "iam:*"], "Resource": "*"`, ""},
		"service as a wildcard":   {`"Action": "*:GetSecretValue", "Resource": "*"`, "allow read_secret all"},
		"batch alone":             {`"Action": "secretsmanager:BatchGetSecretValue", "Resource": "*"`, "allow read"},
		"not action":              {`"NotAction": ["iam:*", "kms:*"], "Resource": "*"`, "allow administer,delete,read,read_secret,write_secret all"},
		"not action at all":       {`"NotAction": "*", "Resource": "*"`, ""},
		"grant":                   {`"Action": "kms:CreateGrant", "Resource": ` + key, "allow grant"},
		"re-encryption":           {`"Action": "kms:ReEncrypt*", "Resource": ` + key, "allow decrypt,encrypt"},
		"data keys":               {`"Action": "kms:GenerateDataKey*", "Resource": ` + key, "allow encrypt"},
		"without a resource":      {`"Action": ["kms:CreateKey", "kms:ListKeys"], "Resource": "*"`, "allow administer,read"},
		"deny":                    {`"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"`, "deny decrypt all"},
		"deny on terms":           {`"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}`, "deny decrypt restricted all"},

		"all keys":                     {`"Action": "kms:Decrypt", "Resource": "arn:aws:kms:*:*:key/*"`, "allow decrypt all"},
		"all of an account and Region": {`"Action": "kms:Decrypt", "Resource": "arn:aws:kms:eu-west-1:111122223333:key/*"`, "allow decrypt all"},
		"all of KMS":                   {`"Action": "kms:Decrypt", "Resource": "arn:aws:kms:*"`, "allow decrypt all"},
		"all in China":                 {`"Action": "kms:Decrypt", "Resource": "arn:aws-cn:kms:*:*:*"`, "allow decrypt all"},
		"as many characters as an ID":  {`"Action": "kms:Decrypt", "Resource": "arn:aws:kms:*:*:key/????????-????-????-????-????????????"`, "allow decrypt all"},
		"some keys":                    {`"Action": "kms:Decrypt", "Resource": "arn:aws:kms:*:*:key/1234*"`, "allow decrypt"},
		"multi-Region keys":            {`"Action": "kms:Decrypt", "Resource": "arn:aws:kms:*:*:key/mrk-*"`, "allow decrypt"},
		"aliases are no keys":          {`"Action": "kms:Decrypt", "Resource": "arn:aws:kms:*:*:alias/*"`, "allow decrypt"},
		"one of several":               {`"Action": "kms:Decrypt", "Resource": [` + key + `, "arn:aws:kms:*:*:key/*"]`, "allow decrypt all"},
		"not resource":                 {`"Action": "kms:Decrypt", "NotResource": ` + key, "allow decrypt all"},
		"resources of another service": {`"Action": "*", "Resource": "arn:aws:s3:::bucket/*"`, ""},
		"all secrets":                  {`"Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:*:*:secret:*"`, "allow read_secret all"},
		"all secrets with a suffix":    {`"Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:*:*:secret:*-??????"`, "allow read_secret all"},
		"some secrets":                 {`"Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:*:*:secret:prod/*"`, "allow read_secret"},
		"all secrets and one key": {
			`"Action": ["kms:Decrypt", "secretsmanager:GetSecretValue"], "Resource": ["arn:aws:secretsmanager:*:*:secret:*", ` + key + `]`,
			"allow read_secret all; allow decrypt",
		},
		"picked by alias":                                  {`"Action": "kms:Decrypt", "Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app"}}`, "allow decrypt"},
		"picked by tag":                                    {`"Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringLike": {"AWS:ResourceTag/team": "app-*"}}`, "allow decrypt"},
		"picked by the holder's tag":                       {`"Action": "secretsmanager:GetSecretValue", "Resource": "*", "Condition": {"StringEquals": {"secretsmanager:ResourceTag/team": "${aws:PrincipalTag/team}"}}`, "allow read_secret"},
		"picked by part of it":                             {`"Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringLike": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}-*"}}`, "allow decrypt"},
		"picked by its own tag":                            {`"Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "${aws:ResourceTag/team}"}}`, "allow decrypt all"},
		"picked as the caller asks":                        {`"Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "${aws:RequestTag/team}"}}`, "allow decrypt all"},
		"picked by any tag":                                {`"Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringLike": {"aws:ResourceTag/team": "*"}}`, "allow decrypt all"},
		"picked if it has a tag":                           {`"Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEqualsIfExists": {"aws:ResourceTag/team": "a"}}`, "allow decrypt all"},
		"not picked but how":                               {`"Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}`, "allow decrypt all"},
		"computed account":                                 {`"Action": "kms:*", "Resource": "arn:aws:kms:«one»:«one»:key/*"`, "allow " + everyOfKMS + " all"},
		"account not resolved":                             {`"Action": "kms:Decrypt", "Resource": "arn:aws:kms:«any»:«any»:key/*"`, "allow decrypt all"},
		"computed key":                                     {`"Action": "kms:Decrypt", "Resource": "«one»"`, "allow decrypt"},
		"computed and a wildcard":                          {`"Action": "secretsmanager:GetSecretValue", "Resource": "«one»*"`, "allow read_secret"},
		"key not resolved":                                 {`"Action": "kms:Decrypt", "Resource": "«any»"`, "open: Resource of statement 1"},
		"key ID not resolved":                              {`"Action": "kms:Decrypt", "Resource": "arn:aws:kms:eu-west-1:111122223333:key/«any»"`, "open: Resource of statement 1"},
		"in a bucket not resolved":                         {`"Action": "kms:Decrypt", "Resource": "arn:aws:s3:::«any»"`, ""},
		"a certain tail":                                   {`"Action": "kms:Decrypt", "Resource": "arn:aws:kms:«any»:key/1234abcd"`, "allow decrypt"},
		"known at its start":                               {`"Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:«any»"`, "open: Resource of statement 1"},
		"computed at its end":                              {`"Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:«one»"`, "allow read_secret"},
		"known up to its account":                          {`"Action": "kms:Decrypt", "Resource": "arn:aws:kms:eu-west-1:«any»"`, "open: Resource of statement 1"},
		"formatted as a whole":                             {`"Action": "kms:Decrypt", "Resource": "arn:aws:kms«any»"`, "open: Resource of statement 1"},
		"known up to its account, with a wildcard":         {`"Action": "kms:Decrypt", "Resource": "arn:aws:kms:eu-west-1:«any»*"`, "open: Resource of statement 1"},
		"computed up to its account, with a wildcard":      {`"Action": "kms:Decrypt", "Resource": "arn:aws:kms:eu-west-1:«one»*"`, "open: Resource of statement 1"},
		"known up to its service, with a wildcard":         {`"Action": "kms:Decrypt", "Resource": "arn:aws:kms:«any»*"`, "open: Resource of statement 1"},
		"a part of the account":                            {`"Action": "kms:Decrypt", "Resource": "arn:aws:kms:eu-west-1:1111«any»*"`, "open: Resource of statement 1"},
		"a suffix":                                         {`"Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:*:*:secret:«any»*"`, "open: Resource of statement 1"},
		"a computed suffix":                                {`"Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:*:*:secret:«one»*"`, "allow read_secret"},
		"computed partition":                               {`"Action": "kms:Decrypt", "Resource": "arn:«one»:kms:*:*:key/*"`, "allow decrypt all"},
		"partition not resolved":                           {`"Action": "kms:Decrypt", "Resource": "arn:«any»:kms:*:*:key/*"`, "allow decrypt all"},
		"a service that is not resolved":                   {`"Action": "kms:Decrypt", "Resource": "arn:aws:«any»:*:*:key/*"`, "open: Resource of statement 1"},
		"a key in any partition":                           {`"Action": "kms:Decrypt", "Resource": "arn:«one»:kms:*:*:key/1234"`, "allow decrypt"},
		"some keys, computed":                              {`"Action": "kms:Decrypt", "Resource": "arn:aws:kms:*:*:key/mrk-«any»*"`, "allow decrypt"},
		"a key ID that is a wildcard or not":               {`"Action": "kms:Decrypt", "Resource": "arn:aws:kms:*:*:«any»/*"`, "open: Resource of statement 1"},
		"tag in part resolved":                             {`"Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringLike": {"aws:ResourceTag/team": "a-«any»"}}`, "allow decrypt"},
		"tag by a variable that is not resolved":           {`"Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringLike": {"aws:ResourceTag/team": "${«any»}"}}`, "open: Condition of statement 1"},
		"tag by a variable known in part":                  {`"Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "${aws:«any»}"}}`, "open: Condition of statement 1"},
		"tag by a variable of the holder's, its name open": {`"Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringLike": {"aws:ResourceTag/team": "${aws:PrincipalTag/«any»}"}}`, "open: Condition of statement 1"},
		"tag whose variable begins in what is open":        {`"Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "a«any»ResourceTag/team}"}}`, "open: Condition of statement 1"},
		"every key in a computed partition":                {`"Action": "kms:Decrypt", "Resource": "arn:«one»:kms:*"`, "allow decrypt all"},
		"known up to its partition":                        {`"Action": "kms:Decrypt", "Resource": "arn:«any»:*"`, "open: Resource of statement 1"},
		"a variable that is computed":                      {`"Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringLike": {"aws:ResourceTag/team": "${«one»}"}}`, "open: Condition of statement 1"},
		"it covers all anyway":                             {`"Action": "kms:Decrypt", "Resource": ["«any»", "*"]`, "allow decrypt all"},
		"tag not resolved":                                 {`"Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringLike": {"aws:ResourceTag/team": "«any»"}}`, "open: Condition of statement 1"},
		"tag does not matter":                              {`"Action": "kms:Decrypt", "Resource": ` + key + `, "Condition": {"StringLike": {"aws:ResourceTag/team": "«any»"}}`, "allow decrypt"},
		"action not resolved":                              {`"Sid": "A", "Action": ["s3:GetObject", "«any»"], "Resource": "*"`, `open: Action of statement "A"`},
		"action of another service":                        {`"Action": "s3:«any»", "Resource": "*"`, ""},
		"action within a class":                            {`"Action": ["kms:*", "kms:«any»"], "Resource": "*"`, "allow " + everyOfKMS + " all"},
		"not action not resolved":                          {`"NotAction": ["iam:*", "«any»"], "Resource": "*"`, "open: Action of statement 1"},
		"effect not resolved":                              {`"Effect": "«any»", "Action": "kms:Decrypt", "Resource": "*"`, "open: Effect of statement 1"},
		"effect of no matter":                              {`"Effect": "«any»", "Action": "s3:*", "Resource": "*"`, ""},
		"deny not resolved":                                {`"Effect": "Deny", "Action": ["kms:Decrypt", "«any»"], "Resource": "«any»"`, "deny decrypt"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(c.statement, `"Effect"`) {
				c.statement = `"Effect": "Allow", ` + c.statement
			}
			if got := answer(awspolicy.Statements(parse(t, "{"+c.statement+"}"), "")); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// The caller of an identity's policy is its holder, so conditions on who calls hold it to itself, and those on networks say from where.
// Neither says which keys: such a grant is as wide as without them.
func TestConditionsThatAHolderMeets(t *testing.T) {
	for _, condition := range []string{
		`{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}`,
		`{"StringEquals": {"aws:PrincipalAccount": "111122223333"}}`,
		`{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app-*"}}`,
		`{"StringLike": {"aws:userid": "AROAEXAMPLEID:*"}}`,
		`{"StringEquals": {"kms:CallerAccount": "111122223333"}}`,
		`{"StringEquals": {"kms:CallerAccount": "«any»"}}`,
		`{"StringEquals": {"aws:SourceVpc": "vpc-1a2b3c4d"}}`,
		`{"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}`,
		`{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`,
	} {
		doc := parse(t, `{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": `+condition+`}`)
		if got := answer(awspolicy.Statements(doc, "")); got != "allow decrypt all" {
			t.Errorf("%s: got %q", condition, got)
		}
	}
}

// Whom a key's policy lets in, by the statement's principal.
func TestEveryone(t *testing.T) {
	for principal, want := range map[string]string{
		`"Principal": "*"`:          "allow decrypt everyone",
		`"Principal": {"AWS": "*"}`: "allow decrypt everyone",
		`"Principal": {"AWS": ["arn:aws:iam::111122223333:root", "*"]}`:               "allow decrypt everyone",
		`"NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}`:                   "allow decrypt everyone",
		`"Principal": {"AWS": "arn:aws:iam::111122223333:root"}`:                      "allow decrypt",
		`"Principal": {"AWS": "111122223333"}`:                                        "allow decrypt",
		`"Principal": {"Service": "logs.amazonaws.com"}`:                              "allow decrypt",
		`"Principal": {"AWS": "arn:aws:iam::«one»:root"}`:                             "allow decrypt",
		`"Principal": {"AWS": "arn:aws:iam::«any»:root"}`:                             "allow decrypt",
		`"Principal": {"AWS": "«one»"}`:                                               "allow decrypt",
		`"Principal": {"AWS": "«any»"}`:                                               "open: Principal of statement 1",
		`"Principal": "«any»"`:                                                        "open: Principal of statement 1",
		`"Principal": «any»`:                                                          "open: Principal of statement 1",
		`"Principal": {"AWS": «any»}`:                                                 "open: Principal of statement 1",
		`"Principal": {"AWS": ["«any»", "*"]}`:                                        "allow decrypt everyone",
		`"Principal": {"Service": "«any»"}`:                                           "allow decrypt",
		`"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}`: "deny decrypt",
	} {
		t.Run(principal, func(t *testing.T) {
			if !strings.Contains(principal, `"Effect"`) {
				principal += `, "Effect": "Allow"`
			}
			doc := parse(t, `{`+principal+`, "Action": "kms:Decrypt", "Resource": "*"}`)
			if got := answer(awspolicy.Statements(doc, "aws.kms.key")); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// In a resource policy "*" is that resource, and only actions on it count.
func TestResourcePolicy(t *testing.T) {
	doc := parse(t, `{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "*", "Resource": "*"}`)
	for guards, want := range map[string]string{
		"aws.kms.key":               "allow " + everyOfKMS,
		"aws.secretsmanager.secret": "allow administer,delete,read,read_secret,write_secret",
	} {
		if got := answer(awspolicy.Statements(doc, guards)); got != want {
			t.Errorf("%s: got %q, want %q", guards, got, want)
		}
	}
}

// Conditions that hold everybody to somebody, and those that only look so.
func TestRestricted(t *testing.T) {
	const restricts, not, open = "allow decrypt everyone restricted", "allow decrypt everyone", "open: Condition of statement 1"
	for condition, want := range map[string]string{
		`{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}`:                                                restricts,
		`{"StringEquals": {"AWS:principalorgid": ["o-a1b2c3d4e5", "o-f6"]}}`:                                      restricts,
		`{"StringEqualsIgnoreCase": {"aws:PrincipalOrgID": "O-A1B2"}}`:                                            restricts,
		`{"StringEquals": {"KMS:calleraccount": "111122223333"}}`:                                                 restricts,
		`{"StringEquals": {"kms:CallerAccount": "111122223333", "kms:ViaService": "s3.eu-west-1.amazonaws.com"}}`: restricts,
		`{"StringEquals": {"kms:CallerAccount": 111122223333}}`:                                                   restricts,
		`{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/*"}}`:                          restricts,
		`{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/r-ab12/*"}}`:                                   not,
		`{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app-*"}}`:                               restricts,
		`{"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/app"}}`:                                          not, // anybody can call a role that
		`{"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*"}}`:                                                  not,
		`{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::my-bucket"}}`:                                                restricts,
		`{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::my-*"}}`:                                                     not,
		`{"StringEquals": {"aws:SourceAccount": "111122223333"}}`:                                                 restricts,
		`{"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}`:                                                   restricts,
		`{"StringLike": {"aws:SourceVpc": "vpc-*"}}`:                                                              not,
		`{"StringLike": {"aws:userid": "AROAEXAMPLEID:*"}}`:                                                       restricts,
		`{"StringLike": {"aws:userid": "*:session"}}`:                                                             not,
		`{"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}`:                                    restricts,
		`{"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/1"]}}`:                                        not,
		`{"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`:                                                    not,

		`{"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}`:                                            not,
		`{"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1"}, "Null": {"aws:principalOrgId": "false"}}`:           restricts,
		`{"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1"}, "Null": {"aws:PrincipalOrgID": "true"}}`:            not,
		`{"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}`:                                       not,
		`{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}`:                                                 not,
		`{"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/x"}}`:                                    not,
		`{"Null": {"aws:PrincipalOrgID": "false"}}`:                                                                   not,
		`{"StringLike": {"aws:PrincipalOrgID": "*"}}`:                                                                 not,
		`{"StringLike": {"kms:CallerAccount": "????????????"}}`:                                                       not,
		`{"StringLike": {"kms:CallerAccount": ["111122223333", "*"]}}`:                                                not,
		`{"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}`:                                          not,
		`{"Bool": {"kms:GrantIsForAWSResource": "true"}}`:                                                             not,
		`{"Bool": {"aws:SecureTransport": true}}`:                                                                     not,
		`{"StringEquals": {"kms:EncryptionContext:app": "x"}}`:                                                        not,
		`{"StringEquals": {"aws:PrincipalTag/team": "x"}}`:                                                            not,
		`{"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}`:                                       not,
		`{"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}`:                                        restricts,
		`{"StringNotEquals": {"aws:SourceVpce": "vpce-1"}, "StringEquals": {"aws:PrincipalAccount": "111122223333"}}`: restricts,
		`{}`: not,

		`{"StringEquals": {"kms:CallerAccount": "«one»"}}`:                               restricts,
		`{"StringEquals": {"kms:CallerAccount": "«any»"}}`:                               open,
		`{"StringEquals": {"kms:CallerAccount": «any»}}`:                                 open,
		`{"StringEquals": «any»}`:                                                        open,
		`«any»`:                                                                          open,
		`{"«any»": {"kms:CallerAccount": "111122223333"}}`:                               open,
		`{"StringEquals": {"«any»": "x"}}`:                                               open,
		`{"StringEquals": {"s3:«any»": "x"}}`:                                            not,
		`{"StringNotEquals": {"«any»": "x"}}`:                                            not,
		`{"StringEquals": {"kms:ViaService": "«any»"}}`:                                  not,
		`{"StringLike": {"kms:CallerAccount": ["«any»", "*"]}}`:                          not,
		`{"StringEquals": {"kms:CallerAccount": "«any»", "aws:PrincipalOrgID": "o-a1"}}`: restricts,
		`{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/«any»"}}`:      restricts,
		`{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::«one»:role/app-*"}}`:             restricts,
		`{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::«any»:role/app"}}`:               open,
		`{"StringEqualsIfExists": {"kms:CallerAccount": "«any»"}}`:                       not,
		`{"IpAddress": {"aws:SourceIp": "«one»"}}`:                                       open,
		`{"StringLike": {"kms:CallerAccount": "${«any»}"}}`:                              open,
		`{"StringEquals": {"aws:PrincipalAccount": "${aws:«any»}"}}`:                     open,
		`{"StringLike": {"aws:PrincipalOrgPaths": "o-a1/${«any»"}}`:                      open,
		`{"StringLike": {"aws:PrincipalOrgID": "o-«any»"}}`:                              open,
		`{"StringLike": {"aws:PrincipalOrgID": "o-«any»*"}}`:                             not,
	} {
		t.Run(condition, func(t *testing.T) {
			doc := parse(t, `{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": `+condition+`}`)
			if got := answer(awspolicy.Statements(doc, "aws.kms.key")); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			doc.Statements[0].Principals = []awspolicy.Principal{{Type: "AWS", Value: "111122223333"}}
			if _, open := awspolicy.Statements(doc, "aws.kms.key"); open != "" {
				t.Errorf("open is %q although nobody else is let in", open)
			}
		})
	}
}

func TestAt(t *testing.T) {
	doc := parse(t, `[{"Sid": "Read", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}, {"Sid": "Use«one»", "Effect": "Allow", "Action": "kms:Sign", "Resource": "*"},
		{"Sid": "Last", "Effect": "Deny", "Action": "kms:Sign", "Resource": "*"}]`)
	stmts, open := awspolicy.Statements(doc, "")
	var at []string
	for _, s := range stmts {
		at = append(at, s.At)
	}
	if got := fmt.Sprint(at, open); got != "[#2 #3 Last]" {
		t.Errorf("statements at %s", got)
	}
	if stmts, _ := awspolicy.Statements(awspolicy.Document{}, ""); stmts == nil {
		t.Error("no statements are nil: that reads as not read")
	}
}

package aws_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	reach "github.com/keyreeve/keyreeve/scanner/reach/aws"
)

const (
	home   = "111122223333"
	vendor = "444455556666"
	sister = "777788889999"

	keyARN    = "arn:aws:kms:eu-west-1:" + home + ":key/k"
	secretARN = "arn:aws:secretsmanager:eu-west-1:" + home + ":secret:s-AbCdEf"

	toAccount = `{"Sid":"Account","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}`
	everyKey  = `{"Effect":"Allow","Action":"kms:*","Resource":"*"}`
)

func arnOf(name string) string { return "arn:aws:iam::" + home + ":" + name }

func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// to is a statement of a key policy; more is more of its JSON.
func to(sid, principal, action, more string) string {
	return fmt.Sprintf(`{"Sid":%q,"Effect":"Allow","Principal":{"AWS":%q},"Action":%s,"Resource":"*"%s}`, sid, principal, action, more)
}

// world is a small estate: an account with one key, and who is in it.
type world struct {
	key          []string          // statements of its policy; none: it was not read
	identities   map[string]string // "role/app" to a statement of its policy; "": it has none; "?": it was not read
	boundary     map[string]string // likewise, a statement of its boundary
	grants       []aws.Grant
	scps         []string // statements; none: no SCPs
	scpUnread    bool
	unlisted     string
	org          string
	sister       string // an account that is in the estate, too: "same", "other" or "unknown" says of which organization
	noRoot       bool   // the root user is not in the snapshot
	managed      bool
	keysUnlisted bool // keys and secrets were not looked for
	secret       bool // it has a secret under the key
	secretDoc    string
	trusting     string // whom a role beside them trusts
}

func (w *world) summaries(t testing.TB) *reach.Summaries {
	t.Helper()
	snap := &inventory.Snapshot{Scopes: []inventory.ScopeRead{
		{Scope: "aws/-/" + home + "/eu-west-1", Report: inventory.Report{Types: []string{"aws.kms.key", "aws.secretsmanager.secret"}}},
		{Scope: "aws/-/" + home + "/global", Report: inventory.Report{Types: []string{"aws.iam.user", "aws.iam.role", "aws.iam.group", "aws.iam.policy"}}},
	}}
	if w.keysUnlisted {
		snap.Scopes = snap.Scopes[1:]
	}
	add := func(id, typ string, kind inventory.Kind) *inventory.Resource {
		snap.Resources = append(snap.Resources, inventory.Resource{ID: inventory.ID(id), Type: typ, Kind: kind, Origin: inventory.Live, Scope: "aws/-/" + home + "/global"})
		return &snap.Resources[len(snap.Resources)-1]
	}
	account := aws.Account{ID: home, Org: w.org, Unlisted: w.unlisted}
	if w.org != "" {
		account.Path = []string{"r-1"}
	}
	if w.scpUnread {
		account.SCPs = [][]aws.Document{{aws.Unread("control policies", "denied")}}
	} else if w.scps != nil {
		account.SCPs = [][]aws.Document{{{Name: "scp", Text: json.RawMessage(document(w.scps...))}}}
	}
	e := aws.Estate{Accounts: []aws.Account{account}}
	switch w.sister {
	case "same":
		e.Accounts = append(e.Accounts, aws.Account{ID: sister, Org: w.org, Path: []string{"r-1"}})
	case "other":
		e.Accounts = append(e.Accounts, aws.Account{ID: sister, Org: "o-2", Path: []string{"r-2"}})
	case "unknown":
		e.Accounts = append(e.Accounts, aws.Account{ID: sister, OrgUnknown: true})
	}
	docs := func(name, statement string) []aws.Document {
		switch statement {
		case "":
			return nil
		case "?":
			return []aws.Document{aws.Unread(name, "denied")}
		}
		return []aws.Document{{Name: name, Text: json.RawMessage(document(statement))}}
	}
	var people []aws.Identity
	for name, statement := range w.identities {
		who := aws.Identity{ARN: arnOf(name), Identity: docs("policy", statement), Boundary: docs("boundary", w.boundary[name])}
		people = append(people, who)
		typ, kind := "aws.iam.role", inventory.KindTrust
		if strings.HasPrefix(name, "user/") {
			typ, kind = "aws.iam.user", inventory.KindPrincipal
		}
		r := add(who.ARN, typ, kind)
		if typ == "aws.iam.role" {
			r.Document = document(`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`)
		}
		if statement != "" && statement != "?" {
			r.Refs = []inventory.Ref{{Edge: "grants", To: inventory.ID(who.ARN + "#policy/p"), Target: "aws.iam.policy"}}
			add(who.ARN+"#policy/p", "aws.iam.policy", inventory.KindPolicy).Document = document(statement)
		}
	}
	if w.trusting != "" {
		add(arnOf("role/trusts"), "aws.iam.role", inventory.KindTrust).Document = document(fmt.Sprintf(`{"Effect":"Allow","Principal":{"AWS":%q},"Action":"sts:AssumeRole"}`, w.trusting))
	}
	k := add(keyARN, "aws.kms.key", inventory.KindKey)
	k.Key = &inventory.Key{Manager: "customer"}
	if w.managed {
		k.Key.Manager = "provider"
	}
	if !w.noRoot {
		add(arnOf("root"), "aws.iam.root", inventory.KindAccount)
	}
	target := aws.Target{ARN: keyARN, Policy: []aws.Document{aws.Unread("key policy", "denied")}, Grants: w.grants, Spec: "SYMMETRIC_DEFAULT", Usage: "ENCRYPT_DECRYPT", Origin: "AWS_KMS", MultiRegion: "NONE"}
	if w.key != nil {
		target.Policy = []aws.Document{{Name: "key policy", Text: json.RawMessage(document(w.key...))}}
	}
	targets := []aws.Target{target}
	if w.secret {
		targets = append(targets, aws.Target{ARN: secretARN, Key: keyARN, Policy: docs("resource policy", w.secretDoc)})
		add(secretARN, "aws.secretsmanager.secret", inventory.KindSecret)
	}
	if w.unlisted != "" {
		snap.Gaps = []inventory.Gap{{
			Scope: "aws/-/" + home + "/global", Types: []string{"aws.iam.user", "aws.iam.role", "aws.iam.policy", "aws.iam.group"}, What: "the list of identities",
			Why: inventory.Denied, Call: "iam:GetAccountAuthorizationDetails", Hint: "grant iam:GetAccountAuthorizationDetails",
		}}
	}
	e.Principals, e.Resources = slices.Values(people), slices.Values(targets)
	ix, err := aws.Build(e)
	if err != nil {
		t.Fatal(err)
	}
	return reach.Summarize(ix, snap)
}

func resource(id, typ string) *inventory.Resource {
	return &inventory.Resource{ID: inventory.ID(id), Type: typ, Origin: inventory.Live}
}

func ofKey(s *reach.Summaries) access.Found { return s.Found(resource(keyARN, "aws.kms.key")) }

// elsewhere are facts that single documents tell, not the index.
var elsewhere = []string{"access.everyone", "access.dangling", "access.wildcards", "access.federation"}

// said is a summary in one line, with short names.
func said(f access.Found) string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	short := func(arn string) string { return strings.TrimPrefix(arn, "arn:aws:iam::"+home+":") }
	for _, c := range f.Summary.Conflicts {
		add("conflict %s", short(c.Principal))
	}
	for _, g := range f.Summary.SelfGrants {
		add("self-grant %s %s", short(g.Principal), g.By)
	}
	for _, w := range f.Summary.AccountWide {
		add("account-wide %s %d", w.At, w.Beneficiaries)
	}
	for _, o := range f.Summary.Outsiders {
		add("outsider %s %s %v", o.Principal, o.At, o.Certain)
	}
	for _, g := range f.Summary.Grantors {
		add("grantor %s %s %v", short(g.Principal), g.At, g.Certain)
	}
	for _, b := range f.Summary.Bypasses {
		add("bypass %s %s", short(b.Principal), b.At)
	}
	for _, u := range f.Unknown {
		if u.Fact != "access.users" && u.Fact != "access.account_wide" && u.Fact != "access.more_beneficiaries" && !slices.Contains(elsewhere, u.Fact) {
			add("? %s", strings.TrimPrefix(u.Fact, "access."))
		}
	}
	return strings.Join(out, "; ")
}

// may is a statement of an identity's policy; more is more of its JSON.
func may(action, on, more string) string {
	return fmt.Sprintf(`{"Effect":"Allow","Action":%q,"Resource":%q%s}`, action, on, more)
}

func TestKeys(t *testing.T) {
	app, ops := arnOf("role/app"), arnOf("role/ops")
	byTag := may("kms:Decrypt", "*", `,"Condition":{"StringEquals":{"aws:ResourceTag/team":"x"}}`)
	byAlias := may("kms:Decrypt", "*", `,"Condition":{"ForAnyValue:StringLike":{"kms:ResourceAliases":"alias/app-*"}}`)
	roles := map[string]string{"role/app": "", "role/ops": ""}
	tests := []struct {
		name string
		w    world
		want string
	}{
		{"duties are separate", world{key: []string{to("Use", app, `"kms:Decrypt"`, ""), to("Admin", ops, `["kms:DisableKey","kms:ScheduleKeyDeletion"]`, "")}, identities: roles}, ""},
		{"one role uses and destroys", world{key: []string{to("Use", app, `["kms:Decrypt","kms:DisableKey"]`, "")}, identities: roles}, "conflict role/app"},
		{"two statements of one role", world{key: []string{to("Use", app, `"kms:Sign"`, ""), to("Admin", app, `"kms:PutKeyPolicy"`, "")}, identities: roles}, "conflict role/app"},
		{"encrypting only is no use", world{key: []string{to("Use", app, `["kms:Encrypt","kms:DisableKey"]`, "")}, identities: roles}, ""},
		{"administration under a condition", world{key: []string{to("Use", app, `"kms:Decrypt"`, ""), to("Admin", app, `"kms:DisableKey"`, `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)}, identities: roles}, ""},
		{"tagging where no right goes by tags", world{key: []string{to("Use", app, `["kms:Decrypt","kms:TagResource","kms:CreateAlias"]`, "")}, identities: roles}, ""},
		{
			"tagging where one does",
			world{key: []string{to("Use", app, `["kms:Decrypt","kms:TagResource"]`, ""), to("Tagged", ops, `"kms:Decrypt"`, `,"Condition":{"StringEquals":{"aws:ResourceTag/team":"x"}}`)}, identities: roles},
			"conflict role/app",
		},
		{"the console's actions of administrators", world{key: []string{to("Admin", ops, `["kms:Create*","kms:Disable*"]`, "")}, identities: roles}, "self-grant role/ops kms:CreateGrant; grantor role/ops Admin true"},
		{"an administrator", world{key: []string{to("Admin", ops, `["kms:PutKeyPolicy","kms:CreateGrant"]`, "")}, identities: roles}, "self-grant role/ops kms:PutKeyPolicy"},
		{
			"an administrator whose own policy denies the use",
			world{key: []string{to("Admin", ops, `"kms:PutKeyPolicy"`, "")}, identities: map[string]string{"role/ops": `{"Effect":"Deny","Action":["kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:Sign","kms:GenerateMac","kms:DeriveSharedSecret","kms:Decapsulate"],"Resource":"*"}`}},
			"",
		},
		{
			"grants for services of AWS only, as the console writes them",
			world{key: []string{to("Use", app, `"kms:Decrypt"`, ""), to("Attach", app, `["kms:CreateGrant","kms:ListGrants","kms:RevokeGrant"]`, `,"Condition":{"Bool":{"kms:GrantIsForAWSResource":"true"}}`)}, identities: roles},
			"",
		},
		{"grants of encryption only", world{key: []string{to("Grant", ops, `"kms:CreateGrant"`, `,"Condition":{"ForAllValues:StringEquals":{"kms:GrantOperations":["Encrypt"]}}`)}, identities: roles}, ""},
		{"grants to one grantee only", world{key: []string{to("Grant", ops, `"kms:CreateGrant"`, `,"Condition":{"StringEquals":{"kms:GranteePrincipal":"arn:aws:iam::111122223333:role/app"}}`)}, identities: roles}, ""},
		{"grants where limits are denied away", world{key: []string{to("Grant", ops, `"kms:CreateGrant"`, ""), `{"Effect":"Deny","Principal":"*","Action":"kms:CreateGrant","Resource":"*","Condition":{"Bool":{"kms:GrantIsForAWSResource":"false"}}}`}, identities: roles}, ""},
		{"grants under another condition", world{key: []string{to("Grant", ops, `"kms:CreateGrant"`, `,"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`)}, identities: roles}, "grantor role/ops Grant false"},
		{"a grant passes on what it holds only", world{key: []string{}, identities: roles, grants: []aws.Grant{{Grantee: ops, Operations: aws.Values{"CreateGrant"}}}}, ""},
		{"who sets the tag by which it gets in", world{key: []string{toAccount}, identities: map[string]string{"role/ops": byTag + `,` + may("kms:TagResource", "*", "")}}, "self-grant role/ops kms:TagResource"},
		{"who sets tags of another value", world{key: []string{toAccount}, identities: map[string]string{"role/ops": byTag + `,` + may("kms:TagResource", "*", `,"Condition":{"StringEquals":{"aws:RequestTag/team":"y"}}`)}}, ""},
		{"who sets tags of another name", world{key: []string{toAccount}, identities: map[string]string{"role/ops": byTag + `,` + may("kms:TagResource", "*", `,"Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"cost"}}`)}}, ""},
		{"who sets the tag, and the use is denied", world{key: []string{toAccount, `{"Effect":"Deny","Principal":{"AWS":"` + ops + `"},"Action":"kms:Decrypt","Resource":"*"}`}, identities: map[string]string{"role/ops": byTag + `,` + may("kms:TagResource", "*", "")}}, ""},
		{"who takes a tag away by setting another", world{key: []string{toAccount}, identities: map[string]string{"role/ops": may("kms:Decrypt", "*", `,"Condition":{"StringNotEquals":{"aws:ResourceTag/sealed":"yes"},"Null":{"aws:ResourceTag/sealed":"false"}}`) + `,` + may("kms:TagResource", "*", "")}}, "self-grant role/ops kms:TagResource"},
		{"who sets the tag that a denial spares", world{key: []string{toAccount}, identities: map[string]string{"role/ops": may("kms:Decrypt", "*", "") + `,` + may("kms:TagResource", "*", "") + `,{"Effect":"Deny","Action":"kms:Decrypt","Resource":"*","Condition":{"StringNotEquals":{"aws:ResourceTag/open":"yes"}}}`}}, "self-grant role/ops kms:TagResource"},
		{"who sets a tag where a denial asks for any", world{key: []string{toAccount, `{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"Null":{"aws:ResourceTag/owner":"true"}}}`}, identities: map[string]string{"role/ops": may("kms:Decrypt", "*", "") + `,` + may("kms:TagResource", "*", "")}}, "self-grant role/ops kms:TagResource"},
		{"who may not set the tag that a denial spares", world{key: []string{toAccount}, identities: map[string]string{"role/ops": may("kms:Decrypt", "*", "") + `,` + may("kms:TagResource", "*", `,"Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"cost"}}`) + `,{"Effect":"Deny","Action":"kms:Decrypt","Resource":"*","Condition":{"StringNotEquals":{"aws:ResourceTag/open":"yes"}}}`}}, ""},
		{"who makes the alias by which it gets in", world{key: []string{toAccount}, identities: map[string]string{"role/ops": byAlias + `,` + may("kms:CreateAlias", "*", "")}}, "self-grant role/ops kms:CreateAlias"},
		{"who may put on the key only an alias of another name", world{key: []string{toAccount}, identities: map[string]string{"role/ops": byAlias + `,` + may("kms:CreateAlias", keyARN, "") + `,` + may("kms:CreateAlias", "arn:aws:kms:eu-west-1:"+home+":alias/other-*", "")}}, ""},
		{"the account statement alone", world{key: []string{toAccount}, identities: roles}, ""},
		{"break-glass is told of the account", world{key: []string{toAccount}, identities: map[string]string{"role/admin": everyKey}}, "account-wide Account 1"},
		{"or of the key where the account is not there", world{key: []string{toAccount}, identities: map[string]string{"role/admin": everyKey}, noRoot: true}, "conflict role/admin; account-wide Account 1"},
		{"a statement about this key is told of the key", world{key: []string{toAccount}, identities: map[string]string{"role/app": `{"Effect":"Allow","Action":"kms:*","Resource":"` + keyARN + `"}`}}, "conflict role/app"},
		{"the account statement delegates reading only", world{key: []string{strings.Replace(toAccount, "kms:*", "kms:Describe*", 1)}, identities: map[string]string{"role/admin": everyKey}}, ""},
		{"a control policy forbids the use", world{key: []string{toAccount}, identities: map[string]string{"role/admin": everyKey}, scps: []string{`{"Effect":"Allow","Action":["kms:Describe*","kms:Disable*"],"Resource":"*"}`}}, ""},
		{"a service-linked role", world{key: []string{to("Use", arnOf("role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"), `["kms:Decrypt","kms:CreateGrant"]`, "")}, identities: map[string]string{"role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX": ""}}, ""},
		{"a key that AWS manages", world{key: []string{to("Use", app, `"kms:*"`, ""), to("Vendor", vendor, `"kms:Decrypt"`, "")}, identities: roles, managed: true}, ""},
		{"another account", world{key: []string{to("Vendor", "arn:aws:iam::"+vendor+":root", `"kms:Decrypt"`, "")}}, "outsider " + vendor + " Vendor false"},
		{"a role of another account", world{key: []string{to("", "arn:aws:iam::"+vendor+":role/x", `"kms:Decrypt"`, "")}}, "outsider arn:aws:iam::" + vendor + ":role/x #1 false"},
		{"everybody, held to another account", world{key: []string{to("Vendor", "*", `"kms:Decrypt"`, `,"Condition":{"StringEquals":{"kms:CallerAccount":"`+vendor+`"}}`)}}, "outsider " + vendor + " Vendor false"},
		{"everybody, held to accounts of which one is another", world{key: []string{to("Vendor", "*", `"kms:Decrypt"`, `,"Condition":{"StringEquals":{"aws:PrincipalAccount":["`+home+`","`+vendor+`"]}}`)}}, "outsider " + vendor + " Vendor false"},
		{"everybody, held to roles of another account", world{key: []string{to("Vendor", "*", `"kms:Decrypt"`, `,"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::`+vendor+`:role/app-*"}}`)}}, "outsider " + vendor + " Vendor false"},
		{"everybody, held to one role of another account", world{key: []string{to("Vendor", "*", `"kms:Decrypt"`, `,"Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::`+vendor+`:role/x"}}`)}}, "outsider arn:aws:iam::" + vendor + ":role/x Vendor false"},
		{"another account, held to one of its roles", world{key: []string{to("Vendor", "arn:aws:iam::"+vendor+":root", `"kms:Decrypt"`, `,"Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::`+vendor+`:role/x"}}`)}}, "outsider " + vendor + " Vendor false"},
		{"everybody, held to a role of the account that is not there", world{key: []string{to("Gone", "*", `"kms:Decrypt"`, `,"Condition":{"ArnEquals":{"aws:PrincipalArn":"`+arnOf("role/gone")+`"}}`)}, identities: roles}, ""},
		{"administration by another account is inert", world{key: []string{to("Vendor", "arn:aws:iam::"+vendor+":root", `["kms:PutKeyPolicy","kms:ScheduleKeyDeletion"]`, "")}}, ""},
		{"a grant to another account", world{key: []string{}, grants: []aws.Grant{{Grantee: "arn:aws:iam::" + vendor + ":role/x", Operations: aws.Values{"Decrypt"}}}}, "outsider arn:aws:iam::" + vendor + ":role/x grant #1 false"},
		{"an account of the organization", world{key: []string{to("Sister", "arn:aws:iam::"+sister+":root", `"kms:Decrypt"`, "")}, org: "o-1", sister: "same"}, ""},
		{"an account that is scanned along, of which organization is not known", world{key: []string{to("Sister", "arn:aws:iam::"+sister+":root", `"kms:Decrypt"`, "")}, org: "o-1", sister: "unknown"}, ""},
		{"an account that is scanned along, of another organization", world{key: []string{to("Sister", "arn:aws:iam::"+sister+":root", `"kms:Decrypt"`, "")}, org: "o-1", sister: "other"}, "outsider " + sister + " Sister true"},
		{"an account that is scanned along, of an organization, to one of none", world{key: []string{to("Sister", "arn:aws:iam::"+sister+":root", `"kms:Decrypt"`, "")}, sister: "other"}, "outsider " + sister + " Sister true"},
		{"an account that is not known to be of the organization", world{key: []string{to("Sister", "arn:aws:iam::"+sister+":root", `"kms:Decrypt"`, "")}, org: "o-1"}, "outsider " + sister + " Sister false"},
		{
			"a policy names a user, and the boundary does not allow it",
			world{key: []string{to("Use", arnOf("user/u"), `"kms:Decrypt"`, "")}, identities: map[string]string{"user/u": ""}, boundary: map[string]string{"user/u": `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`}},
			"bypass user/u Use",
		},
		{
			"a policy names a role",
			world{key: []string{to("Use", app, `"kms:Decrypt"`, "")}, identities: roles, boundary: map[string]string{"role/app": `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`}},
			"",
		},
		{
			"a boundary that allows it",
			world{key: []string{to("Use", arnOf("user/u"), `"kms:Decrypt"`, "")}, identities: map[string]string{"user/u": ""}, boundary: map[string]string{"user/u": everyKey}},
			"",
		},
		{
			"a policy names everybody of the account",
			world{key: []string{to("Use", "*", `"kms:Decrypt"`, `,"Condition":{"StringEquals":{"kms:CallerAccount":"111122223333"}}`)}, identities: roles, boundary: map[string]string{"role/app": `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`}},
			"bypass role/app Use",
		},
		{"the key policy was not read", world{identities: roles}, "? administrators; ? conflicts; ? self_grants; ? outsiders; ? grantors; ? bypasses"},
		{"identities were not listed", world{key: []string{toAccount}, unlisted: "denied"}, "? conflicts; ? self_grants; ? outsiders; ? grantors; ? bypasses"},
		{"a certain conflict stands, whatever was not read", world{key: []string{toAccount, to("Use", app, `["kms:Decrypt","kms:DisableKey"]`, "")}, identities: roles, unlisted: "denied"}, "conflict role/app; ? self_grants; ? outsiders; ? grantors; ? bypasses"},
		{"a policy of a role was not read", world{key: []string{toAccount}, identities: map[string]string{"role/app": "?"}}, "? conflicts; ? self_grants; ? grantors"},
		{"control policies were not read", world{key: []string{to("Use", app, `["kms:Decrypt","kms:DisableKey"]`, "")}, identities: roles, scpUnread: true}, "? conflicts"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := said(ofKey(tt.w.summaries(t)))
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestOtherSummaries(t *testing.T) {
	admin := map[string]string{"role/admin": everyKey}
	tests := []struct {
		name    string
		w       world
		id, typ string
		want    string
	}{
		{"break-glass, once for its account", world{key: []string{toAccount}, identities: admin}, arnOf("root"), "aws.iam.root", "conflict role/admin"},
		{"nobody", world{key: []string{toAccount}, identities: map[string]string{"role/app": ""}}, arnOf("root"), "aws.iam.root", ""},
		{"its policy was not read", world{key: []string{toAccount}, identities: map[string]string{"role/admin": "?"}}, arnOf("root"), "aws.iam.root", "? conflicts"},
		{"a policy about all keys", world{key: []string{toAccount}, identities: admin}, arnOf("role/admin#policy/p"), "aws.iam.policy", "reaches 1 0"},
		{"it is inert where the key policy does not delegate", world{key: []string{to("Use", arnOf("role/x"), `"kms:Decrypt"`, "")}, identities: admin}, arnOf("role/admin#policy/p"), "aws.iam.policy", ""},
		{"a boundary voids it", world{key: []string{toAccount}, identities: admin, boundary: map[string]string{"role/admin": `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`}}, arnOf("role/admin#policy/p"), "aws.iam.policy", ""},
		{"a boundary that was not read", world{key: []string{toAccount}, identities: admin, boundary: map[string]string{"role/admin": "?"}}, arnOf("role/admin#policy/p"), "aws.iam.policy", "? reaches.keys"},
		{"all actions but some", world{key: []string{toAccount}, identities: map[string]string{"role/admin": `{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`}}, arnOf("role/admin#policy/p"), "aws.iam.policy", "reaches 1 0"},
		{"a policy about one key", world{key: []string{toAccount}, identities: map[string]string{"role/app": `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"` + keyARN + `"}`}}, arnOf("role/app#policy/p"), "aws.iam.policy", ""},
		{"its role", world{key: []string{toAccount}, identities: map[string]string{"role/app": `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"` + keyARN + `"}`}}, arnOf("role/app"), "aws.iam.role", "reaches 1 0"},
		{"keys were not looked for", world{key: []string{}, keysUnlisted: true, identities: map[string]string{"role/app": ""}}, arnOf("role/app"), "aws.iam.role", "? reaches.keys; ? reaches.secrets; ? reaches.possible"},
		{"a role that reads metadata", world{key: []string{toAccount}, identities: map[string]string{"role/app": `{"Effect":"Allow","Action":"kms:Describe*","Resource":"*"}`}}, arnOf("role/app"), "aws.iam.role", ""},
		{
			"a secret under a key that its reader may not use",
			world{key: []string{}, secret: true, identities: map[string]string{"role/app": `{"Effect":"Allow","Action":["secretsmanager:GetSecretValue","secretsmanager:DeleteSecret"],"Resource":"` + secretARN + `"}`}},
			secretARN, "aws.secretsmanager.secret", "",
		},
		{
			"a secret that one role reads and deletes",
			world{key: []string{toAccount}, secret: true, identities: map[string]string{"role/app": `{"Effect":"Allow","Action":["kms:Decrypt","secretsmanager:GetSecretValue","secretsmanager:DeleteSecret"],"Resource":["` + secretARN + `","` + keyARN + `"]}`}},
			secretARN, "aws.secretsmanager.secret", "conflict role/app",
		},
		{
			"an administrator of a secret who may use its key",
			world{key: []string{toAccount}, secret: true, identities: map[string]string{"role/app": `{"Effect":"Allow","Action":["kms:Decrypt","secretsmanager:PutResourcePolicy"],"Resource":["` + secretARN + `","` + keyARN + `"]}`}},
			secretARN, "aws.secretsmanager.secret", "self-grant role/app secretsmanager:PutResourcePolicy",
		},
		{
			"an administrator of a secret who may not",
			world{key: []string{toAccount}, secret: true, identities: map[string]string{"role/app": `{"Effect":"Allow","Action":"secretsmanager:PutResourcePolicy","Resource":"` + secretARN + `"}`}},
			secretARN, "aws.secretsmanager.secret", "",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := tt.w.summaries(t).Found(resource(tt.id, tt.typ))
			if f.Summary == nil {
				t.Fatal("it was not asked about")
			}
			var parts []string
			if s := said(f); s != "" {
				parts = append(parts, s)
			}
			if r := f.Summary.Reaches; r.Keys+r.Secrets > 0 {
				parts = append(parts, fmt.Sprintf("reaches %d %d", r.Keys, r.Secrets))
			}
			if got := strings.Join(parts, "; "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// What a role or policy possibly reaches, and whether a role may go on to be somebody else, is no part of what it certainly reaches.
func TestFurtherReach(t *testing.T) {
	throughS3 := `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}}`
	const buckets = `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`
	role, policy := "role/app", "role/app#policy/p"
	one := func(statement string) map[string]string { return map[string]string{role: statement} }
	for _, tt := range []struct {
		name, id string
		w        world
		want     access.Reach
	}{
		{"buckets alone", role, world{key: []string{toAccount}, identities: one(buckets)}, access.Reach{}},
		{"keys through a service", role, world{key: []string{toAccount}, identities: one(throughS3)}, access.Reach{Possible: 1}},
		{"a policy about keys through a service", policy, world{key: []string{toAccount}, identities: one(throughS3)}, access.Reach{Possible: 1}},
		{"where the key policy does not delegate", policy, world{key: []string{to("Use", arnOf("role/x"), `"kms:Decrypt"`, "")}, identities: one(throughS3)}, access.Reach{}},
		{"what the key policy gives its holder, the policy does not", policy, world{key: []string{to("Use", arnOf(role), `"kms:Decrypt"`, "")}, identities: one(everyKey)}, access.Reach{}},
		{"under a condition of the key policy", role, world{key: []string{to("Use", arnOf(role), `"kms:Decrypt"`, `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)}, identities: one("")}, access.Reach{Possible: 1}},
		{"a role that may assume others", role, world{key: []string{toAccount}, identities: one(`{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}`)}, access.Reach{Onward: true}},
		{"a role that may write policies", role, world{key: []string{toAccount}, identities: one(`{"Effect":"Allow","Action":"iam:Put*","Resource":"*"}`)}, access.Reach{Onward: true}},
		{"a role of all actions but some", role, world{key: []string{to("Use", arnOf("role/x"), `"kms:Decrypt"`, "")}, identities: one(`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`)}, access.Reach{Onward: true}},
		{"a role that another trusts by name", role, world{key: []string{toAccount}, identities: one(buckets), trusting: arnOf(role)}, access.Reach{Onward: true}},
		{"a role of which another trusts a session", role, world{key: []string{toAccount}, identities: one(buckets), trusting: "arn:aws:sts::" + home + ":assumed-role/app/s"}, access.Reach{Onward: true}},
		{"a role that everybody may be", role, world{key: []string{toAccount}, identities: one(buckets), trusting: "*"}, access.Reach{Onward: true}},
		{"a role that another is trusted beside", role, world{key: []string{toAccount}, identities: one(buckets), trusting: arnOf("role/other")}, access.Reach{}},
		{"a role that its account is trusted beside, which leaves it to policies", role, world{key: []string{toAccount}, identities: one(buckets), trusting: arnOf("root")}, access.Reach{}},
	} {
		typ := "aws.iam.role"
		if tt.id == policy {
			typ = "aws.iam.policy"
		}
		got := tt.w.summaries(t).Found(resource(arnOf(tt.id), typ)).Summary.Reaches
		if got.Worst = nil; fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestCounts(t *testing.T) {
	w := world{key: []string{toAccount, to("Use", arnOf("role/app"), `"kms:Decrypt"`, ""), to("Later", arnOf("role/ops"), `"kms:Decrypt"`, `,"Condition":{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}`)}, identities: map[string]string{"role/app": "", "role/ops": ""}}
	s := ofKey(w.summaries(t)).Summary
	root := arnOf("root")
	if want := (access.Count{Certain: 2, Possible: 1, Worst: []string{arnOf("role/app"), root, arnOf("role/ops")}}); fmt.Sprint(s.Users) != fmt.Sprint(want) {
		t.Errorf("users: got %v, want %v", s.Users, want)
	}
	if want := (access.Count{Certain: 1, Worst: []string{root}}); fmt.Sprint(s.Administrators) != fmt.Sprint(want) {
		t.Errorf("administrators: got %v, want %v: the root user counts where the account statement is", s.Administrators, want)
	}
}

// What was not read is told with what would answer it.
func TestUnknownSaysWhatWouldAnswer(t *testing.T) {
	w := world{key: []string{toAccount}, unlisted: "denied"}
	f := ofKey(w.summaries(t))
	i := slices.IndexFunc(f.Unknown, func(u inventory.Unknown) bool { return u.Fact == "access.conflicts" })
	if i < 0 {
		t.Fatalf("conflicts are not unknown: %v", f.Unknown)
	}
	if u := f.Unknown[i]; u.Why != inventory.Denied || u.Call != "iam:GetAccountAuthorizationDetails" || u.Hint == "" {
		t.Errorf("got %+v", u)
	}
}

// TestBeneficiaries holds what is not known of those who use a key by policies about all keys to what was not read.
func TestBeneficiaries(t *testing.T) {
	tests := []struct {
		name    string
		w       world
		certain int
		unknown []string
	}{
		{"all was read", world{key: []string{toAccount}, identities: map[string]string{"role/admin": everyKey}}, 1, nil},
		{"identities were not listed", world{key: []string{toAccount}, identities: map[string]string{"role/admin": everyKey}, unlisted: "denied"}, 1, []string{"access.more_beneficiaries"}},
		{"a policy of a role was not read", world{key: []string{toAccount}, identities: map[string]string{"role/admin": everyKey, "role/app": "?"}}, 1, []string{"access.more_beneficiaries"}},
		{"nor does the key policy leave anything to it", world{key: []string{to("Use", arnOf("role/x"), `"kms:Decrypt"`, "")}, identities: map[string]string{"role/app": "?"}, unlisted: "denied"}, 0, nil},
		{"the key policy was not read", world{identities: map[string]string{"role/admin": everyKey}}, 0, []string{"access.account_wide", "access.more_beneficiaries"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := ofKey(tt.w.summaries(t))
			n := 0
			for _, w := range f.Summary.AccountWide {
				n += w.Beneficiaries
			}
			var unknown []string
			for _, u := range f.Unknown {
				if u.Fact == "access.account_wide" || u.Fact == "access.more_beneficiaries" {
					unknown = append(unknown, u.Fact)
				}
			}
			if n != tt.certain || !slices.Equal(unknown, tt.unknown) {
				t.Errorf("got %d and unknown %q, want %d and %q", n, unknown, tt.certain, tt.unknown)
			}
		})
	}
}

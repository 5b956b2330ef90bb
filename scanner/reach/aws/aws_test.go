package aws

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

const (
	number       = "111122223333"
	iam          = "arn:aws:iam::" + number + ":"
	keyARN       = "arn:aws:kms:eu-west-1:" + number + ":key/k1"
	dbARN        = "arn:aws:secretsmanager:eu-west-1:" + number + ":secret:app/db-a1b2c3"
	toTheAccount = `{"Version":"2012-10-17","Statement":[{"Sid":"Root","Effect":"Allow","Principal":{"AWS":"` + iam + `root"},"Action":"kms:*","Resource":"*"}]}`
	decrypts     = `{"Version":"2012-10-17","Statement":[{"Sid":"Use","Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}]}`
	reads        = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`
	everything   = `{"Version":"2012-10-17","Statement":[{"Sid":"Full","Effect":"Allow","Action":"*","Resource":"*"}]}`
	broken       = "{\"Version\":\"2012-10-17\",\n\"Statement\":[{\"Effect\":\"Allow\",]}"
	byEC2        = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
)

// snapshot is a snapshot of one account, all of which was read.
func snapshot(resources ...inventory.Resource) *inventory.Snapshot {
	s := &inventory.Snapshot{Resources: resources, Scopes: []inventory.ScopeRead{
		{Scope: "aws/-/" + number + "/eu-west-1", Report: inventory.Report{Types: []string{grantType, keyType, "aws.kms.policy", secretType}}},
		{Scope: "aws/-/" + number + "/global", Report: inventory.Report{Types: []string{groupType, policyType, roleType, userType}}},
		{Scope: "aws/-/" + number + "/organization", Report: inventory.Report{Types: []string{memberType, controlType}}},
	}}
	for i := range s.Resources {
		r := &s.Resources[i]
		r.Origin = inventory.Live
		place := "eu-west-1"
		switch {
		case strings.HasPrefix(r.Type, "aws.iam."):
			place = "global"
		case strings.HasPrefix(r.Type, "aws.organizations."):
			place = organizationPart
			s.Scopes[2].Resources++
		}
		r.Scope = inventory.NewScope("aws", "-", number, place)
	}
	return s
}

func policy(id, typ, name, text string) inventory.Resource {
	return inventory.Resource{ID: inventory.ID(id), Type: typ, Kind: inventory.KindPolicy, Name: name, Policy: &inventory.Policy{}, Document: text}
}

func key(id string, aliases ...string) inventory.Resource {
	none := 0
	r := inventory.Resource{
		ID: inventory.ID(id), Type: keyType, Kind: inventory.KindKey, Name: id, Tags: map[string]string{},
		Key: &inventory.Key{Spec: "SYMMETRIC_DEFAULT", Algorithm: "aes", Usages: []string{"decrypt", "encrypt"}, Manager: "customer", Origin: "generated", MultiRegion: "single", Grants: &none},
	}
	for _, a := range aliases {
		r.Refs = append(r.Refs, inventory.Ref{Edge: "alias", To: inventory.ID(strings.Split(id, "key/")[0] + a), Target: aliasType, Name: a})
	}
	return r
}

func secret(id, name, key string) inventory.Resource {
	r := inventory.Resource{ID: inventory.ID(id), Type: secretType, Kind: inventory.KindSecret, Name: name, Tags: map[string]string{}, Secret: &inventory.Secret{}}
	if key != "" {
		r.Refs = []inventory.Ref{{Edge: "uses", To: inventory.ID(key), Target: keyType, Name: key}}
	}
	return r
}

func noPolicy(of string) inventory.Resource {
	r := policy(of+policySuffix, "aws.secretsmanager.policy", of, "")
	r.Policy.Statements = []inventory.Statement{}
	return r
}

func grants(policy string) inventory.Ref {
	return inventory.Ref{Edge: "grants", To: inventory.ID(policy), Target: policyType, Name: policy[strings.LastIndexByte(policy, '/')+1:]}
}

func role(name, trust string, refs ...inventory.Ref) inventory.Resource {
	return inventory.Resource{ID: inventory.ID(iam + "role/" + name), Type: roleType, Kind: inventory.KindTrust, Name: name, Tags: map[string]string{}, Refs: refs, Trust: &inventory.Trust{}, Document: trust}
}

func principal(typ, name string, refs ...inventory.Ref) inventory.Resource {
	return inventory.Resource{
		ID: inventory.ID(iam + strings.TrimPrefix(typ, "aws.iam.") + "/" + name), Type: typ, Kind: inventory.KindPrincipal, Name: name, Tags: map[string]string{}, Refs: refs, Principal: &inventory.Principal{},
	}
}

// base is an account with one key that leaves all to IAM, and a role, a user and a member of a group that may decrypt.
func base() []inventory.Resource {
	const managed = iam + "policy/decrypts"
	return []inventory.Resource{
		key(keyARN, "alias/payments"), policy(keyARN+policySuffix, "aws.kms.policy", "k1", toTheAccount),
		policy(managed, policyType, "decrypts", decrypts), policy(iam+"role/team/app#policy/own", policyType, "own", decrypts),
		role("team/app", byEC2, inventory.Ref{Edge: "grants", To: iam + "role/team/app#policy/own", Target: policyType, Name: "own"}), role("idle", byEC2),
		principal(userType, "ann", grants(managed)), principal(groupType, "operators", grants(managed)),
		principal(userType, "bob", inventory.Ref{Edge: "member_of", To: iam + "group/operators", Target: groupType, Name: "operators"}),
	}
}

// change changes one resource of a list.
func change(list []inventory.Resource, id string, how func(*inventory.Resource)) []inventory.Resource {
	i := slices.IndexFunc(list, func(r inventory.Resource) bool { return string(r.ID) == id })
	how(&list[i])
	return list
}

func without(list []inventory.Resource, id string) []inventory.Resource {
	return slices.DeleteFunc(list, func(r inventory.Resource) bool { return string(r.ID) == id })
}

// holders writes who may: "role/app allowed", "user/ann conditional: policy decrypts unread".
func holders(h access.Holders) (out []string) {
	for _, x := range h.Holders {
		s := lastPart(x.Principal) + " " + string(x.Decision)
		for _, r := range x.Residual {
			s += " if " + r.Key
		}
		for _, u := range x.Unread {
			s += " unless " + u.Document
		}
		out = append(out, s)
	}
	return out
}

func TestWho(t *testing.T) {
	everybody := []string{"role/team/app allowed", "root allowed", "user/ann allowed", "user/bob allowed"}
	member := func(path []string, controls ...string) inventory.Resource {
		no := false
		return inventory.Resource{
			ID: "arn:aws:organizations::999988887777:account/o-a/" + number, Type: memberType, Kind: inventory.KindAccount,
			Account: &inventory.Account{Organization: "o-a", Management: &no, Path: path, Controls: controls, Status: "active"},
		}
	}
	scp := func(id, text string, targets ...string) inventory.Resource {
		r := policy("arn:aws:organizations::999988887777:policy/o-a/service_control_policy/"+id, controlType, id, text)
		r.Policy.Control, r.Policy.Targets = "scp", targets
		return r
	}
	deny := strings.Replace(strings.Replace(everything, "Allow", "Deny", 1), `"*"`, `"kms:Decrypt"`, 1)
	for _, c := range []struct {
		name      string
		resources []inventory.Resource
		edit      func(*inventory.Snapshot)
		on        inventory.ID
		action    string
		want      []string
		unread    []string // documents
	}{
		{name: "all is read", resources: base(), want: everybody},
		{name: "a key policy that was not read", resources: change(base(), keyARN+policySuffix, func(r *inventory.Resource) {
			r.Document, r.Unknown = "", []inventory.Unknown{{Fact: "policy.statements", Why: inventory.Denied, Call: "kms:GetKeyPolicy"}}
		}), want: []string{
			"* conditional unless key policy", "role/idle conditional unless key policy", "role/team/app conditional unless key policy", "root conditional unless key policy",
			"user/ann conditional unless key policy", "user/bob conditional unless key policy",
		}, unread: []string{"key policy"}},
		{name: "a key policy that is no JSON", resources: change(base(), keyARN+policySuffix, func(r *inventory.Resource) { r.Document = broken }), want: []string{
			"* conditional unless key policy", "role/idle conditional unless key policy", "role/team/app conditional unless key policy", "root conditional unless key policy",
			"user/ann conditional unless key policy", "user/bob conditional unless key policy",
		}, unread: []string{"key policy"}},
		{name: "an attached policy that is no JSON", resources: change(base(), iam+"policy/decrypts", func(r *inventory.Resource) { r.Document = broken }), want: []string{
			"role/team/app allowed", "root allowed", "user/ann conditional unless policy decrypts", "user/bob conditional unless policy decrypts of group operators",
		}},
		{name: "a boundary with a statement that has no effect", resources: change(append(base(), policy(iam+"policy/reads", policyType, "reads", strings.Replace(reads, "Allow", "Permit", 1))), iam+"user/ann", func(r *inventory.Resource) {
			r.Refs = append(r.Refs, inventory.Ref{Edge: "boundary", To: iam + "policy/reads", Target: policyType, Name: "reads"})
		}), want: []string{"role/team/app allowed", "root allowed", "user/bob allowed", "user/ann conditional unless boundary reads"}},
		{name: "an attached policy that is not there", resources: without(base(), iam+"policy/decrypts"), want: []string{
			"role/team/app allowed", "root allowed", "user/ann conditional unless policy decrypts", "user/bob conditional unless policy decrypts of group operators",
		}},
		{name: "a group that is not there", resources: without(base(), iam+"group/operators"), want: []string{
			"role/team/app allowed", "root allowed", "user/ann allowed", "user/bob conditional unless policies of group operators",
		}},
		{name: "grants that were not read", resources: change(base(), keyARN, func(r *inventory.Resource) { r.Key.Grants = nil }), want: append(slices.Clone(everybody),
			"* conditional unless grants", "role/idle conditional unless grants"), unread: []string{"grants"}},
		{name: "a grant under a constraint", resources: append(base(), inventory.Resource{
			ID: keyARN + "#grant/1", Type: grantType, Kind: inventory.KindPolicy, Refs: []inventory.Ref{{Edge: "names", To: keyARN, Target: keyType}},
			Policy: &inventory.Policy{Grant: &inventory.Grant{Grantee: iam + "role/idle", Operations: []string{"Decrypt"}, ContextSubset: []string{"app"}, Count: 2}},
		}), want: append(slices.Clone(everybody), "role/idle conditional if kms:EncryptionContext:app")},
		{name: "a boundary", resources: change(append(base(), policy(iam+"policy/reads", policyType, "reads", reads)), iam+"user/ann", func(r *inventory.Resource) {
			r.Refs = append(r.Refs, inventory.Ref{Edge: "boundary", To: iam + "policy/reads", Target: policyType, Name: "reads"})
		}), want: []string{"role/team/app allowed", "root allowed", "user/bob allowed"}},
		{name: "an SCP of a unit", resources: append(base(), member([]string{"r-1", "ou-1"}, "scp"), scp("p-full", everything, "r-1", "ou-1", number), scp("p-deny", deny, "ou-1"))},
		{name: "an SCP of another unit", resources: append(base(), member([]string{"r-1", "ou-1"}, "scp"), scp("p-full", everything, "r-1", "ou-1", number), scp("p-deny", deny, "ou-2")), want: everybody},
		{name: "no kind of policy is in force", resources: append(base(), func() inventory.Resource { m := member([]string{"r-1"}); m.Account.Controls = []string{}; return m }()), want: everybody},
		{name: "a level on which no SCP was listed", resources: append(base(), member([]string{"r-1"}, "scp"), scp("p-full", everything, "r-1")), want: unless(everybody, "SCPs on "+number)},
		{name: "an SCP whose targets are not known", resources: append(base(), member([]string{"r-1"}, "scp"), scp("p-full", everything, "r-1", number), func() inventory.Resource {
			r := scp("p-deny", deny)
			r.Policy.Targets = nil
			return r
		}()), want: unless(everybody, "SCP p-deny")},
		{name: "an organization that was not read", resources: base(), edit: func(s *inventory.Snapshot) { s.Scopes = s.Scopes[:2] }, want: unless(everybody, "control policies")},
		{name: "an organization whose policies were refused", resources: append(base(), member([]string{"r-1"}, "scp"), scp("p-full", everything, "r-1", number)), edit: func(s *inventory.Snapshot) {
			s.Gaps = []inventory.Gap{{Scope: s.Scopes[2].Scope, Types: []string{controlType}, What: "the list of policies", Why: inventory.Denied}}
		}, want: unless(everybody, "SCPs on r-1 unless SCPs on "+number)},
		{name: "identities that were refused", resources: base(), edit: func(s *inventory.Snapshot) {
			s.Gaps = []inventory.Gap{{Scope: s.Scopes[1].Scope, Types: []string{userType}, What: "the list of identities", Why: inventory.Denied}}
		}, want: everybody, unread: []string{"list of principals"}},
		{name: "identities that nobody asked for", resources: base()[:2], edit: func(s *inventory.Snapshot) { s.Scopes = slices.Delete(s.Scopes, 1, 2) }, want: []string{"root allowed"}, unread: []string{"list of principals"}},
		{
			name: "a secret under an alias", on: dbARN, action: "getsecretvalue", resources: append(base(), secret(dbARN, "app/db", "arn:aws:kms:eu-west-1:"+number+":alias/payments"), noPolicy(dbARN),
				policy(iam+"policy/reads", policyType, "reads", reads), principal(userType, "cy", grants(iam+"policy/reads")), principal(userType, "dan", grants(iam+"policy/reads"), grants(iam+"policy/decrypts"))),
			want: []string{"root allowed", "user/dan allowed"},
		},
		{
			name: "a secret under a key that was not read", on: dbARN, action: "GetSecretValue", resources: append(base(), secret(dbARN, "app/db", "arn:aws:kms:eu-west-1:"+number+":alias/other"), noPolicy(dbARN)),
			want: []string{"root conditional unless policy of arn:aws:kms:eu-west-1:" + number + ":key/alias/other unless tags unless aliases unless grants"},
		},
		{name: "a grant for one secret, which is not kept", on: dbARN, action: "GetSecretValue", resources: append(base(), secret(dbARN, "app/db", keyARN), noPolicy(dbARN),
			policy(iam+"policy/reads", policyType, "reads", reads), role("reader", byEC2, grants(iam+"policy/reads")), inventory.Resource{
				ID: keyARN + "#grant/1", Type: grantType, Kind: inventory.KindPolicy, Refs: []inventory.Ref{{Edge: "names", To: keyARN, Target: keyType}},
				Policy: &inventory.Policy{Grant: &inventory.Grant{Grantee: iam + "role/reader", Operations: []string{"Decrypt"}, ContextSubset: []string{"SecretARN"}, Count: 1}},
			}), want: []string{"root allowed", "role/reader conditional if kms:EncryptionContext:SecretARN"}},
		{name: "a secret under the key of AWS", on: dbARN, action: "secretsmanager:GETSECRETVALUE", resources: append(base(), secret(dbARN, "app/db", ""), noPolicy(dbARN)), want: []string{"root allowed"}},
		{name: "a key of AWS", resources: change(without(base(), keyARN+policySuffix), keyARN, func(r *inventory.Resource) { r.Key.Manager, r.Refs[0].Name = "provider", "alias/aws/s3" }), want: []string{
			"* conditional unless key policy", "role/idle conditional unless key policy", "role/team/app conditional unless key policy", "root conditional unless key policy",
			"user/ann conditional unless key policy", "user/bob conditional unless key policy",
		}, unread: []string{"key policy"}},
		{name: "what files declare", resources: base(), edit: func(s *inventory.Snapshot) {
			r := principal(userType, "eve", grants(iam+"policy/decrypts"))
			r.Origin, r.Scope = inventory.Declared, "repo/infra"
			s.Resources = append(s.Resources, r)
		}, want: everybody},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := snapshot(c.resources...)
			if c.edit != nil {
				c.edit(s)
			}
			if c.on == "" {
				c.on, c.action = keyARN, "decrypt"
			}
			e, err := New(s)
			if err != nil {
				t.Fatal(err)
			}
			h, err := e.Who(c.action, c.on)
			if err != nil {
				t.Fatal(err)
			}
			var unread []string
			for _, u := range h.Unread {
				unread = append(unread, u.Document)
			}
			if got := holders(h); !slices.Equal(got, c.want) {
				t.Errorf("who may:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if !slices.Equal(unread, c.unread) {
				t.Errorf("unread: %q; want %q", unread, c.unread)
			}
			slices.Reverse(s.Resources)
			slices.Reverse(s.Scopes)
			again, err := New(s)
			if err != nil {
				t.Fatal(err)
			}
			if other, err := again.Who(c.action, c.on); err != nil || fmt.Sprint(other) != fmt.Sprint(h) {
				t.Errorf("in another order: %v, %v; want %v", other, err, h)
			}
		})
	}
}

// unless makes allowed holders conditional.
func unless(list []string, document string) (out []string) {
	for _, s := range list {
		out = append(out, strings.Replace(s, " allowed", " conditional unless "+document, 1))
	}
	return out
}

func TestFind(t *testing.T) {
	const twin = "arn:aws:kms:us-east-1:" + number + ":key/k2"
	e, err := New(snapshot(append(base(), key(twin, "alias/payments", "alias/twin"), secret(dbARN, "app/db", ""))...))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]inventory.ID{
		keyARN: {keyARN}, "k1": {keyARN}, "alias/payments": {keyARN, twin}, "payments": {keyARN, twin}, "twin": {twin}, "arn:aws:kms:eu-west-1:" + number + ":alias/payments": {keyARN},
		dbARN: {dbARN}, strings.TrimSuffix(dbARN, "-a1b2c3"): {dbARN}, "app/db": {dbARN}, "app": nil, "": nil,
	} {
		if got := e.Find(name); !slices.Equal(got, want) {
			t.Errorf("%q means %q; want %q", name, got, want)
		}
	}
}

func TestExplain(t *testing.T) {
	wide := strings.Replace(strings.Replace(toTheAccount, `"Statement":[`, "\n\"Statement\":[\n", 1), "}]}", "}\n]}", 1)
	e, err := New(snapshot(change(base(), keyARN+policySuffix, func(r *inventory.Resource) { r.Document = wide })...))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ principal, action, want, err string }{
		{iam + "user/ann", "kms:Decrypt", "allowed by key policy Root line 3, policy decrypts Use; fix key policy Root", ""},
		{"user/ann", "DECRYPT", "allowed by key policy Root line 3, policy decrypts Use; fix key policy Root", ""},
		{"role/app", "decrypt", "allowed by key policy Root line 3, policy own Use; fix key policy Root", ""},
		{"role/team/app", "decrypt", "allowed by key policy Root line 3, policy own Use; fix key policy Root", ""},
		{"arn:aws:sts::" + number + ":assumed-role/app/session", "decrypt", "allowed by key policy Root line 3, policy own Use; fix key policy Root", ""},
		{"role/idle", "decrypt", "denied by", ""},
		{"user/an", "decrypt", "", `did you mean "user/ann"?`},
		{iam + "user/nobody", "decrypt", "", "it is not among those that were read"},
		{"user/ann", "decrypts", "", `action "decrypts" is none on a KMS key; did you mean "kms:Decrypt"?`},
		{"user/ann", "s3:GetObject", "", `action "s3:GetObject" is none on a KMS key`},
	} {
		x, err := e.Explain(c.principal, c.action, keyARN)
		if err != nil || c.err != "" {
			if err == nil || c.err == "" || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s %s: error %v; want %q", c.principal, c.action, err, c.err)
			}
			continue
		}
		var because []string
		for _, b := range x.Direct.Because {
			s := b.Document + " " + b.Statement
			if b.Line > 0 {
				s += fmt.Sprint(" line ", b.Line)
			}
			because = append(because, s)
		}
		got := strings.TrimSpace(string(x.Direct.Decision) + " by " + strings.Join(because, ", "))
		for _, f := range x.Fix {
			got += "; fix " + f.Document + " " + f.Statement
		}
		if got != c.want {
			t.Errorf("%s %s: %s; want %s", c.principal, c.action, got, c.want)
		}
	}
}

func TestOfSeveralRolesTheNameIsAsked(t *testing.T) {
	e, err := New(snapshot(append(base(), role("other/app", byEC2))...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Explain("role/app", "decrypt", keyARN); err == nil || !strings.Contains(err.Error(), "may be any of 2: "+iam+"role/other/app, "+iam+"role/team/app") {
		t.Errorf("error: %v", err)
	}
}

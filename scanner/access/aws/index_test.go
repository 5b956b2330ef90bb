package aws

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
)

const (
	homeID   = "111122223333"
	abroadID = "444455556666"
	abroadA  = "arn:aws:iam::444455556666:role/a"
	abroadB  = "arn:aws:iam::444455556666:role/b"
	ownerARN = "arn:aws:iam::111122223333:root"
)

func docsOf(name string, texts ...string) (out []Document) {
	for _, t := range texts {
		out = append(out, Document{Name: name, Text: json.RawMessage(strings.ReplaceAll(t, "'", `"`))})
	}
	return out
}

// small is an estate of two accounts with a key: a role at home, and two alike abroad that may do anything.
type small struct {
	accounts   []Account
	principals []Identity
	targets    []Target
}

func newSmall(keyPolicy ...string) *small {
	all := docsOf("all", doc(everything))
	return &small{
		accounts:   []Account{{ID: homeID, Org: "o-1", Path: []string{"r-1"}}, {ID: abroadID, Org: "o-1", Path: []string{"r-1"}}},
		principals: []Identity{{ARN: roleARN}, {ARN: abroadA, Identity: all}, {ARN: abroadB, Identity: all}},
		targets:    []Target{{ARN: keyARN, Policy: docsOf("policy of the key", doc(keyPolicy...))}},
	}
}

func (s *small) build(t *testing.T) *Index {
	t.Helper()
	ix, err := Build(Estate{Accounts: s.accounts, Principals: slices.Values(s.principals), Resources: slices.Values(s.targets)})
	if err != nil {
		t.Fatal(err)
	}
	return ix
}

// holders lists who may do something, those who only might with "?".
func holders(t *testing.T, ix *Index, arn, action string) string {
	t.Helper()
	found, err := ix.Who(arn, action)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, h := range found.List {
		name := strings.NewReplacer("arn:aws:iam::", "", homeID+":", "", abroadID+":", "abroad/", "role/", "").Replace(h.Principal)
		if !h.Certain {
			name += "?"
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

func TestWho(t *testing.T) {
	t.Parallel()
	const (
		toAll    = `'Principal':'*'`
		anybody  = `{'Effect':'Allow','Action':'kms:*','Resource':'*','Principal':'*'}`
		ourOrg   = `{'Effect':'Allow','Action':'kms:*','Resource':'*','Principal':'*','Condition':{'StringEquals':{'aws:PrincipalOrgID':'o-1'}}}`
		sameTeam = `'Condition':{'StringEquals':{'aws:ResourceTag/team':'${aws:PrincipalTag/team}'}}`
	)
	for _, c := range []struct {
		name   string
		policy []string // of the key
		change func(s *small)
		action string // kms:Decrypt
		want   string
	}{
		{"the root user and nobody else while IAM allows nothing", []string{delegated}, nil, "", "root"},
		{"whom IAM allows", []string{delegated}, func(s *small) { s.principals[0].Identity = docsOf("p", doc(allow("kms:Decrypt", keyARN))) }, "", "app root"},
		{"nobody whom IAM allows if the key does not", []string{allow("kms:*", "*", to(userARN))}, func(s *small) { s.principals[0].Identity = docsOf("p", doc(everything)) }, "", "user/alice?"},
		{"a user of whom nothing was read, so that a policy of its own may refuse it", []string{allow("kms:*", "*", to(userARN))}, nil, "", "user/alice?"},
		{"a request's condition", []string{delegated, allow("kms:*", "*", to(roleARN), when("StringLike", "kms:ViaService", "'s3.*'"))}, nil, "", "root app?"},
		{"the public, and IAM of others", []string{anybody}, nil, "", "* app root abroad/a abroad/b abroad/root"},
		{"of the public only who has a policy, abroad", []string{anybody}, func(s *small) { s.principals[1].Identity = nil }, "", "* app root abroad/b abroad/root"},
		{"no administration from abroad", []string{anybody}, nil, "kms:PutKeyPolicy", "app root"},
		{"the organization", []string{ourOrg}, nil, "", "app root abroad/a abroad/b abroad/root"},
		{"the organization is not known", []string{ourOrg}, func(s *small) { s.accounts[1].OrgUnknown, s.accounts[1].Org = true, "" }, "", "app root abroad/a? abroad/b? abroad/root?"},
		{"an account abroad", []string{allow("kms:*", "*", to(abroadID))}, nil, "", "abroad/a abroad/b abroad/root"},
		{"an account that was not read", []string{allow("kms:*", "*", to("999988887777"))}, nil, "", "999988887777:root?"},
		{"a service", []string{`{'Effect':'Allow','Action':'kms:*','Resource':'*','Principal':{'Service':'s3.amazonaws.com'}}`}, nil, "", "s3.amazonaws.com"},
		{"one of two who are alike has a policy on the key", []string{anybody}, func(s *small) {
			s.principals[1].Identity = docsOf("p", doc(allow("s3:*", "*"), allow("kms:Decrypt", keyARN)))
			s.principals[2].Identity = docsOf("p", doc(allow("s3:*", "*")))
		}, "", "* app root abroad/a abroad/root"},
		{"one of two who are alike has the team's tag", []string{anybody}, func(s *small) {
			s.targets[0].Tags = map[string]string{"team": "pay"}
			for i := range 2 {
				s.principals[1+i].Identity = docsOf("p", doc(allow("kms:*", "*", sameTeam)))
				s.principals[1+i].Tags = map[string]string{"team": []string{"pay", "ops"}[i]}
			}
		}, "", "* app root abroad/a abroad/root"},
		{"one of two who are alike is refused by name", []string{anybody, deny("kms:*", "*", toAll, when("ArnEquals", "aws:PrincipalArn", "'"+abroadB+"'"))}, nil, "", "app root abroad/a abroad/root *?"},
		{"who has a boundary is never spared", []string{anybody, `{'Effect':'Deny','Action':'kms:*','Resource':'*','NotPrincipal':'*'}`}, func(s *small) {
			s.principals[1].Boundary = docsOf("b", doc(everything))
		}, "", "* app root abroad/b abroad/root"},
		{"a boundary does not hold where the key names everybody", []string{delegated, allow("kms:*", "*", toAll, when("StringEquals", "kms:CallerAccount", "'"+homeID+"'"))}, func(s *small) {
			s.principals[0].Boundary = docsOf("b", doc(allow("s3:*", "*")))
		}, "", "app root *?"},
		{"a boundary holds where the key names the role", []string{delegated, allow("kms:*", "*", to(roleARN))}, func(s *small) {
			s.principals[0].Boundary = docsOf("b", doc(allow("s3:*", "*")))
		}, "", "root"},
		{"an SCP by Region", []string{delegated, allow("kms:*", "*", to(roleARN))}, func(s *small) {
			s.accounts[0].SCPs = [][]Document{docsOf("full", full), docsOf("where", full, doc(deny("*", "*", when("StringNotEquals", "aws:RequestedRegion", "'us-east-1'"))))}
		}, "", ""},
		{"an SCP that names the beginning of an ARN", []string{delegated, allow("kms:*", "*", to(roleARN))}, func(s *small) {
			s.accounts[0].SCPs = [][]Document{docsOf("full", full, doc(deny("*", "arn:aws:kms")))}
		}, "", "app? root?"},
		{"an SCP on the management account", []string{delegated}, func(s *small) {
			s.accounts[0].Management, s.accounts[0].SCPs = true, [][]Document{docsOf("none", doc(deny("*", "*")))}
		}, "", "root"},
		{"an SCP that was not read", []string{delegated}, func(s *small) { s.accounts[0].SCPs = [][]Document{{Unread("SCPs", "denied")}} }, "", "root?"},
		{"an RCP", []string{anybody}, func(s *small) {
			s.accounts[0].RCPs = [][]Document{docsOf("rcp", fullRCP, doc(deny("kms:*", "*", toAll, when("StringNotEqualsIfExists", "aws:PrincipalOrgID", "'o-1'"))))}
		}, "", "app root abroad/a abroad/b abroad/root"},
		{"a policy of the key that was not read", nil, func(s *small) { s.targets[0].Policy = []Document{Unread("policy", "denied")} }, "", "*? app? root? abroad/a? abroad/b? abroad/root?"},
		{"a policy of the role that is none", []string{delegated}, func(s *small) { s.principals[0].Identity = docsOf("p", "{'Version':'2012-10-17'}") }, "", "root app?"},
		{"a tag that was not read", []string{delegated}, func(s *small) {
			s.targets[0].TagsUnknown = true
			s.principals[0].Identity = docsOf("p", doc(allow("kms:*", "*", when("StringEquals", "aws:ResourceTag/team", "'pay'"))))
		}, "", "root app?"},
		{"tags that a session brings", []string{delegated}, func(s *small) {
			s.principals[0].TagsUnknown = true
			s.principals[0].Identity = docsOf("p", doc(allow("kms:*", "*", when("StringEquals", "aws:PrincipalTag/team", "'pay'"))))
		}, "", "root app?"},
		{"an alias and a spec", []string{delegated}, func(s *small) {
			s.targets[0].Aliases, s.targets[0].Spec = []string{"alias/pay"}, "SYMMETRIC_DEFAULT"
			s.principals[0].Identity = docsOf("p", doc(`{'Effect':'Allow','Action':'kms:*','Resource':'*','Condition':{'StringEquals':{'kms:KeySpec':'SYMMETRIC_DEFAULT'},'ForAnyValue:StringEquals':{'kms:ResourceAliases':'alias/pay'}}}`))
		}, "", "app root"},
		{"a spec that is not known", []string{delegated}, func(s *small) {
			s.principals[0].Identity = docsOf("p", doc(allow("kms:*", "*", when("StringEquals", "kms:KeySpec", "'RSA_2048'"))))
		}, "", "root app?"},
		{"an ARN's beginning", []string{delegated}, func(s *small) {
			s.principals[0].Identity = docsOf("p", doc(allow("kms:*", "arn:aws:kms:*:*:key/1234*")))
		}, "", "app root"},
		{"another ARN's beginning", []string{delegated}, func(s *small) {
			s.principals[0].Identity = docsOf("p", doc(allow("kms:*", "arn:aws:kms:*:*:key/abcd*"), allow("kms:*", "arn:aws:kms:us-east-1:*:*")))
		}, "", "root"},
		{"a pattern that runs over the parts", []string{delegated}, func(s *small) {
			s.principals[0].Identity = docsOf("p", doc(allow("kms:*", "arn:aws:kms:*key/1234*")))
		}, "", "app root"},
		{"a grant", []string{delegated}, func(s *small) {
			s.targets[0].Grants = []Grant{{Grantee: abroadA, Operations: Values{"Decrypt"}}, {Grantee: roleARN, Operations: Values{"Decrypt"}, Constraints: Constraints{Subset: map[string]string{"app": "x"}}}}
		}, "", "root abroad/a app?"},
		{"grants that were not read", []string{delegated}, func(s *small) { s.targets[0].GrantsUnknown = true }, "", "root *? app? abroad/a? abroad/b? abroad/root?"},
		{"a statement that spares somebody of those whom nothing allows", []string{delegated, `{'Effect':'Allow','Action':'kms:*','Resource':'*','NotPrincipal':{'AWS':['` + roleARN + `','` + homeID + `']}}`}, nil, "", "* app? root abroad/a abroad/b abroad/root"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSmall(c.policy...)
			if c.change != nil {
				c.change(s)
			}
			if c.action == "" {
				c.action = "kms:Decrypt"
			}
			got, want := strings.Fields(holders(t, s.build(t), keyARN, c.action)), strings.Fields(c.want)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
		})
	}
}

func TestWhoReadsASecretByItsKey(t *testing.T) {
	t.Parallel()
	read := allow("secretsmanager:GetSecretValue", "*")
	s := newSmall(delegated)
	s.targets = append(s.targets, Target{ARN: secretARN, Key: keyARN}, Target{ARN: secretARN + "2"})
	for name, key := range map[string]string{
		"through":   allow("kms:Decrypt", "*", when("StringEquals", "kms:ViaService", "'secretsmanager.eu-west-1.amazonaws.com'")),
		"elsewhere": allow("kms:Decrypt", "*", when("StringEquals", "kms:ViaService", "'s3.eu-west-1.amazonaws.com'")),
		"named":     allow("kms:Decrypt", "*", when("StringEquals", "kms:EncryptionContext:SecretARN", "'"+secretARN+"'")),
		"version":   allow("kms:Decrypt", "*", when("StringEquals", "kms:EncryptionContext:SecretVersionId", "'1'")),
		"none":      allow("s3:*", "*"),
	} {
		s.principals = append(s.principals, Identity{ARN: "arn:aws:iam::111122223333:role/" + name, Identity: docsOf("p", doc(read, key))})
	}
	ix := s.build(t)
	for _, c := range [][3]string{
		{secretARN, "secretsmanager:GetSecretValue", "named through root version?"},
		{secretARN + "2", "secretsmanager:GetSecretValue", "elsewhere named none through version root"},
		{keyARN, "kms:Decrypt", "root elsewhere? named? through? version?"},
	} {
		if got := holders(t, ix, c[0], c[1]); got != c[2] {
			t.Errorf("%s on %s: got %q, want %q", c[1], c[0], got, c[2])
		}
	}
}

func TestWhoSaysWhatWasNotRead(t *testing.T) {
	t.Parallel()
	s := newSmall(delegated, allow("kms:Decrypt", "*", to(abroadA)))
	s.principals[0].Identity = []Document{Unread("policy deploy", "access was denied"), {Name: "policy b", Text: json.RawMessage(`{}`)}}
	s.accounts[1].Unlisted = "iam:ListUsers was denied"
	s.accounts = append(s.accounts, Account{ID: "777788889999", Unlisted: "nobody asked"})
	ix := s.build(t)
	found, err := ix.Who(keyARN, "kms:Decrypt")
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(found)
	for _, want := range []string{
		"{policy deploy " + roleARN + " access was denied}", `{policy b ` + roleARN + ` read policy document: element "Statement" is missing}`,
		"{list of principals 444455556666 iam:ListUsers was denied}",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s does not say %q", got, want)
		}
	}
	if strings.Contains(got, "777788889999") {
		t.Errorf("%s names an account that has nothing to do with the key", got)
	}
	if n := len(ix.Unread()); n != 2 {
		t.Errorf("%d documents were not read, want 2: %v", n, ix.Unread())
	}
	a, err := ix.Explain(roleARN, "kms:Decrypt", keyARN)
	if err != nil || a.Decision != access.Conditional || !strings.Contains(fmt.Sprint(a.Residual), "policy deploy (not read: access was denied)") {
		t.Errorf("explained as %v, %v", a, err)
	}
}

func TestExplainNamesDocuments(t *testing.T) {
	t.Parallel()
	s := newSmall(delegated)
	s.principals[0].Identity = docsOf("policy deploy", doc(allow("kms:Decrypt", keyARN)), doc(allow("s3:*", "*")))
	s.accounts[0].SCPs = [][]Document{docsOf("SCP full", full)}
	ix := s.build(t)
	a, err := ix.Explain(roleARN, "kms:decrypt", keyARN)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(a.Decision, a.Because), "allowed[policy of the key 0 policy deploy 0 SCP full 0]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, c := range [][3]string{
		{roleARN, "kms:ListKeys", keyARN}, {roleARN, "secretsmanager:GetSecretValue", keyARN}, {roleARN, "kms:Decrypt", keyARN + "0"}, {roleARN + "0", "kms:Decrypt", keyARN},
	} {
		if a, err := ix.Explain(c[0], c[1], c[2]); err == nil {
			t.Errorf("%v: %v, want an error", c, a)
		}
	}
}

func TestRootUsersAreOfTheirPartition(t *testing.T) {
	t.Parallel()
	const key, owner = "arn:aws-cn:kms:cn-north-1:111122223333:key/k", "arn:aws-cn:iam::111122223333:root"
	for _, name := range []string{owner, homeID} {
		s := newSmall()
		s.principals, s.targets = nil, []Target{{ARN: key, Policy: docsOf("p", doc(allow("kms:*", "*", to(name))))}}
		found, err := s.build(t).Who(key, "kms:PutKeyPolicy")
		if err != nil {
			t.Fatal(err)
		}
		if len(found.List) != 1 || found.List[0].Principal != owner || !found.List[0].Certain {
			t.Errorf("%s: %v may, want the root user of the partition alone", name, found.List)
		}
	}
}

func TestFixNamesWhatToChange(t *testing.T) {
	t.Parallel()
	s := newSmall(delegated)
	s.targets = append(s.targets, Target{ARN: secretARN, Key: keyARN})
	s.principals[0].Identity = docsOf("policy deploy", doc(allow("kms:Decrypt", keyARN)), doc(allow("secretsmanager:GetSecretValue", "*")), doc(allow("secretsmanager:Get*", "*")))
	ix := s.build(t)
	const spared = `{policy of the key 0 ArnNotEquals aws:PrincipalArn "` + roleARN + `"}`
	for _, c := range [][4]string{
		{roleARN, "kms:Decrypt", keyARN, "[" + spared + "]"},
		{roleARN, "secretsmanager:GetSecretValue", secretARN, "[" + spared + "]"}, // one at the key, not the two that let it read
		{roleARN, "kms:PutKeyPolicy", keyARN, "[]"},
		{ownerARN, "kms:Decrypt", keyARN, "[{policy of the key 0 }]"},
	} {
		got, err := ix.Fix(c[0], c[1], c[2])
		if err != nil || fmt.Sprint(got) != c[3] {
			t.Errorf("%v: got %v, %v", c, got, err)
		}
	}
}

func TestPrincipalsAreKnown(t *testing.T) {
	t.Parallel()
	ix := newSmall(delegated, allow("kms:Decrypt", "*", to(userARN))).build(t)
	got := slices.Collect(ix.Principals())
	for _, name := range []string{roleARN, abroadA, ownerARN, userARN, strangerName} {
		if !slices.Contains(got, name) || !ix.Known(name) {
			t.Errorf("%s is not among %v", name, got)
		}
	}
	if ix.Known(roleARN + "0") {
		t.Error("a role is known that nothing names")
	}
}

// Each says of all targets, by several goroutines, what Rights says of one.
func TestEachIsRightsOfAll(t *testing.T) {
	t.Parallel()
	ix, err := Build(newLot(7).estate())
	if err != nil {
		t.Fatal(err)
	}
	count := func(rights iter.Seq[Rights]) (n [3]int) {
		for r := range rights {
			n[0], n[1], n[2] = n[0]+r.Len(), n[1]+r.Len()*len(KeyActions.Names(r.Certain)), n[2]+r.Len()*len(KeyActions.Names(r.Possible))
		}
		return n
	}
	var mu sync.Mutex
	all := map[string][3]int{}
	ix.Each(3, func(arn string, rights iter.Seq[Rights]) {
		n := count(rights)
		mu.Lock()
		defer mu.Unlock()
		if _, twice := all[arn]; twice {
			t.Errorf("%s came twice", arn)
		}
		all[arn] = n
	})
	if len(all) != len(lotKeys)+len(lotSecrets) {
		t.Errorf("%d targets came, want %d", len(all), len(lotKeys)+len(lotSecrets))
	}
	for arn, got := range all {
		rights, err := ix.Rights(arn)
		if err != nil {
			t.Fatal(err)
		}
		if want := count(rights); got != want {
			t.Errorf("%s: %v, want %v", arn, got, want)
		}
	}
}

func TestBuildErrors(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(s *small){
		"neither a user nor a role":  func(s *small) { s.principals[0].ARN = ownerARN },
		"is no ARN":                  func(s *small) { s.principals[0].ARN = "arn:aws:iam::1:x" },
		"neither a key nor a secret": func(s *small) { s.targets[0].ARN = "arn:aws:kms:eu-west-1:111122223333:alias/a" },
		"is there twice":             func(s *small) { s.targets = append(s.targets, s.targets[0]) },
		roleARN + `" is there twice`: func(s *small) { s.principals = append(s.principals, s.principals[0]) },
		"its key":                    func(s *small) { s.targets = append(s.targets, Target{ARN: secretARN, Key: "x"}) },
	} {
		s := newSmall(delegated)
		change(s)
		if _, err := Build(Estate{Accounts: s.accounts, Principals: slices.Values(s.principals), Resources: slices.Values(s.targets)}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want one with %q", err, name)
		}
	}
}

func TestTally(t *testing.T) {
	t.Parallel()
	s := newSmall(delegated, allow("kms:Decrypt", "*", to("*"), when("StringEquals", "aws:PrincipalOrgID", "'o-1'")), allow("kms:Put*", "*", to(roleARN), when("Bool", "aws:MultiFactorAuthPresent", "'true'")))
	ix := s.build(t)
	use, control := KeyActions.Giving(access.Reveal, access.Sign), KeyActions.Giving(access.Control)
	tally := func(counts func(Rights) access.Truth) string {
		rights, err := ix.Rights(keyARN)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(ix.Tally(rights, 2, counts))
	}
	holds := func(r Rights, s Set) access.Truth {
		return access.Known(r.Certain&s != 0).Or(access.Maybe.And(access.Known(r.Possible&s != 0)))
	}
	if got, want := tally(func(r Rights) access.Truth { return holds(r, use) }), fmt.Sprintf("{5 0 [%s %s]}", roleARN, ownerARN); got != want {
		t.Errorf("of those who use it: %s, want %s", got, want)
	}
	if got, want := tally(func(r Rights) access.Truth { return holds(r, use).And(holds(r, control)) }), fmt.Sprintf("{1 1 [%s %s]}", ownerARN, roleARN); got != want {
		t.Errorf("of those who use it and decide who does: %s, want %s", got, want)
	}
}

func TestSetsNameTheirActions(t *testing.T) {
	if got := KeyActions.Names(KeyActions.Of("KMS:decrypt", "kms:Sign", "kms:ListKeys", "secretsmanager:GetSecretValue")); !slices.Equal(got, []string{"kms:Decrypt", "kms:Sign"}) {
		t.Errorf("the set has %v", got)
	}
	if got := SecretActions.Names(SecretActions.Giving(access.Reveal)); !slices.Equal(got, []string{"secretsmanager:GetSecretValue"}) {
		t.Errorf("what reveals a secret: %v", got)
	}
}

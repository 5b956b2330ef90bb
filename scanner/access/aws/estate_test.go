package aws

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// lot draws estates: small ones, in which everything is there that makes a difference.
type lot struct {
	draw
	principals, actions, resources []string
	keys                           []string // of conditions
	conditions                     map[string][]string
}

var (
	lotAccounts   = []string{"111122223333", "444455556666", "777788889999"}
	lotPrincipals = []string{
		"arn:aws:iam::111122223333:role/app", "arn:aws:iam::111122223333:role/team/ops", "arn:aws:iam::111122223333:user/alice",
		"arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/linked", "arn:aws:iam::444455556666:role/app", "arn:aws:iam::444455556666:user/bob",
		"arn:aws:iam::444455556666:role/twin1", "arn:aws:iam::444455556666:role/twin2", "arn:aws:iam::777788889999:role/far", "arn:aws:iam::777788889999:role/near",
	}
	lotKeys = []string{
		"arn:aws:kms:eu-west-1:111122223333:key/a1", "arn:aws:kms:eu-west-1:111122223333:key/a2", "arn:aws:kms:us-east-1:111122223333:key/b1",
		"arn:aws:kms:eu-west-1:444455556666:key/a3", "arn:aws:kms:eu-west-1:777788889999:key/c1", "arn:aws:kms:eu-west-1:444455556666:key/mrk-1",
	}
	lotSecrets = []string{"arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db-a1b2c3", "arn:aws:secretsmanager:eu-west-1:444455556666:secret:app-d4e5f6"}
)

func newLot(seed uint64) lot {
	l := lot{draw: draw{rand.New(rand.NewPCG(seed, 2))}, conditions: maps.Clone(randomKeys)}
	l.actions = append(slices.Clone(randomActions), "kms:*", "kms:Generate*", "secretsmanager:*", "secretsmanager:Get*", "secretsmanager:PutSecretValue", "kms:GenerateDataKey")
	l.resources = slices.Concat(lotKeys, lotSecrets, []string{
		"*", "*", "*", "arn:aws:kms:*:111122223333:key/*", "arn:aws:kms:*:444455556666:*", "arn:aws:kms:eu-west-1:*:key/*", "arn:aws:kms:*:*:key/*", "arn:aws:kms", "arn:aws:kms:*",
		"arn:aws:kms:*:*:key/a*", "arn:aws:kms:*key/b*", "arn:aws:kms:eu*", "arn:aws:*:*:*:*/a?", "arn:aws:kms:*:${aws:PrincipalAccount}:key/*", "arn:aws:kms:*:*:key/${aws:PrincipalTag/key}",
		"arn:aws:secretsmanager:*:*:secret:*", "arn:aws:secretsmanager:*:*:secret:app/*", "arn:aws:kms:*:*:alias/*", "arn:aws:s3:::bucket/*",
	})
	l.principals = slices.Concat(lotPrincipals, lotAccounts, []string{
		"*", "*", "arn:aws:iam::111122223333:root", "999988887777", "arn:aws:iam::999988887777:role/outside", "arn:aws:sts::111122223333:assumed-role/app/s",
		"arn:aws:sts::444455556666:assumed-role/gone/s", "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForX/s", "arn:aws:sts::444455556666:assumed-role/AWSServiceRoleForX/s",
		"arn:aws:sts::111122223333:federated-user/fed", "arn:aws:sts::444455556666:federated-user/fed", "AROAEXAMPLEEXAMPLE12", "arn:aws:iam::111122223333:role/gone",
	})
	for key, values := range map[string][]string{
		"aws:RequestedRegion":                 {"eu-west-1", "us-*"},
		"aws:ResourceAccount":                 {"111122223333", "${aws:PrincipalAccount}"},
		"aws:ResourceOrgID":                   {"o-1", "${aws:PrincipalOrgID}"},
		"aws:PrincipalOrgPaths":               {"o-1/r-1/*", "o-1/r-1/ou-1/"},
		"aws:PrincipalAccount":                {"111122223333", "444455556666"},
		"aws:PrincipalType":                   {"User", "AssumedRole", "Account"},
		"aws:PrincipalIsAWSService":           {"true", "false"},
		"aws:username":                        {"alice", "bob"},
		"aws:RequestTag/team":                 {"pay"},
		"aws:SourceArn":                       {"arn:aws:s3:::x"},
		"kms:CallerAccount":                   {"111122223333", "444455556666"},
		"kms:KeySpec":                         {"SYMMETRIC_DEFAULT", "RSA_2048"},
		"kms:MultiRegion":                     {"true", "false"},
		"kms:MultiRegionKeyType":              {"PRIMARY"},
		"kms:GrantIsForAWSResource":           {"true"},
		"kms:GrantOperations":                 {"Decrypt", "Encrypt"},
		"kms:GrantConstraintType":             {"EncryptionContextSubset"},
		"aws:userid":                          {"AIDA*", "AROA*:s", "*:s", "111122223333", "111122223333:fed"},
		"kms:EncryptionContext:SecretARN":     append([]string{"*", "${aws:PrincipalTag/none}"}, lotSecrets...),
		"kms:ViaService":                      {"secretsmanager.eu-west-1.amazonaws.com", "secretsmanager.*.amazonaws.com", "s3.*"},
		"secretsmanager:ResourceTag/team":     {"pay", "ops"},
		"secretsmanager:VersionStage":         {"AWSCURRENT"},
		"aws:PrincipalServiceName":            {"s3.amazonaws.com"},
		"kms:EncryptionContextKeys":           {"SecretARN", "SecretVersionId", "App"},
		"aws:PrincipalTag/key":                {"a1", "${aws:ResourceTag/team}"},
		"secretsmanager:SecretPrimaryRegion":  {"eu-west-1"},
		"token.actions.githubusercontent.com": {"x"},
	} {
		l.conditions[key] = values
	}
	// Of one estate all documents are about a few things, so that they meet.
	l.actions = append(l.few(3, l.actions), "*", "kms:*", "secretsmanager:*")
	l.resources = append(l.few(5, l.resources), "*", "*")
	l.principals = append(l.few(6, l.principals), "*", "*")
	l.keys = append(l.few(2, slices.Sorted(maps.Keys(l.conditions))), l.one("aws:PrincipalArn", "aws:PrincipalTag/team", "kms:ViaService", "aws:RequestedRegion", "kms:ResourceAliases"))
	return l
}

func (l lot) few(n int, list []string) (out []string) {
	for range n {
		out = append(out, l.one(list...))
	}
	return out
}

func (l lot) condition() object {
	out := object{}
	for range 1 + l.IntN(5)/4 {
		key := l.one(l.keys...)
		switch {
		case l.often(10):
			out["Null"] = object{key: []any{l.one("true", "false")}}
		case l.often(60):
			out[l.one("StringLike", "StringLike", "StringNotLike", "StringEqualsIfExists", "ArnLike")] = object{key: []any{l.one(l.conditions[key]...)}}
		default:
			op := l.one("", "", "ForAllValues:", "ForAnyValue:") + l.one(operated...) + l.one("", "", "IfExists")
			out[op] = object{key: l.some(l.conditions[key]...)}
		}
	}
	return out
}

func (l lot) statement(at side) object {
	s := object{"Effect": "Allow", "Action": []any{l.one(l.actions...)}, "Resource": []any{l.one(l.resources...)}}
	if l.often(30) {
		s["Action"], s["Resource"] = l.some(l.actions...), l.some(l.resources...)
	}
	if l.often(20) {
		s["Effect"] = "Deny"
	}
	if l.often(10) {
		s["NotAction"] = s["Action"]
		delete(s, "Action")
	}
	if at >= keyPolicy && l.often(70) {
		s["Resource"] = "*"
	}
	if l.often(10) {
		s["NotResource"] = s["Resource"]
		delete(s, "Resource")
	}
	if l.often(45) {
		s["Condition"] = l.condition()
	}
	if at == keyPolicy && l.often(2) { // which AWS KMS takes, and without effect
		delete(s, l.one("Action", "Resource"))
	}
	switch name := l.one("Principal", "Principal", "Principal", "Principal", "Principal", "Principal", "NotPrincipal"); {
	case at == rcp:
		s["Principal"] = "*"
	case at < keyPolicy:
	case l.often(10):
		s[name] = object{"Service": l.some("s3.amazonaws.com", "logs.eu-west-1.amazonaws.com")}
	case l.often(5):
		s[name] = object{"Federated": "arn:aws:iam::111122223333:oidc-provider/example.com"}
	default:
		s[name] = object{"AWS": []any{l.one(l.principals...)}}
	}
	return s
}

// document draws one. Sometimes it could not be read, is no document, or is one that was drawn before.
func (l lot) document(at side) Document {
	name := l.one("a", "b", "c")
	switch {
	case l.often(3):
		return Unread(name, "access was denied")
	case l.often(2):
		return Document{Name: name, Text: json.RawMessage(l.one(
			`{"Version":"2012-10-17"}`, `{"Statement":{"Effect":"Allow","Action":"decrypt","Resource":"*"}}`,
			`{"Statement":{"Effect":"Allow","Action":"s3:Get","Resource":"bucket"}}`, `{"Version":"2020-01-01","Statement":[]}`))}
	}
	if l.often(15) {
		l.draw = draw{rand.New(rand.NewPCG(uint64(l.IntN(3)), 3))}
	}
	list := []any{}
	for range 1 + l.IntN(3) {
		list = append(list, l.statement(at))
	}
	text, err := json.Marshal(object{"Version": l.one("2012-10-17", "2012-10-17", "2008-10-17"), "Statement": list})
	if err != nil {
		panic(err)
	}
	return Document{Name: name, Text: text}
}

func (l lot) documents(percent int, at side, always ...string) (out []Document) {
	for _, text := range always {
		out = append(out, Document{Name: "always", Text: json.RawMessage(strings.ReplaceAll(text, "'", `"`))})
	}
	for l.often(percent) && len(out) < 3 {
		out = append(out, l.document(at))
	}
	return out
}

func (l lot) tags() map[string]string {
	if l.often(50) {
		return nil
	}
	return map[string]string{"team": l.one("pay", "ops"), "key": l.one("a1", "a2", "*")}
}

func (l lot) estate() Estate {
	var e Estate
	for i, id := range lotAccounts {
		a := Account{ID: id, Management: l.often(10)}
		switch {
		case l.often(10):
			a.OrgUnknown = true
		case l.often(80):
			a.Org, a.Path = []string{"o-1", "o-1", "o-2"}[i], []string{"r-1", "ou-1"}[:1+l.IntN(2)]
		}
		for l.often(50) && len(a.SCPs) < 3 {
			a.SCPs = append(a.SCPs, l.documents(20, scp, full))
		}
		for l.often(50) && len(a.RCPs) < 3 {
			a.RCPs = append(a.RCPs, l.documents(20, rcp, fullRCP))
		}
		if l.often(95) {
			e.Accounts = append(e.Accounts, a)
		}
	}
	var principals []Identity
	for _, arn := range lotPrincipals {
		p := Identity{ARN: arn, Tags: l.tags(), TagsUnknown: l.often(10), Identity: l.documents(50, identity), Boundary: l.documents(15, boundary)}
		if l.often(50) {
			p.Identity = append(p.Identity, l.documents(0, identity, doc(allow(l.one("*", "kms:*", "secretsmanager:*"), "*")))...)
		}
		if strings.HasSuffix(arn, "twin2") { // with one difference
			twin := principals[len(principals)-1]
			switch twin.ARN = arn; l.IntN(4) {
			case 0:
				twin.Tags = p.Tags
			case 1:
				twin.Boundary = l.documents(0, boundary, full)
			case 2:
				twin.Identity = append(slices.Clone(twin.Identity), p.Identity...)
			}
			p = twin
		}
		principals = append(principals, p)
	}
	if l.often(50) { // it is named, and not listed
		principals = principals[1:]
	}
	var targets []Target
	for _, arn := range lotKeys {
		k := Target{ARN: arn, Tags: l.tags(), TagsUnknown: l.often(10), AliasesUnknown: l.often(10), GrantsUnknown: l.often(3), Spec: l.one("", "SYMMETRIC_DEFAULT", "RSA_2048"), MultiRegion: l.one("", "NONE", "PRIMARY", "REPLICA")}
		k.Policy = l.documents(0, keyPolicy, doc(allow("kms:*", "*", to(accountIn(arn)))))
		if l.often(70) {
			k.Policy = []Document{l.document(keyPolicy)}
		}
		if l.often(30) {
			k.Aliases = []string{l.one("alias/a", "alias/b", "alias/aws/s3", secretsAlias)}
		}
		for l.often(30) {
			g := Grant{Grantee: l.one(append(slices.Clone(l.principals), "s3.amazonaws.com")...), Operations: Values{l.one("Decrypt", "GenerateDataKey"), l.one("CreateGrant", "DescribeKey", "RetireGrant")}}
			switch l.IntN(4) {
			case 0:
				g.Constraints.Equals = map[string]string{l.one("App", "SecretARN"): l.one("pay", lotSecrets[0])}
			case 1:
				g.Constraints.Subset = map[string]string{l.one("App", "SecretARN"): l.one("pay", lotSecrets[0])}
			case 2:
				g.Constraints.Source = "arn:aws:s3:::x"
			}
			k.Grants = append(k.Grants, g)
		}
		targets = append(targets, k)
	}
	for _, arn := range lotSecrets {
		s := Target{ARN: arn, Tags: l.tags(), TagsUnknown: l.often(10), Key: l.one(append([]string{"", "", "arn:aws:kms:eu-west-1:999988887777:key/other"}, lotKeys...)...)}
		if l.often(60) {
			s.Policy = []Document{l.document(resourcePolicy)}
		}
		targets = append(targets, s)
	}
	e.Principals, e.Resources = slices.Values(principals), slices.Values(targets)
	return e
}

// naive decides on one pair and action as Evaluator does.
func naive(e *Evaluator, ix *Index, m *member, k *target, action string) access.Answer {
	list := ix.requests(m, k, action)
	a := e.Decide(list[0])
	for _, r := range list[1:] {
		a = both(a, e.Decide(r))
	}
	return a
}

// tried are the actions on keys that are treated in a way of their own; of the others few are tried.
var tried = []string{"kms:Decrypt", "kms:DescribeKey", "kms:CreateGrant", "kms:RetireGrant", "kms:ListGrants", "kms:PutKeyPolicy"}

// What the index says of a pair is what the evaluator says of it, and whom the index does not list is denied.
func TestIndexIsNaive(t *testing.T) {
	t.Parallel()
	seen := map[access.Decision]int{}
	groups := 0
	for i := range uint64(max(1, *count/4)) {
		seed := *first + i
		ix, err := Build(newLot(seed).estate())
		if err != nil {
			t.Fatal(err)
		}
		e, rd, d := New(), newReader(ix), newLot(seed).draw
		for j := range ix.targets {
			k := ix.targets[j]
			found := make([]pair, len(ix.members))
			for r := range rd.list(k) {
				if len(r.members) > 1 {
					groups++
				}
				for id := range r.ids() {
					if found[id].p != 0 {
						t.Fatalf("estate %d: %s: %s has two rows", seed, k.resource.ARN, ix.members[id].name)
					}
					found[id] = pair{r.Certain, r.Possible}
				}
			}
			actions := actionsOf[k.realm]
			for id := range ix.members {
				m := ix.members[id]
				for bit, action := range actions.names {
					if k.realm == keys && !slices.Contains(tried, action) && d.often(90) {
						continue
					}
					a := naive(e, ix, m, k, action)
					if a.Error != "" {
						t.Fatalf("estate %d: %s", seed, a.Error)
					}
					seen[a.Decision]++
					want := pair{}
					if a.Decision != access.Denied {
						want.p = 1
					}
					if a.Decision == access.Allowed {
						want.t = 1
					}
					if got := (pair{found[id].t >> bit & 1, found[id].p >> bit & 1}); got != want {
						text, _ := json.MarshalIndent(ix.requests(m, k, action), "", " ")
						t.Fatalf("estate %d: %s %s %s: index says %v, want %v\n%s", seed, m.name, action, k.resource.ARN, got, want, text)
					}
				}
			}
		}
	}
	t.Logf("%v, %d groups", seen, groups)
	if all := seen[access.Allowed] + seen[access.Conditional] + seen[access.Denied]; seen[access.Allowed] < all/50 || seen[access.Conditional] < all/50 || groups == 0 {
		t.Errorf("too little is allowed, conditional or grouped: %v, %d groups", seen, groups)
	}
}

package aws

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// giving is the estate of a user "giver" with policies in short, and perhaps with a boundary, beside a key of the account and a secret.
func giving(t *testing.T, multiRegion, boundary string, policies ...string) *Estate {
	t.Helper()
	const other = "arn:aws:kms:eu-west-1:111122223333:key/22222222-0000-4000-8000-000000000002"
	list := append(base(), secret(dbARN, "app/db", ""), noPolicy(dbARN), key(other, "alias/other"), policy(other+policySuffix, "aws.kms.policy", "k2", toTheAccount))
	change(list, keyARN, func(r *inventory.Resource) { r.Key.MultiRegion = multiRegion })
	var refs []inventory.Ref
	add := func(edge, name, text string) {
		id := iam + "policy/" + name
		refs = append(refs, inventory.Ref{Edge: edge, To: inventory.ID(id), Target: policyType, Name: name})
		list = append(list, policy(id, policyType, name, text))
	}
	for i, p := range policies {
		text := ""
		if p != "unread" {
			text = statement(p)
		}
		add("grants", "p"+string(rune('0'+i)), text)
	}
	if boundary != "" {
		add("boundary", "limit", statement(boundary))
	}
	e, err := New(snapshot(append(list, principal(userType, "giver", refs...))...))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestGained tells what a principal that may do one thing gains by it. It is the engine that says so: denials and limits stay.
func TestGained(t *testing.T) {
	const byTag = `kms:Decrypt on * if {"StringEquals":{"aws:ResourceTag/team":"x"}}`
	byAlias := func(name string) string {
		return `kms:Decrypt on * if {"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/` + name + `"}}`
	}
	const grantsNothingElse = `kms:CreateGrant on * if {"ForAllValues:StringEquals":{"kms:GrantOperations":["Encrypt"]}}`
	for _, c := range []struct {
		name, by, action string
		multiRegion      string
		boundary         string
		policies         []string
		want             string
	}{
		{"a key's policy", putKeyPolicy, "kms:Decrypt", "single", "", []string{"kms:PutKeyPolicy"}, "allowed"},
		{"a key's policy, which lets a user past a boundary without the use", putKeyPolicy, "kms:Decrypt", "single", "kms:PutKeyPolicy", []string{"kms:PutKeyPolicy"}, "allowed"},
		{"a key's policy, and a boundary that denies the use", putKeyPolicy, "kms:Decrypt", "single", "deny kms:Decrypt", []string{"kms:PutKeyPolicy"}, "denied"},
		{"a key's policy, and a denial", putKeyPolicy, "kms:Decrypt", "single", "", []string{"kms:PutKeyPolicy", "deny kms:Decrypt"}, "denied"},
		{"a key's policy, and a denial elsewhere", putKeyPolicy, "kms:Decrypt", "single", "", []string{"kms:PutKeyPolicy", `deny kms:Decrypt on * if {"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`}, "conditional aws:SourceIp"},
		{"a key's policy, and a document that was not read", putKeyPolicy, "kms:Decrypt", "single", "", []string{"kms:PutKeyPolicy", "unread"}, "conditional policy p1"},
		{"a grant", createGrant, "kms:Decrypt", "single", "", []string{"kms:CreateGrant"}, "allowed"},
		{"a grant, and a denial", createGrant, "kms:Decrypt", "single", "", []string{"kms:CreateGrant", "deny kms:Decrypt"}, "denied"},
		{"a grant of another operation", createGrant, "kms:Decrypt", "single", "", []string{grantsNothingElse}, "denied"},
		{"a grant of that operation", createGrant, "kms:Encrypt", "single", "", []string{grantsNothingElse}, "allowed"},
		{"a grant to others", createGrant, "kms:Decrypt", "single", "", []string{`kms:CreateGrant on * if {"ArnEquals":{"kms:GranteePrincipal":"` + iam + `role/idle"}}`}, "denied"},
		{"a grant for services of AWS", createGrant, "kms:Decrypt", "single", "", []string{`kms:CreateGrant on * if {"Bool":{"kms:GrantIsForAWSResource":"true"}}`}, "denied"},
		{"a tag", "kms:TagResource", "kms:Decrypt", "single", "", []string{byTag, "kms:TagResource"}, "allowed"},
		{"a tag from some networks", "kms:TagResource", "kms:Decrypt", "single", "", []string{byTag, `kms:TagResource on * if {"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`}, "conditional aws:SourceIp"},
		{"a tag of another value", "kms:TagResource", "kms:Decrypt", "single", "", []string{byTag, `kms:TagResource on * if {"StringEquals":{"aws:RequestTag/team":"y"}}`}, "denied"},
		{"a tag, and a denial", "kms:TagResource", "kms:Decrypt", "single", "", []string{byTag, "kms:TagResource", "deny kms:Decrypt"}, "denied"},
		{"a tag that no statement about the action wants", "kms:TagResource", "kms:Sign", "single", "", []string{byTag, "kms:TagResource"}, "denied"},
		{"an alias that there is not", "kms:CreateAlias", "kms:Decrypt", "single", "", []string{byAlias("mine"), "kms:CreateAlias"}, "allowed"},
		{"an alias that there is not, of which only the key's side is allowed", "kms:CreateAlias", "kms:Decrypt", "single", "", []string{byAlias("mine"), "kms:CreateAlias on " + keyARN}, "denied"},
		{"an alias that another key has", "kms:UpdateAlias", "kms:Decrypt", "single", "", []string{byAlias("other"), "kms:UpdateAlias"}, "allowed"},
		{"an alias that another key has, and cannot be made anew", "kms:CreateAlias", "kms:Decrypt", "single", "", []string{byAlias("other"), "kms:CreateAlias"}, "denied"},
		{"an alias that another key has, and does not give up", "kms:UpdateAlias", "kms:Decrypt", "single", "", []string{byAlias("other"), "kms:UpdateAlias", "deny kms:UpdateAlias on arn:aws:kms:*:*:key/2*"}, "denied"},
		{"a secret's tag", "secretsmanager:TagResource", "secretsmanager:GetSecretValue", "single", "", []string{strings.Replace(byTag, "kms:Decrypt", "secretsmanager:GetSecretValue", 1), "secretsmanager:TagResource"}, "allowed"},
		{"a replica", replicateKey, "kms:Decrypt", "primary", "", []string{"kms:ReplicateKey kms:CreateKey"}, "allowed"},
		{"a replica, without the right to make a key", replicateKey, "kms:Decrypt", "primary", "", []string{"kms:ReplicateKey"}, "denied"},
		{"a replica, and a denial", replicateKey, "kms:Decrypt", "primary", "", []string{"kms:ReplicateKey kms:CreateKey", "deny kms:Decrypt"}, "denied"},
		{"a replica in some Regions", replicateKey, "kms:Decrypt", "primary", "", []string{`kms:ReplicateKey kms:CreateKey on * if {"StringEquals":{"aws:RequestedRegion":"eu-west-2"}}`}, "conditional aws:RequestedRegion"},
		{"a replica of what may be no primary key", replicateKey, "kms:Decrypt", "", "", []string{"kms:ReplicateKey kms:CreateKey"}, "conditional whether the key is a multi-Region primary key"},
		{"a secret's policy", putPolicy, "secretsmanager:GetSecretValue", "single", "", []string{"secretsmanager:PutResourcePolicy"}, "allowed"},
		{"a secret's policy, and a denial of its key", putPolicy, "secretsmanager:GetSecretValue", "single", "", []string{"secretsmanager:PutResourcePolicy", "deny kms:Decrypt"}, "denied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, on := giving(t, c.multiRegion, c.boundary, c.policies...), inventory.ID(keyARN)
			if strings.HasPrefix(c.action, "secretsmanager:") {
				on = dbARN
			}
			got, err := e.Gained(iam+"user/giver", c.by, c.action, on)
			if err != nil {
				t.Fatal(err)
			}
			said := string(got.Decision)
			if got.Decision == access.Conditional {
				for _, r := range got.Residual {
					said += " " + r.Key
				}
			}
			if said != c.want {
				t.Errorf("%s after %s: %s, want %s", c.action, c.by, said, c.want)
			}
		})
	}
}

// TestReplicasAreOfPrimaryKeys finds the replica among the ways only where there can be one, and where its use is that of its material.
func TestReplicasAreOfPrimaryKeys(t *testing.T) {
	for _, c := range []struct {
		multiRegion, action string
		want                bool
	}{{"primary", "kms:Decrypt", true}, {"", "kms:Decrypt", true}, {"replica", "kms:Decrypt", false}, {"single", "kms:Decrypt", false}, {"primary", "kms:DescribeKey", false}} {
		if got := slices.Contains(giving(t, c.multiRegion, "").Gains(c.action, keyARN), replicateKey); got != c.want {
			t.Errorf("a replica of a %q key gives %s: %v, want %v", c.multiRegion, c.action, got, c.want)
		}
	}
}

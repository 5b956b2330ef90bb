package aws

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func grantTo(grantee string, made time.Time, subset map[string]string, operations ...types.GrantOperation) types.GrantListEntry {
	g := types.GrantListEntry{GranteePrincipal: aws.String(grantee), CreationDate: aws.Time(made), Operations: operations, GrantId: aws.String("g")}
	if subset != nil {
		g.Constraints = &types.GrantConstraints{EncryptionContextSubset: subset}
	}
	return g
}

// TestKeyPolicies are read into statements; the one that AWS gives a key opens it to the account, not to everybody.
func TestKeyPolicies(t *testing.T) {
	public := `{"Version":"2012-10-17","Statement":[{"Sid":"Open","Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:Decrypt","Resource":"*"}]}`
	fake, region := newFake()
	id := region.AddKey(awsfake.Key{Aliases: []string{"alias/open"}, Policy: public})
	region.AddKey(awsfake.Key{Aliases: []string{"alias/default"}})
	region.AddKey(awsfake.Key{Aliases: []string{"alias/denied"}, Deny: []string{"GetKeyPolicy"}})
	got := read(t, fake, Config{})

	open := got.find(t, keyPolicyType, "alias/open")
	if s := open.Policy.Statements; len(s) != 1 || s[0].At != "Open" || !*s[0].Everyone || open.Document != public || string(open.ID) != id+"#policy" || string(open.Refs[0].To) != id {
		t.Errorf("%s: statements %+v, document %q, refs %v", open.ID, s, open.Document, open.Refs)
	}
	usual := got.find(t, keyPolicyType, "alias/default")
	if s := usual.Policy.Statements; len(s) != 1 || *s[0].Everyone || !slices.Contains(s[0].Actions, "decrypt") || len(usual.Unknown) > 0 {
		t.Errorf("the default policy: %+v, unknown %v", s, usual.Unknown)
	}
	denied := got.find(t, keyPolicyType, "alias/denied")
	u := denied.Unread("policy.statements")
	if denied.Policy.Statements != nil || u == nil || u.Why != inventory.Denied || !strings.Contains(u.Hint, "the key's own policy") || unreadOf(denied)["policy.document"] != inventory.Denied {
		t.Errorf("a policy that is denied: %+v, unknown %+v", denied.Policy, denied.Unknown)
	}
}

// TestKeyPolicyWithoutActions keeps its other statements: AWS KMS stores statements without an action or a resource, which have no effect.
func TestKeyPolicyWithoutActions(t *testing.T) {
	const policy = `{"Version":"2012-10-17","Statement":[{"Sid":"NoAction","Effect":"Allow","Principal":"*","Resource":"*"},` +
		`{"Sid":"NoResource","Effect":"Allow","Principal":"*","Action":"kms:*"},` +
		`{"Sid":"Open","Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:Decrypt","Resource":"*"}]}`
	fake, region := newFake()
	region.AddKey(awsfake.Key{Aliases: []string{"alias/open"}, Policy: policy})
	open := read(t, fake, Config{}).find(t, keyPolicyType, "alias/open")
	if s := open.Policy.Statements; len(s) != 1 || s[0].At != "Open" || len(open.Unknown) > 0 {
		t.Errorf("statements %+v, unknown %v", s, open.Unknown)
	}
}

// TestGrantsComeInGroups of those whose grantee, operations and constraints have one shape.
func TestGrantsComeInGroups(t *testing.T) {
	const app = "arn:aws:iam::444455556666:role/app"
	fake, region := newFake()
	fake.SetPageSize(10)
	var grants []types.GrantListEntry
	for i := range 25 {
		grants = append(grants, grantTo(app, made.AddDate(0, 0, i), map[string]string{"volume": fmt.Sprint(i)}, "GenerateDataKeyWithoutPlaintext", "Decrypt"))
	}
	byService := types.GrantListEntry{
		GranteeServicePrincipal: aws.String("ec2.amazonaws.com"), RetiringServicePrincipal: aws.String("ec2.amazonaws.com"), CreationDate: aws.Time(made), Operations: []types.GrantOperation{"Decrypt"},
		Constraints: &types.GrantConstraints{SourceArn: aws.String("arn:aws:ec2:eu-west-1:111122223333:volume/v"), EncryptionContextEquals: map[string]string{"b": "", "a": ""}},
	}
	grants = append(grants, grantTo(app, made, nil, "Decrypt", "CreateGrant"), byService)
	key := region.AddKey(awsfake.Key{Grants: grants})
	region.AddKey(awsfake.Key{})
	got := read(t, fake, Config{})

	want := []inventory.Grant{
		{Grantee: app, Operations: []string{"CreateGrant", "Decrypt"}, Count: 1, OldestAt: at(made), NewestAt: at(made)},
		{Grantee: app, Operations: []string{"Decrypt", "GenerateDataKeyWithoutPlaintext"}, ContextSubset: []string{"volume"}, Count: 25, OldestAt: at(made), NewestAt: at(made.AddDate(0, 0, 24))},
		{
			Grantee: "ec2.amazonaws.com", Service: true, Retiring: "ec2.amazonaws.com", Operations: []string{"Decrypt"}, ContextEquals: []string{"a", "b"}, SourceARN: true, Count: 1,
			OldestAt: at(made), NewestAt: at(made),
		},
	}
	var groups []inventory.Grant
	for _, r := range got.others {
		if r.Type == grantType {
			groups = append(groups, *r.Policy.Grant)
			if !strings.HasPrefix(string(r.ID), key+"#grant/") || string(r.Refs[0].To) != key || len(r.Policy.Statements) != 1 || *r.Policy.Statements[0].Everyone {
				t.Errorf("%s names %v and allows %+v", r.ID, r.Refs, r.Policy.Statements)
			}
		}
	}
	slices.SortFunc(groups, func(a, b inventory.Grant) int {
		return strings.Compare(a.Grantee+fmt.Sprint(a.Operations), b.Grantee+fmt.Sprint(b.Operations))
	})
	if d := cmp.Diff(want, groups); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for _, k := range got.keys {
		if n := map[bool]int{true: 27, false: 0}[string(k.ID) == key]; k.Key.Grants == nil || *k.Key.Grants != n {
			t.Errorf("%s has %v grants, want %d", k.ID, k.Key.Grants, n)
		}
	}
}

// TestGrantsThatAreDenied leave open how many there are, key by key, and make one gap however many keys refuse.
func TestGrantsThatAreDenied(t *testing.T) {
	fake, region := newFake()
	region.AddKey(awsfake.Key{ID: "a", Deny: []string{"ListGrants"}})
	region.AddKey(awsfake.Key{ID: "b", Deny: []string{"ListGrants"}})
	region.AddKey(awsfake.Key{ID: "c", Grants: []types.GrantListEntry{grantTo("arn:aws:iam::111122223333:role/app", made, nil, "Decrypt")}})
	got := read(t, fake, Config{})
	if len(got.gaps) != 1 || got.gaps[0].What != "the grants of arn:aws:kms:eu-west-1:111122223333:key/a and 1 more" || !got.gaps[0].Covers(grantType) || got.gaps[0].Covers(keyType) || got.gaps[0].Why != inventory.Denied {
		t.Errorf("gaps %+v", got.gaps)
	}
	for _, k := range got.keys {
		denied := !strings.HasSuffix(string(k.ID), "/c")
		if u := k.Unread("key.grants"); (u != nil) != denied || (k.Key.Grants == nil) != denied {
			t.Errorf("%s has %v grants, unknown %+v", k.ID, k.Key.Grants, k.Unknown)
		}
	}
}

// TestGrantsBeyondAWSsLimit are not read for ever.
func TestGrantsBeyondAWSsLimit(t *testing.T) {
	fake, region := newFake()
	region.AddKey(awsfake.Key{})
	page := `{"Grants":[` + strings.Repeat(`{"GranteePrincipal":"p"},`, 9_999) + `{"GranteePrincipal":"p"}],"Truncated":true,"NextMarker":"%d"}`
	asked := 0
	fake.Break(awsfake.Fault{Call: listGrants, Do: func(w http.ResponseWriter, r *http.Request, req awsfake.Request, healthy awsfake.Answer) {
		asked++
		awsfake.Body(fmt.Sprintf(page, asked))(w, r, req, healthy)
	}})
	got := read(t, fake, Config{})
	if asked != 6 || len(got.gaps) != 1 || got.gaps[0].Why != inventory.OutOfScope || got.keys[0].Key.Grants != nil {
		t.Errorf("asked %d times, gaps %+v", asked, got.gaps)
	}
}

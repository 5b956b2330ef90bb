package aws

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// TestFoundOfASnapshot asks for summaries of what a snapshot holds, from policies that are attached, inherited from a group and inline.
func TestFoundOfASnapshot(t *testing.T) {
	root := inventory.Resource{ID: iam + "root", Type: rootType, Kind: inventory.KindAccount, Account: &inventory.Account{}}
	list := append(base(), root, policy(iam+"policy/full", policyType, "full", everything), role("admin", byEC2, grants(iam+"policy/full")))
	find := func(snap *inventory.Snapshot, id string) access.Found {
		t.Helper()
		e, err := New(snap)
		if err != nil {
			t.Fatal(err)
		}
		for i := range snap.Resources {
			if r := &snap.Resources[i]; string(r.ID) == id {
				f := e.Found(r)
				f.Unknown = slices.DeleteFunc(slices.Clone(f.Unknown), func(u inventory.Unknown) bool { return slices.Contains(notSummarized, u) })
				return f
			}
		}
		t.Fatalf("%s is not in the snapshot", id)
		return access.Found{}
	}
	snap := snapshot(list...)
	if f := find(snap, keyARN); len(f.Unknown) > 0 || f.Summary.Users.Certain != 5 || len(f.Summary.Conflicts) > 0 || f.Summary.AccountWide[0].Beneficiaries != 4 {
		t.Errorf("the key: %+v, unknown %v", f.Summary, f.Unknown)
	}
	if f := find(snap, iam+"root"); len(f.Unknown) > 0 || len(f.Summary.Conflicts) != 1 || f.Summary.Conflicts[0].Principal != iam+"role/admin" {
		t.Errorf("the root user: %+v, unknown %v", f.Summary, f.Unknown)
	}
	for _, id := range []string{"policy/decrypts", "policy/full", "role/team/app#policy/own", "role/admin"} {
		if f := find(snap, iam+id); len(f.Unknown) > 0 || fmt.Sprint(f.Summary.Reaches) != fmt.Sprint(access.Reach{Keys: 1, Worst: []string{keyARN}, Onward: id == "role/admin"}) {
			t.Errorf("%s reaches %+v, unknown %v", id, f.Summary.Reaches, f.Unknown)
		}
	}
	if f := find(snap, iam+"group/operators"); f.Summary != nil {
		t.Errorf("a group has a summary: %+v", f.Summary)
	}

	unread := snapshot(change(append(base(), root), keyARN+policySuffix, func(r *inventory.Resource) {
		r.Document = ""
		r.Unknown = []inventory.Unknown{{Fact: "policy.statements", Why: inventory.Denied, Call: "kms:GetKeyPolicy", Hint: "grant kms:GetKeyPolicy"}}
	})...)
	f := find(unread, keyARN)
	if len(f.Unknown) != len(lists) {
		t.Fatalf("of a key whose policy was not read is unknown: %v", f.Unknown)
	}
	for _, u := range f.Unknown {
		if u.Why != inventory.Denied || u.Call != "kms:GetKeyPolicy" || u.Hint != "grant kms:GetKeyPolicy" {
			t.Errorf("got %+v", u)
		}
	}
}

// TestADocumentThatIsMalformedIsUnread: no list that its statements might fill is known, and each says what is wrong where.
func TestADocumentThatIsMalformedIsUnread(t *testing.T) {
	for text, want := range map[string]string{
		broken: "at byte 57",
		strings.Replace(toTheAccount, "Allow", "Permit", 1): `statement 1: element "Effect"`,
	} {
		snap := snapshot(change(base(), keyARN+policySuffix, func(r *inventory.Resource) { r.Document = text })...)
		e, err := New(snap)
		if err != nil {
			t.Fatal(err)
		}
		h, err := e.Who("decrypt", keyARN)
		if err != nil || len(h.Unread) != 1 || !strings.Contains(h.Unread[0].Why, want) {
			t.Errorf("%s: unread %v, %v; want %q", text, h.Unread, err, want)
		}
		unknown := map[string]string{}
		for _, u := range e.Found(&snap.Resources[0]).Unknown {
			unknown[u.Fact] = u.Hint
		}
		for _, fact := range lists {
			if hint := unknown[fact]; !strings.Contains(hint, want) {
				t.Errorf("%s: %s is unknown with %q, want %q", text, fact, hint, want)
			}
		}
	}
}

// TestWhoExists asks of names that a key policy has, so that naming somebody makes nobody.
func TestWhoExists(t *testing.T) {
	const sessions = "arn:aws:sts::" + here + ":assumed-role/"
	names := map[string]access.Truth{
		iam + "role/team/app": access.Yes, iam + "role/app": access.No, iam + "user/gone": access.No,
		sessions + "app/s": access.Yes, sessions + "gone/s": access.No, sessions + "ap/s": access.No,
		sessions + "aws:ec2-infrastructure/i-0a1b2c3d4e5f60718": access.Yes, // by which EBS uses the key of a volume
		iam + "oidc-provider/gone.example":                      access.No, iam + "saml-provider/gone": access.No,
		"arn:aws:iam::" + there + ":role/x": access.Maybe, "arn:aws:sts::" + there + ":assumed-role/x/s": access.Maybe, "arn:aws:iam::" + there + ":saml-provider/x": access.Maybe,
	}
	var quoted []string
	for name := range names {
		quoted = append(quoted, fmt.Sprintf("%q", name))
	}
	text := `{"Statement":[{"Effect":"Allow","Principal":{"AWS":[` + strings.Join(quoted, ",") + `]},"Action":"kms:Decrypt","Resource":"*"}]}`
	snap := snapshot(change(base(), keyARN+policySuffix, func(r *inventory.Resource) { r.Document = text })...)
	snap.Scopes[1].Types = append(snap.Scopes[1].Types, oidcType, samlType)
	e, err := New(snap)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range names {
		if got := e.exists(name); got != want {
			t.Errorf("%s exists: %v, want %v", name, got, want)
		}
	}
}

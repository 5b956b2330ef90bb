package relate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func policyRef(cluster, namespace, name string) inventory.Ref {
	return inventory.Ref{Edge: "grants", To: inventory.VaultID(cluster, namespace, "sys", "policies", "acl", name), Target: "vault.policy", Name: name}
}

func TestEdgesShowAtBothEnds(t *testing.T) {
	role := inventory.Resource{ID: inventory.VaultID("eu", "", "auth", "approle", "role", "ci"), Type: "vault.approle.role", Scope: "vault/eu/root", Refs: []inventory.Ref{policyRef("eu", "", "b"), policyRef("eu", "", "a")}}
	policy := inventory.Resource{ID: inventory.VaultID("eu", "", "sys", "policies", "acl", "a"), Type: "vault.policy", Scope: "vault/eu/root"}
	snap := &inventory.Snapshot{
		Scopes:    []inventory.ScopeRead{{Scope: "vault/eu/root", Report: inventory.Report{Types: []string{"vault.approle.role", "vault.policy"}}}},
		Resources: []inventory.Resource{role, policy},
	}
	e, err := New(snap, Config{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Edge{
		{Type: "grants", Way: Out, To: policy.ID, Target: "vault.policy", Name: "a", End: Present},
		{Type: "grants", Way: Out, To: role.Refs[0].To, Target: "vault.policy", Name: "b", End: Absent},
	}
	if d := cmp.Diff(want, e.Edges(&role)); d != "" {
		t.Error(d)
	}
	want = []Edge{{Type: "grants", Way: In, To: role.ID, Target: "vault.approle.role", Name: "a", End: Present}}
	if d := cmp.Diff(want, e.Edges(&policy)); d != "" {
		t.Error(d)
	}
	if none := e.Edges(&inventory.Resource{ID: "x"}); none == nil || len(none) > 0 {
		t.Errorf("a resource without edges has %#v", none)
	}
}

// Absent is said only where the target would have been seen.
func TestEndOfAnEdge(t *testing.T) {
	read := func(scope inventory.Scope, types ...string) inventory.ScopeRead {
		return inventory.ScopeRead{Scope: scope, Report: inventory.Report{Types: types}}
	}
	all := []inventory.ScopeRead{
		read("vault/eu/root", "vault.policy", "vault.token"), read("vault/eu/team-a", "vault.policy"), read("aws/-/111122223333/eu-west-1", "aws.kms.key"), read("repo/pay", "repo.credential"),
	}
	const role = "vault/eu/root"
	key := inventory.Ref{Edge: "encrypts", To: "arn:aws:kms:eu-west-1:111122223333:key/k", Target: "aws.kms.key"}
	for _, c := range []struct {
		name   string
		scopes []inventory.ScopeRead
		gaps   []inventory.Gap
		from   inventory.Scope
		ref    inventory.Ref
		want   string
	}{
		{"read", all, nil, role, policyRef("eu", "", "x"), Absent},
		{"its type is not read there", []inventory.ScopeRead{read(role, "vault.token")}, nil, role, policyRef("eu", "", "x"), Unread},
		{"the scope was not read", nil, nil, role, policyRef("eu", "", "x"), Unread},
		{"a gap may hide it", all, []inventory.Gap{{Scope: role, Types: []string{"vault.policy"}}}, role, policyRef("eu", "", "x"), Unread},
		{"a gap of everything", all, []inventory.Gap{{Scope: role}}, role, policyRef("eu", "", "x"), Unread},
		{"a gap of something else", all, []inventory.Gap{{Scope: role, Types: []string{"vault.token"}}}, role, policyRef("eu", "", "x"), Absent},
		{"a gap elsewhere", all, []inventory.Gap{{Scope: "vault/eu/team-a"}}, role, policyRef("eu", "", "x"), Absent},
		{"a gap of a wider scope", all, []inventory.Gap{{Scope: "vault/eu"}}, role, policyRef("eu", "", "x"), Unread},
		{"a gap of a narrower scope", all, []inventory.Gap{{Scope: "vault/eu/root/x"}}, role, policyRef("eu", "", "x"), Unread},
		{"another namespace cannot be told from a path", all, nil, role, policyRef("eu", "team-a", "x"), Unread},
		{"another cluster", all, nil, role, policyRef("us", "", "x"), Unread},
		{"its own namespace", all, nil, "vault/eu/team-a", policyRef("eu", "team-a", "x"), Absent},
		{"AWS", all, nil, "aws/-/111122223333/us-east-1", key, Absent},
		{"AWS, from another back end", all, nil, role, key, Unread},
		{"AWS, another account", all, nil, "aws/-/111122223333/us-east-1", inventory.Ref{To: "arn:aws:kms:eu-west-1:999:key/k", Target: "aws.kms.key"}, Unread},
		{"AWS, an ID without a Region", all, nil, "aws/-/111122223333/us-east-1", inventory.Ref{To: "arn:aws:iam::111122223333:role/r", Target: "aws.kms.key"}, Unread},
		{"AWS, a short ID", all, nil, "aws/-/111122223333/us-east-1", inventory.Ref{To: "arn:aws", Target: "aws.kms.key"}, Unread},
		{"an alias", nil, nil, "aws/-/111122223333/us-east-1", alias("alias/a"), Present},
		{"a repository", all, nil, role, inventory.Ref{To: "repo:pay#x:a:1", Target: "repo.credential"}, Absent},
		{"another repository", all, nil, role, inventory.Ref{To: "repo:web#x:a:1", Target: "repo.credential"}, Unread},
		{"an ID of no known form", all, nil, role, inventory.Ref{To: "x", Target: "vault.policy"}, Unread},
	} {
		e, err := New(&inventory.Snapshot{Scopes: c.scopes, Gaps: c.gaps}, Config{})
		if err != nil {
			t.Fatal(err)
		}
		edges := e.Edges(&inventory.Resource{ID: "from", Scope: c.from, Refs: []inventory.Ref{c.ref}})
		if edges[0].End != c.want {
			t.Errorf("%s: the end is %s, want %s", c.name, edges[0].End, c.want)
		}
	}
}

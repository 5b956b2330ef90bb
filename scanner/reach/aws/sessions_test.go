package aws

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// TestTagsOfSessions has a role whose own policy goes by a tag of the caller. Where the role's trust policy lets sessions bring tags, as that for
// EKS Pod Identity has to, these decide, and not the tags that the role has.
func TestTagsOfSessions(t *testing.T) {
	pods := trusts(`{"Service":"pods.eks.amazonaws.com"}`, "sts:AssumeRole sts:TagSession", "")
	for _, c := range []struct {
		name, trust, tag, want string
	}{
		{"pods bring the tag of their namespace", pods, "", "conditional if aws:PrincipalTag/kubernetes-namespace"},
		{"pods bring theirs over the role's", pods, "pay", "conditional if aws:PrincipalTag/kubernetes-namespace"},
		{"a trust policy that allows all that AWS STS has", trusts(`{"Service":"pods.eks.amazonaws.com"}`, "sts:*", ""), "", "conditional if aws:PrincipalTag/kubernetes-namespace"},
		{"a trust policy that was not read", "", "pay", "conditional if aws:PrincipalTag/kubernetes-namespace"},
		{"instances bring no tags", service("ec2.amazonaws.com"), "", ""},
		{"the role has the tag", service("ec2.amazonaws.com"), "pay", "allowed"},
		{"the role has the tag of another namespace", service("ec2.amazonaws.com"), "shop", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			own := iam + "role/pod#policy/own"
			r := role("pod", c.trust, inventory.Ref{Edge: "grants", To: inventory.ID(own), Target: policyType, Name: "own"})
			if c.tag != "" {
				r.Tags = map[string]string{"kubernetes-namespace": c.tag}
			}
			text := statement(`kms:Decrypt on * if {"StringEquals":{"aws:PrincipalTag/kubernetes-namespace":"pay"}}`)
			e, err := New(snapshot(append(base(), r, policy(own, policyType, "own", text))...))
			if err != nil {
				t.Fatal(err)
			}
			h, err := e.Who("kms:Decrypt", keyARN)
			if err != nil {
				t.Fatal(err)
			}
			all := holders(h)
			i := slices.IndexFunc(all, func(s string) bool { return strings.HasPrefix(s, "role/pod ") })
			got := ""
			if i >= 0 {
				got = strings.TrimPrefix(all[i], "role/pod ")
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

package inventorytest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

var (
	services   = []string{"payments", "checkout", "ledger", "billing", "identity", "search", "shipping", "fraud", "notify", "catalog", "risk", "reporting"}
	things     = []string{"jwt", "webhook", "session", "documents", "backup", "tokens", "invoices", "exports", "audit-log", "cards", "profiles", "queue"}
	teams      = []string{"team-payments", "team-identity", "team-platform", "team-data", "team-growth"}
	regions    = []string{"eu-west-1", "us-east-1", "eu-central-1", "ap-southeast-2"}
	namespaces = []string{"root", "team-a", "team-a/app", "team-b"}
	vaultTypes = []string{
		"vault.approle.role", "vault.audit.device", "vault.cluster", "vault.kubernetes.role", "vault.kv.secret",
		"vault.mount", "vault.policy", "vault.token", "vault.transit.key",
	}
)

// lay lays out scopes, more of them for a larger estate, and lets some listings be refused.
func (g *generator) lay() {
	accounts := min(2+g.o.Resources/400, 60)
	for i := range accounts {
		account := fmt.Sprintf("%012d", 111122223333+uint64(i)*7919013)
		for _, region := range regions[:1+g.rand.IntN(len(regions))] {
			g.scopes = append(g.scopes, &place{
				scope: inventory.NewScope("aws", "-", account, region), backend: "aws", account: account, region: region,
				types: []string{"aws.kms.key"}, calls: map[string]int{"kms:ListKeys": 1 + g.rand.IntN(9), "kms:DescribeKey": g.rand.IntN(400)},
			})
		}
	}
	for _, cluster := range []string{"eu", "us"} {
		for _, ns := range namespaces {
			parts := append([]string{"vault", cluster}, strings.Split(ns, "/")...)
			g.scopes = append(g.scopes, &place{
				scope: inventory.NewScope(parts...), backend: "vault", cluster: cluster, namespace: ns,
				types: vaultTypes, calls: map[string]int{"GET sys/mounts": 1, "LIST MOUNT/keys": 1 + g.rand.IntN(9)},
			})
		}
	}
	for _, service := range services[:min(3+g.o.Resources/500, len(services))] {
		g.scopes = append(g.scopes, &place{scope: inventory.NewScope("repo", service), backend: "repo", types: []string{"repo.credential"}})
	}
	if !g.o.Whole {
		g.refuse()
	}
}

// refuse hides some listings. The first place of each back end stays whole, so that every type can be made.
func (g *generator) refuse() {
	seen := map[string]bool{}
	for _, p := range g.scopes {
		first := !seen[p.backend]
		seen[p.backend] = true
		if first || !g.chance(30) {
			continue
		}
		gap := inventory.Gap{Scope: p.scope}
		switch p.backend {
		case "aws":
			gap.Types, gap.What, gap.Why, gap.Call, gap.Hint = p.types, "list of keys", inventory.Denied, "kms:ListKeys", "kms:ListKeys"
			gap.Err = "AccessDeniedException: User: " + p.identity() + " is not authorized to perform: kms:ListKeys"
		case "vault":
			switch g.rand.IntN(3) {
			case 0:
				gap.Types, gap.What, gap.Why = []string{"vault.token"}, "list of token accessors", inventory.NotAsked
				gap.Call, gap.Hint = "LIST auth/token/accessors", "tokens.list in the configuration"
			case 1:
				gap.Types, gap.What, gap.Why = []string{"vault.policy"}, "list of policies", inventory.Denied
				gap.Call, gap.Hint = "LIST sys/policies/acl", "sys/policies/acl: list"
			case 2:
				gap.Types, gap.What, gap.Why = []string{"vault.kv.secret"}, `list of paths in "secret/"`, inventory.Throttled
				gap.Call = "LIST secret/metadata"
			}
		case "repo":
			gap.What, gap.Why = "file "+g.pick(things...)+".bin", inventory.Unreadable
		}
		p.gaps = append(p.gaps, gap)
	}
}

// identity is who read the place.
func (p *place) identity() string {
	switch p.backend {
	case "aws":
		return "arn:aws:sts::" + p.account + ":assumed-role/keyreeve-read/keyreeve"
	case "vault":
		return "approle keyreeve"
	}
	return ""
}

// tags are what an estate has in the way of them: mostly there, sometimes none.
func (g *generator) tags() map[string]string {
	t := map[string]string{}
	if g.chance(75) {
		t["env"] = g.pick("prod", "prod", "prod", "staging", "dev")
	}
	if g.chance(70) {
		t[g.pick("team", "owner")] = g.pick(teams...)
	}
	if g.chance(60) {
		t["service"] = g.pick(services...)
	}
	if g.chance(15) {
		t["cost-centre"] = fmt.Sprintf("%d", 4000+g.rand.IntN(40))
	}
	return t
}

func ptr[T any](v T) *T { return &v }

func sorted(words ...string) []string { slices.Sort(words); return words }

// Package inventorytest makes estates for tests and benchmarks: from a seed, a snapshot of several AWS accounts, Vault
// clusters and repositories that looks like one a collection could have taken, with good and bad keys, facts that were
// refused, listings that were refused, and series of keys with those they left behind.
//
// It says nothing of what a real estate holds on average; shares are chosen so that a few hundred resources show every case.
package inventorytest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Options shape an estate. The zero value is good.
type Options struct {
	Resources int       // how many; 300 when 0. From 20 on every type is there
	TakenAt   time.Time // the clock; 2026-01-01 when zero
	// Whole asks for an estate of which everything was read: no gap, and no fact unknown.
	Whole bool
}

// Generate makes an estate. Equal arguments give equal snapshots. The resources are complete and sorted.
func Generate(seed uint64, o Options) *inventory.Snapshot {
	if o.Resources == 0 {
		o.Resources = 300
	}
	if o.TakenAt.IsZero() {
		o.TakenAt = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	g := &generator{rand: rand.New(rand.NewPCG(seed, 0x6b657972656576)), o: o, ids: map[inventory.ID]bool{}}
	g.lay()
	for _, typ := range []string{
		"aws.kms.key", "vault.transit.key", "vault.kv.secret", "vault.token", "vault.approle.role", "vault.kubernetes.role",
		"vault.policy", "vault.mount", "vault.audit.device", "vault.cluster", "repo.credential",
	} {
		g.add(typ) // one of each, then by weight
	}
	for len(g.resources) < o.Resources {
		g.add(g.pick(weights...))
	}
	g.resources = g.resources[:o.Resources]
	return g.snapshot()
}

// weights are the types in their shares.
var weights = slices.Concat(
	slices.Repeat([]string{"aws.kms.key"}, 7), slices.Repeat([]string{"vault.kv.secret"}, 5), slices.Repeat([]string{"vault.transit.key"}, 4),
	slices.Repeat([]string{"vault.token"}, 2), []string{"vault.approle.role", "vault.kubernetes.role", "vault.policy", "vault.mount", "repo.credential"},
)

type generator struct {
	rand      *rand.Rand
	o         Options
	scopes    []*place
	resources []inventory.Resource
	ids       map[inventory.ID]bool
}

// A place is a scope and what is known of it.
type place struct {
	scope   inventory.Scope
	backend string
	types   []string
	gaps    []inventory.Gap
	calls   map[string]int
	// Of AWS and Vault.
	account, region, cluster, namespace string
}

// add makes one resource, or a series of them, in a place where its type could be read.
func (g *generator) add(typ string) {
	var open []*place
	for _, p := range g.scopes {
		if slices.Contains(p.types, typ) && !slices.ContainsFunc(p.gaps, func(gap inventory.Gap) bool { return gap.Covers(typ) }) {
			open = append(open, p)
		}
	}
	p := open[g.rand.IntN(len(open))]
	before := len(g.resources)
	switch typ {
	case "aws.kms.key":
		g.kmsKeys(p)
	case "repo.credential":
		g.leak(p)
	default:
		g.vault(p, typ)
	}
	for i := before; i < len(g.resources); i++ {
		r := &g.resources[i]
		if !g.o.Whole && g.chance(8) {
			g.forget(r)
		}
		r.Complete()
	}
}

// put takes a resource into the estate under a free ID.
func (g *generator) put(r inventory.Resource) {
	if info, ok := inventory.TypeOf(r.Type); ok {
		r.Kind = info.Kind
	}
	if r.Origin == "" {
		r.Origin = inventory.Live
	}
	for base, n := r, 2; g.ids[r.ID]; n++ {
		r.ID, r.Name = base.ID+inventory.ID(fmt.Sprintf("-%d", n)), fmt.Sprintf("%s-%d", base.Name, n)
	}
	g.ids[r.ID] = true
	g.resources = append(g.resources, r)
}

func (g *generator) snapshot() *inventory.Snapshot {
	s := &inventory.Snapshot{TakenAt: g.o.TakenAt, Tool: "test", Resources: g.resources}
	slices.SortFunc(s.Resources, func(a, b inventory.Resource) int { return strings.Compare(string(a.ID), string(b.ID)) })
	held := map[inventory.Scope]int{}
	for _, r := range s.Resources {
		held[r.Scope]++
	}
	for _, p := range g.scopes {
		s.Scopes = append(s.Scopes, inventory.ScopeRead{
			Scope: p.scope, Resources: held[p.scope],
			Report: inventory.Report{Types: p.types, Calls: p.calls, Identity: p.identity()},
		})
		s.Gaps = append(s.Gaps, p.gaps...)
	}
	slices.SortFunc(s.Scopes, func(a, b inventory.ScopeRead) int { return strings.Compare(string(a.Scope), string(b.Scope)) })
	slices.SortFunc(s.Gaps, func(a, b inventory.Gap) int {
		return strings.Compare(string(a.Scope)+"\x00"+a.What, string(b.Scope)+"\x00"+b.What)
	})
	return s
}

// chance is true in so many of a hundred cases.
func (g *generator) chance(percent int) bool { return g.rand.IntN(100) < percent }

// pick takes one of its arguments.
func (g *generator) pick(words ...string) string { return words[g.rand.IntN(len(words))] }

// ago is a time at least min and less than max days before the clock.
func (g *generator) ago(minDays, maxDays int) *time.Time {
	days := time.Duration(minDays+g.rand.IntN(maxDays-minDays)) * 24 * time.Hour
	t := g.o.TakenAt.Add(-days - time.Duration(g.rand.IntN(86400))*time.Second).Truncate(time.Second)
	return &t
}

// ahead is a time less than max days after the clock.
func (g *generator) ahead(maxDays int) *time.Time {
	t := g.o.TakenAt.Add(time.Duration(1+g.rand.IntN(maxDays*86400)) * time.Second)
	return &t
}

func later(a, b *time.Time) *time.Time {
	if a.After(*b) {
		return a
	}
	return b
}

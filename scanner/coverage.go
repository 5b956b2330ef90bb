package scanner

import (
	"math"
	"slices"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// coverage says for each scope how much of it was read.
func coverage(snap *inventory.Snapshot) []finding.Coverage {
	at := map[inventory.Scope]*finding.Coverage{}
	out := make([]finding.Coverage, len(snap.Scopes))
	for i, s := range snap.Scopes {
		out[i] = finding.Coverage{ScopeRead: s}
		at[s.Scope] = &out[i]
	}
	for i := range snap.Resources {
		r := &snap.Resources[i]
		if c := at[r.Scope]; c != nil {
			known, unknown := r.Facts()
			c.Facts += known + unknown
			c.Unknown += unknown
		}
	}
	for _, g := range snap.Gaps {
		if c := at[g.Scope]; c != nil && g.Why != inventory.NotAsked {
			c.Gaps++
		}
	}
	return out
}

// uncovered makes a diagnostic of every scope that was not read as far as it has to be. Where the configuration sets a floor
// for a back end, that is the share of types listed times that of facts read, in each scope by itself: a mean would let one Region
// that nobody can look into hide behind others. Elsewhere no gap may be left that nobody accepted. Facts that were not read count
// there through the verdicts that hang on them.
func uncovered(r *finding.Result, floors map[string]float64) []finding.Finding {
	var out []finding.Finding
	for _, c := range r.Coverage {
		share, enough := typesRead(r, c), 1.0
		if floor, ok := floors[c.Scope.Backend()]; ok {
			share, enough = share*factsRead(c), floor/100
		}
		if share < enough {
			out = append(out, diagnostic(coverageGap, "scope:"+string(c.Scope), c.Scope, "",
				"the scope was not read as far as it has to be", map[string]any{"read_percent": percent(share), "enough_percent": percent(enough)}))
		}
	}
	return out
}

// typesRead is the share of a scope's types that no gap hides. A gap that a waiver accepts hides nothing.
func typesRead(r *finding.Result, c finding.Coverage) float64 {
	hidden := map[string]bool{}
	for _, g := range r.Gaps {
		if g.Scope != c.Scope || g.Accepted != nil || !g.Incomplete() {
			continue
		}
		if len(g.Types) == 0 || len(c.Types) == 0 {
			return 0
		}
		for _, t := range g.Types {
			hidden[t] = true
		}
	}
	if len(hidden) == 0 {
		return 1
	}
	left := slices.DeleteFunc(slices.Clone(c.Types), func(t string) bool { return hidden[t] })
	return float64(len(left)) / float64(len(c.Types))
}

// factsRead is the share of the required facts of a scope's resources that were read.
func factsRead(c finding.Coverage) float64 {
	if c.Facts == 0 {
		return 1
	}
	return float64(c.Facts-c.Unknown) / float64(c.Facts)
}

// percent keeps one digit after the point.
func percent(share float64) float64 { return math.Round(share*1000) / 10 }

package scanner

import (
	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// reading says how much of what was to be read was read; exit codes 3 and 4 hang on it.
func reading(snap *inventory.Snapshot, r *finding.Result, floors map[string]float64) finding.Reading {
	if nothing(snap, r.Gaps) {
		return finding.Nothing
	}
	for _, d := range r.Diagnostics {
		if d.Rule == coverageGap && d.Waived == nil {
			return finding.Partial
		}
	}
	floored := func(s inventory.Scope) bool { _, ok := floors[s.Backend()]; return ok }
	for _, g := range r.Gaps {
		if g.Accepted == nil && g.Incomplete() && !floored(g.Scope) {
			return finding.Partial
		}
	}
	for _, f := range r.Findings {
		if f.Verdict == finding.Unknown && f.Waived == nil && f.Resource.Origin != inventory.Declared && !floored(f.Resource.Scope) {
			return finding.Partial
		}
	}
	return finding.Whole
}

// nothing reports whether something was to be read and nothing was: there are gaps that nobody accepted, and no resource but
// accounts, which exist by being configured, or resources of which only the name is known. A file that could be opened was looked at
// for credentials, whatever else it may declare: one that is broken is a gap of a reading, and not a reading of nothing. A ledger is no
// back end: that it could be read says nothing of what it is about.
func nothing(snap *inventory.Snapshot, gaps []finding.Gap) bool {
	if len(gaps) == 0 {
		return false
	}
	for i := range snap.Resources {
		r := &snap.Resources[i]
		if known, _ := r.Facts(); r.Origin != inventory.Recorded && r.Kind != inventory.KindAccount && known > 0 {
			return false
		}
	}
	for _, s := range snap.Scopes {
		hides := false
		for _, g := range gaps {
			hides = hides || g.Scope == s.Scope && g.Incomplete() && g.Accepted == nil
		}
		if s.Scope.Backend() != "ledger" && (!hides || s.Files > 0) {
			return false // read whole and empty, or files of it were
		}
	}
	return true
}

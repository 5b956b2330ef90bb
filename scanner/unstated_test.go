package scanner

import (
	"testing"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// What a file leaves open is told and makes no verdict, and the reading is whole all the same; a file that could not be read is another matter.
func TestWhatFilesLeaveOpen(t *testing.T) {
	rules := []finding.Rule{{ID: "area/rule", AppliesTo: []string{"key"}, Severity: finding.High}}
	for why, want := range map[inventory.Reason]struct {
		reading  finding.Reading
		standIns int
	}{
		inventory.NotStated:  {finding.Whole, 0},
		inventory.Unreadable: {finding.Partial, 1},
	} {
		gap := func(line string) inventory.Gap {
			return inventory.Gap{Scope: "repo/x", Types: []string{"aws.kms.key"}, What: `file "a"`, Why: why, Err: line}
		}
		snap := &inventory.Snapshot{
			Scopes: []inventory.ScopeRead{{Scope: "repo/x", Report: inventory.Report{Types: []string{"aws.kms.key"}}}},
			Resources: []inventory.Resource{{
				ID: "x", Type: "repo.credential", Kind: inventory.KindCredential, Origin: inventory.Declared, Scope: "repo/x", Credential: &inventory.Credential{Class: "specific", Detector: "d"},
			}},
			Gaps: []inventory.Gap{gap("line 1: a"), gap("line 2: b")},
		}
		r := &finding.Result{Coverage: coverage(snap), Findings: unlisted(snap, rules)}
		for _, g := range snap.Gaps {
			r.Gaps = append(r.Gaps, finding.Gap{Gap: g})
		}
		r.Diagnostics = uncovered(r, nil)
		if got := reading(snap, r, nil); got != want.reading {
			t.Errorf("%s: the reading is %s, want %s", why, got, want.reading)
		}
		if len(r.Findings) != want.standIns || want.standIns == 1 && r.Findings[0].Verdict != finding.Unknown {
			t.Errorf("%s: stand-ins %+v, want %d unknown verdicts", why, r.Findings, want.standIns)
		}
	}
}

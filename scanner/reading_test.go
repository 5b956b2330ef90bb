package scanner

import (
	"testing"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// regions is an estate of two Regions with a key each; the list of keys of the second was refused.
func regions() (*inventory.Snapshot, *finding.Result) {
	const a, b = inventory.Scope("aws/-/111122223333/eu-west-1"), inventory.Scope("aws/-/111122223333/us-east-1")
	snap := &inventory.Snapshot{
		Resources: []inventory.Resource{{ID: "k", Type: "aws.iam.user", Kind: inventory.KindPrincipal, Scope: a, Origin: inventory.Live, Tags: map[string]string{}}},
		Gaps:      []inventory.Gap{{Scope: b, Types: []string{"aws.kms.key"}, What: "list of keys", Why: inventory.Denied}},
	}
	types := inventory.Report{Types: []string{"aws.kms.key"}}
	snap.Scopes = []inventory.ScopeRead{{Scope: a, Resources: 1, Report: types}, {Scope: b, Report: types}}
	r := &finding.Result{Gaps: []finding.Gap{{Gap: snap.Gaps[0]}}, Coverage: coverage(snap)}
	return snap, r
}

// TestFloorHoldsInEachScope: a Region that nobody can look into must not hide behind one that was read.
func TestFloorHoldsInEachScope(t *testing.T) {
	snap, r := regions()
	floors := map[string]float64{"aws": 40}
	r.Diagnostics = uncovered(r, floors)
	if len(r.Diagnostics) != 1 || r.Diagnostics[0].Resource.Scope != "aws/-/111122223333/us-east-1" {
		t.Errorf("diagnostics: %+v", r.Diagnostics)
	}
	if got := reading(snap, r, floors); got != finding.Partial {
		t.Errorf("reading is %s", got)
	}
}

func TestAcceptedGapHidesNothing(t *testing.T) {
	snap, r := regions()
	snap.Resources, snap.Scopes = nil, snap.Scopes[1:]
	r.Coverage = coverage(snap)
	if got := reading(snap, r, nil); got != finding.Nothing {
		t.Errorf("reading is %s while the only list was refused", got)
	}
	r.Gaps[0].Accepted = &finding.Waived{By: "w"}
	if got := reading(snap, r, nil); got != finding.Whole {
		t.Errorf("reading is %s once that is accepted", got)
	}
}

// TestBrokenFileIsNotNothing: what a broken file declares is not known, and yet it was opened and looked at. Where no file could be,
// nothing was read.
func TestBrokenFileIsNotNothing(t *testing.T) {
	for files, want := range map[int]finding.Reading{1: finding.Partial, 0: finding.Nothing} {
		snap := &inventory.Snapshot{
			Scopes: []inventory.ScopeRead{{Scope: "repo/x", Report: inventory.Report{Types: []string{"aws.kms.key"}, Files: files}}},
			Gaps:   []inventory.Gap{{Scope: "repo/x", Types: []string{"aws.kms.key"}, What: `file "a.tf"`, Why: inventory.Unreadable}},
		}
		if got := reading(snap, &finding.Result{Gaps: []finding.Gap{{Gap: snap.Gaps[0]}}}, nil); got != want {
			t.Errorf("%d files were opened: reading is %s, want %s", files, got, want)
		}
	}
}

// TestLedgerIsNoBackEnd: no back end answered, and the ledger of what was rotated is there as always.
func TestLedgerIsNoBackEnd(t *testing.T) {
	snap := &inventory.Snapshot{
		Scopes: []inventory.ScopeRead{{Scope: "vault/eu/root"}, {Scope: "ledger/rotations"}},
		Resources: []inventory.Resource{{
			ID: "ledger:rotations/1/jwt", Type: "ledger.rotation", Kind: inventory.KindRotation, Name: "jwt", Origin: inventory.Recorded, Scope: "ledger/rotations",
			Rotation: &inventory.LedgerRotation{Plan: "sha256:1", Tier: "production"},
		}},
	}
	r := &finding.Result{Gaps: []finding.Gap{{Gap: inventory.Gap{Scope: "vault/eu/root", What: "mounts", Why: inventory.Unreachable}}}}
	if got := reading(snap, r, nil); got != finding.Nothing {
		t.Errorf("reading is %s, want %s", got, finding.Nothing)
	}
}

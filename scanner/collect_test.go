package scanner

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// listed is a source that yields what it is given, an error standing for itself.
type listed struct {
	scope inventory.Scope
	items []any
}

func (s listed) Scope() inventory.Scope { return s.scope }

func (s listed) Report() inventory.Report { return inventory.Report{Types: []string{"vault.policy"}} }

func (s listed) Resources(ctx context.Context) iter.Seq2[inventory.Resource, error] {
	return func(yield func(inventory.Resource, error) bool) {
		for _, it := range s.items {
			var r inventory.Resource
			var err error
			switch it := it.(type) {
			case inventory.ID:
				r = inventory.Resource{ID: it, Type: "vault.policy", Kind: inventory.KindPolicy, Name: string(it), Origin: inventory.Live, Scope: s.scope, Policy: &inventory.Policy{}}
			case error:
				err = it
			case context.CancelFunc:
				it()
				err = ctx.Err()
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

var taken = time.Date(2026, 1, 1, 12, 0, 0, 999, time.FixedZone("x", 3600))

func TestCollectSortsAndCompletes(t *testing.T) {
	snap, err := Collect(context.Background(), []inventory.Source{
		listed{"vault/b/root", []any{inventory.ID("vault:b/root/p2"), inventory.ID("vault:b/root/p1")}},
		listed{"vault/a/root", []any{inventory.ID("vault:a/root/p"), &inventory.Gap{Scope: "vault/a/root", What: "list of keys", Why: inventory.Denied}, inventory.ID("vault:a/root/o")}},
	}, CollectOptions{Now: taken, Tool: "t"})
	if err != nil {
		t.Fatal(err)
	}
	var ids []inventory.ID
	for _, r := range snap.Resources {
		ids = append(ids, r.ID)
		if u := r.Unread("policy.builtin"); u == nil || u.Why != inventory.NotRead {
			t.Errorf("%s: a required fact that is missing is not listed as unknown: %v", r.ID, r.Unknown)
		}
	}
	if diff := cmp.Diff([]inventory.ID{"vault:a/root/o", "vault:a/root/p", "vault:b/root/p1", "vault:b/root/p2"}, ids); diff != "" {
		t.Error(diff)
	}
	if len(snap.Gaps) != 1 || snap.Gaps[0].What != "list of keys" {
		t.Errorf("gaps: %v", snap.Gaps)
	}
	if len(snap.Scopes) != 2 || snap.Scopes[0].Scope != "vault/a/root" || snap.Scopes[0].Resources != 2 || snap.Scopes[0].Types[0] != "vault.policy" {
		t.Errorf("scopes: %v", snap.Scopes)
	}
	if want := time.Date(2026, 1, 1, 11, 0, 0, 0, time.UTC); snap.TakenAt != want {
		t.Errorf("taken at %v, want %v", snap.TakenAt, want)
	}
}

func TestCollectKeepsWhatABrokenSourceYielded(t *testing.T) {
	snap, err := Collect(context.Background(), []inventory.Source{
		listed{"vault/a/root", []any{inventory.ID("vault:a/root/p"), errors.New("connection reset")}},
		listed{"vault/b/root", []any{inventory.ID("vault:b/root/p")}},
	}, CollectOptions{Now: taken})
	if err != nil {
		t.Fatal(err)
	}
	if len(snap.Resources) != 2 || len(snap.Gaps) != 1 || snap.Gaps[0].Err != "connection reset" || snap.Gaps[0].Scope != "vault/a/root" {
		t.Errorf("resources %v, gaps %v", snap.Resources, snap.Gaps)
	}
}

func TestCollectRefusesOneScopeTwice(t *testing.T) {
	s := listed{"vault/a/root", nil}
	_, err := Collect(context.Background(), []inventory.Source{s, s}, CollectOptions{Now: taken})
	if err == nil || !strings.Contains(err.Error(), "vault/a/root") {
		t.Errorf("got %v", err)
	}
}

func TestCollectMakesASecondResourceOfOneIDAGap(t *testing.T) {
	snap, err := Collect(context.Background(), []inventory.Source{
		listed{"vault/a/root", []any{inventory.ID("vault:x/root/p")}},
		listed{"vault/b/root", []any{inventory.ID("vault:x/root/p")}},
	}, CollectOptions{Now: taken})
	if err != nil {
		t.Fatal(err)
	}
	if len(snap.Resources) != 1 || snap.Resources[0].Scope != "vault/a/root" || len(snap.Gaps) != 1 || snap.Gaps[0].Scope != "vault/b/root" {
		t.Errorf("resources %v, gaps %v", snap.Resources, snap.Gaps)
	}
}

func TestCollectEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	snap, err := Collect(ctx, []inventory.Source{listed{"vault/a/root", []any{inventory.ID("vault:a/root/p"), cancel, inventory.ID("vault:a/root/q")}}},
		CollectOptions{Now: taken})
	if snap != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v; want no snapshot and context.Canceled", snap, err)
	}
}

package scanner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sort"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// maxSources bounds how many scopes are read at once. Each back end keeps its own, tighter budget of calls.
const maxSources = 32

// CollectOptions are the circumstances of a collection.
type CollectOptions struct {
	Now      time.Time    // becomes Snapshot.TakenAt, the clock of every age
	Tool     string       // version of keyreeve
	Logger   *slog.Logger // nil: silent
	Progress Progress     // nil: silent
}

// Progress is told what a collection has seen so far. Its methods are called from several goroutines.
type Progress interface {
	Resource(scope inventory.Scope)
	Gap(scope inventory.Scope)
	Done(scope inventory.Scope)
}

type silent struct{}

func (silent) Resource(inventory.Scope) {}
func (silent) Gap(inventory.Scope)      {}
func (silent) Done(inventory.Scope)     {}

// Collect reads all sources side by side and returns what they hold as one snapshot, sorted, every resource complete: a
// required fact that is missing is listed as unknown.
//
// What could not be read is in Snapshot.Gaps and no error. The errors are a context that ended, and two sources that claim
// the same scope.
func Collect(ctx context.Context, sources []inventory.Source, o CollectOptions) (*inventory.Snapshot, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Progress == nil {
		o.Progress = silent{}
	}
	claimed := map[inventory.Scope]bool{}
	for _, s := range sources {
		if claimed[s.Scope()] {
			return nil, fmt.Errorf("two sources are configured for the scope %s; remove one", s.Scope())
		}
		claimed[s.Scope()] = true
	}

	var mu sync.Mutex
	snap := &inventory.Snapshot{TakenAt: o.Now.UTC().Truncate(time.Second), Tool: o.Tool}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxSources)
	for _, s := range sources {
		group.Go(func() error {
			resources, gaps, err := drain(ctx, s, o)
			if err != nil {
				return err
			}
			read := inventory.ScopeRead{Scope: s.Scope(), Resources: len(resources)}
			if r, ok := s.(inventory.Reporter); ok {
				read.Report = r.Report()
			}
			mu.Lock()
			defer mu.Unlock()
			snap.Resources = append(snap.Resources, resources...)
			snap.Gaps = append(snap.Gaps, gaps...)
			snap.Scopes = append(snap.Scopes, read)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	settle(snap)
	return snap, nil
}

// drain reads one source to its end.
func drain(ctx context.Context, s inventory.Source, o CollectOptions) ([]inventory.Resource, []inventory.Gap, error) {
	var resources []inventory.Resource
	var gaps []inventory.Gap
	scope := s.Scope()
	defer o.Progress.Done(scope)
	for r, err := range s.Resources(ctx) {
		var gap *inventory.Gap
		switch {
		case err == nil:
			r.Complete()
			resources = append(resources, r)
			o.Progress.Resource(scope)
		case errors.As(err, &gap):
			o.Logger.Debug("could not read", "scope", scope, "what", gap.What, "why", gap.Why, "call", gap.Call)
			gaps = append(gaps, *gap)
			o.Progress.Gap(scope)
		case ctx.Err() != nil:
			return nil, nil, ctx.Err()
		default:
			// The source broke in the middle: what it yielded stands, and the rest of its scope is a gap.
			gaps = append(gaps, inventory.Gap{Scope: scope, What: "the rest of the scope", Why: inventory.Unreachable, Err: err.Error()})
			o.Progress.Gap(scope)
			return resources, gaps, nil
		}
	}
	return resources, gaps, ctx.Err()
}

// settle sorts a snapshot and makes IDs unique: of two resources with one ID, the one of the first scope stays and the other is a gap.
func settle(snap *inventory.Snapshot) {
	sort.SliceStable(snap.Scopes, func(i, j int) bool { return snap.Scopes[i].Scope < snap.Scopes[j].Scope })
	sort.SliceStable(snap.Resources, func(i, j int) bool {
		a, b := &snap.Resources[i], &snap.Resources[j]
		if a.ID != b.ID {
			return a.ID < b.ID
		}
		return a.Scope < b.Scope
	})
	kept := snap.Resources[:0]
	for _, r := range snap.Resources {
		if n := len(kept); n > 0 && kept[n-1].ID == r.ID {
			snap.Gaps = append(snap.Gaps, inventory.Gap{
				Scope: r.Scope, Types: []string{r.Type}, What: fmt.Sprintf("a second resource named %q", r.ID),
				Why: inventory.Unreadable, Hint: "give the back ends different names in the configuration",
			})
			continue
		}
		kept = append(kept, r)
	}
	snap.Resources = kept
	sort.SliceStable(snap.Gaps, func(i, j int) bool {
		a, b := snap.Gaps[i], snap.Gaps[j]
		if a.Scope != b.Scope {
			return a.Scope < b.Scope
		}
		if a.What != b.What {
			return a.What < b.What
		}
		return a.Call < b.Call
	})
}

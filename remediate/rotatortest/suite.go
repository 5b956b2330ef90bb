// Package rotatortest holds every rotator to the same promises, at the wire: what it plans it does, once, whatever is killed, lost or refused on
// the way; what somebody else did is not touched; and nothing is done that the ledger does not announce.
package rotatortest

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/remediate/plan"
)

// A Fixture is one rotation and the back end that it is about, both fresh.
type Fixture struct {
	// Rotation was drafted from what the back end holds. Its ID is the suite's to choose.
	Rotation plan.Rotation
	// Rotator makes its calls through Wire.
	Rotator plan.Rotator
	Wire    *Wire
	// State tells in a line what the back end holds, without random names: two back ends that are alike tell the same.
	State func() string
	// Foreign does what a colleague might, to the same key: another version, another access key.
	Foreign func()
	// Valid says why a client that follows the protocol has no valid credential now; "" when it has. It may be nil.
	Valid func() string
	// Secrets are the values that must be nowhere but in the back end. It may be nil.
	Secrets func() []string
	// Pass is told that time has passed. It may be nil.
	Pass func()
	// Restores says that taking everything back leaves the back end as it was found.
	Restores bool
}

// Open makes a fixture. The back end's clock is now.
type Open func(t *testing.T, now func() time.Time) Fixture

// Run runs the whole suite. Fixtures are opened beside each other, so they must not share anything that changes.
func Run(t *testing.T, open Open) {
	acts := 0
	var calls, writes int
	var end string
	var changes func(call int) bool
	t.Run("carried out once", func(t *testing.T) {
		b := newBench(t, open, 0)
		if calls, written := b.f.Wire.counts(); calls != 0 || written != 0 {
			t.Errorf("%d calls before anything was approved", calls)
		}
		for _, s := range b.rotation().Steps {
			if s.Act != "" {
				acts++
			}
		}
		b.finish(true)
		calls, writes = b.f.Wire.counts()
		changes = b.f.Wire.changes
		if writes != acts {
			t.Errorf("%d calls that write for %d acts\n%s", writes, acts, b.story())
		}
		end = b.f.State()
		if end == b.first {
			t.Errorf("nothing has changed: %s", end)
		}
		b.pass(time.Hour)
		if _, err := b.apply(); err != nil {
			t.Fatal(err)
		}
		if _, again := b.f.Wire.counts(); again != writes || b.f.State() != end {
			t.Errorf("applied again, it made %d calls that write, and holds %s", again-writes, b.f.State())
		}
		if b.f.Secrets == nil {
			return
		}
		said := b.story() + string(b.plan.Bytes()) + b.plan.Text()
		for _, secret := range b.f.Secrets() {
			if strings.Contains(said, secret) {
				t.Error("a secret value is in the plan or the ledger")
			}
		}
	})
	if t.Failed() {
		return
	}
	ends := func(t *testing.T, b *bench) {
		t.Helper()
		b.finish(false)
		if got := b.f.State(); got != end {
			t.Errorf("ended with %s, want %s\n%s", got, end, b.story())
		}
	}
	for call := 1; call <= calls; call++ {
		for _, cut := range []Cut{Before, After} {
			if cut == After && !changes(call) {
				continue // for who is killed it is the same, and for a back end that was only asked
			}
			t.Run(fmt.Sprintf("killed %s call %d", names[cut], call), func(t *testing.T) {
				t.Parallel()
				b := newBench(t, open, 0)
				var killed atomic.Bool // the wire sets it
				b.f.Wire.disturbed(func(n int, _ bool) Cut {
					switch {
					case n == call:
						killed.Store(true)
						b.store.Dead.Store(true)
						return cut
					case n > call:
						return Before
					}
					return Through
				})
				for i := 0; !killed.Load() && i < 100; i++ {
					if s, err := b.apply(); err == nil && !killed.Load() {
						b.next(s)
					}
				}
				b.store.Dead.Store(false)
				b.f.Wire.disturbed(nil)
				b.pass(time.Minute)
				ends(t, b)
			})
		}
	}
	for write := 1; write <= writes; write++ {
		for _, cut := range []Cut{Before, After, Refuse, Crowded} {
			t.Run(fmt.Sprintf("%s write %d", names[cut]+" the answer of", write), func(t *testing.T) {
				t.Parallel()
				b := newBench(t, open, 0)
				n := 0
				b.f.Wire.disturbed(func(_ int, is bool) Cut {
					if is {
						if n++; n == write {
							return cut
						}
					}
					return Through
				})
				stopped := false
				for i := 0; n < write && i < 100; i++ {
					s, err := b.apply()
					if err != nil {
						t.Fatal(err)
					}
					if stopped = s.Failed; !stopped {
						b.next(s)
					}
				}
				if _, written := b.f.Wire.counts(); cut == Refuse && (!stopped || written != write-1) {
					t.Errorf("a call was refused: stopped %t, %d calls that wrote", stopped, written)
				}
				b.f.Wire.disturbed(nil)
				b.pass(10 * time.Minute)
				ends(t, b)
			})
		}
	}
	for done := range acts {
		t.Run(fmt.Sprintf("changed by somebody else after act %d", done), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, open, 1)
			b.after(done)
			b.f.Foreign()
			_, before := b.f.Wire.counts()
			found := b.f.State()
			for range 20 {
				s, err := b.apply()
				if err != nil {
					t.Fatal(err)
				}
				if _, written := b.f.Wire.counts(); written != before || b.f.State() != found {
					t.Fatalf("it went on: %s, then %s\n%s", found, b.f.State(), b.story())
				}
				if s.Failed {
					return
				}
				b.next(s)
			}
			t.Errorf("it has not stopped\n%s", b.story())
		})
		t.Run(fmt.Sprintf("the ledger refuses after act %d", done), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, open, 1)
			b.after(done)
			b.store.Dead.Store(true)
			_, before := b.f.Wire.counts()
			for range 3 {
				if s, err := b.apply(); err == nil && s.Waits == "" { // a wait that stands in the ledger already needs no entry
					t.Error("it does not say that the ledger cannot be written")
				}
				b.pass(time.Hour)
			}
			if _, written := b.f.Wire.counts(); written != before {
				t.Errorf("%d calls wrote though the ledger could not be written", written-before)
			}
			b.store.Dead.Store(false)
			ends(t, b)
		})
		t.Run(fmt.Sprintf("taken back after act %d", done+1), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, open, 1)
			b.after(done + 1)
			if !b.abort() {
				t.Skip("there is no way back, and it says so")
			}
			b.finish(true)
			if got := b.f.State(); b.f.Restores && got != b.first {
				t.Errorf("taken back, it holds %s, want %s\n%s", got, b.first, b.story())
			}
			if got := b.f.State(); got == end {
				t.Errorf("taken back, it is as if it was carried out: %s", got)
			}
		})
	}
}

var names = map[Cut]string{Before: "before", After: "after", Refuse: "refused", Crowded: "503 for"}

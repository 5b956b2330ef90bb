package ledger

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/keyreeve/keyreeve/collectors/ledger"
)

var (
	// ErrClock is returned when the clock is before the last entry's time; the error has both times.
	ErrClock = errors.New("the clock has gone backwards")
	// ErrStopped is returned after an Append that failed: what the ledger holds is then uncertain.
	ErrStopped = errors.New("the ledger takes no more entries in this run")
)

// skew is how far the clocks of two writers may be apart. An entry whose writer's clock is so little behind has the time of the entry before it.
const skew = time.Minute

// Init makes a ledger, whose first entry says who opened it, and returns its ID. Where entries are already: ErrExists.
func Init(ctx context.Context, s Store, by string, now time.Time) (string, error) {
	names, err := s.List(ctx)
	if err == nil && len(names) > 0 {
		return "", fmt.Errorf("make a ledger: %w", ErrExists)
	} // a place that cannot be listed may not be there yet; Create will tell
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	first := ledger.Entry{Seq: 1, Ledger: hex.EncodeToString(id[:]), At: seconds(now), Kind: ledger.Opened, By: by, Facts: map[string]string{"format": ledger.Format}}
	if err := first.Check(); err != nil {
		return "", fmt.Errorf("make a ledger: %w", err)
	}
	if err := s.Create(ctx, ledger.Name(1), first.Bytes()); err != nil {
		return "", fmt.Errorf("make a ledger: %w", err)
	}
	return first.Ledger, nil
}

// A Writer appends to a ledger, alone. It is safe for concurrent use.
type Writer struct {
	store   Store
	now     func() time.Time
	release func() error

	mu     sync.Mutex
	log    *ledger.Log
	head   string // the hash of the last entry
	failed error  // why it takes no more
}

// Open takes the lease, reads the ledger and verifies it. The holder is who others are told is writing: "alice, process 4711
// on build-3". It returns ErrBusy, ledger.ErrNone or a *ledger.BrokenError.
func Open(ctx context.Context, s Store, holder string, now func() time.Time) (*Writer, error) {
	release, err := s.Lease(ctx, holder, now())
	if err != nil {
		return nil, fmt.Errorf("open the ledger for writing: %w", err)
	}
	log, err := ledger.Read(ctx, s)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the ledger for writing: %w", err), release())
	}
	return &Writer{store: s, now: now, release: release, log: log, head: log.Head()}, nil
}

// Log is the ledger with all entries appended so far. The caller must not change it; later entries do not appear in it.
func (w *Writer) Log() *ledger.Log {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.log.Entries)
	return &ledger.Log{ID: w.log.ID, Entries: w.log.Entries[:n:n]}
}

// Append writes the next entry and returns it as a reader will read it. It fills Seq, Prev, Ledger and At. When it returns
// without error the entry is durable. After an error the entry may be there or not, and the writer takes no more: the next
// Open shows which.
func (w *Writer) Append(ctx context.Context, e ledger.Entry) (ledger.Entry, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed != nil {
		return ledger.Entry{}, fmt.Errorf("%w, since an entry could not be written: %w", ErrStopped, w.failed)
	}
	e, err := w.append(ctx, e)
	if err != nil {
		w.failed = fmt.Errorf("write entry %d of the ledger: %w", len(w.log.Entries)+1, err)
		return ledger.Entry{}, w.failed
	}
	return e, nil
}

func (w *Writer) append(ctx context.Context, e ledger.Entry) (ledger.Entry, error) {
	last := w.log.Entries[len(w.log.Entries)-1]
	e.Seq, e.Prev, e.Ledger, e.At = last.Seq+1, w.head, w.log.ID, seconds(w.now())
	if e.At.Before(last.At) && !e.At.Before(last.At.Add(-skew)) {
		e.At = last.At
	}
	if e.At.Before(last.At) {
		return e, fmt.Errorf("%w: it says %s, and entry %d was written at %s", ErrClock, e.At.Format(time.RFC3339), last.Seq, last.At.Format(time.RFC3339))
	}
	if err := e.Check(); err != nil {
		return e, err
	}
	data := e.Bytes()
	e, err := ledger.Parse(data)
	if err != nil {
		return e, err
	}
	if r, ok := w.store.(Renewer); ok {
		if err := r.Renew(ctx, w.now()); err != nil {
			return e, err
		}
	}
	if err := w.store.Create(ctx, ledger.Name(e.Seq), data); err != nil {
		return e, err
	}
	w.log.Entries = append(w.log.Entries, e)
	w.head = e.Hash()
	return e, nil
}

// Close gives the lease back. The writer takes no more entries.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.release == nil {
		return nil
	}
	release := w.release
	w.release = nil
	if w.failed == nil {
		w.failed = errors.New("it is closed")
	}
	return release()
}

func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

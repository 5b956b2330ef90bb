package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Reader reads a ledger's objects, wherever they are. It is safe for concurrent use.
type Reader interface {
	// List returns the names of all objects whose name begins with "entries/", in any order.
	List(ctx context.Context) ([]string, error)
	// Get returns an object's bytes; of one larger than MaxEntry, at least MaxEntry+1 of them.
	Get(ctx context.Context, name string) ([]byte, error)
}

// ErrNone is returned where no entry is.
var ErrNone = errors.New("no ledger is there")

// A BrokenError says that entries were changed, removed or added. It is no failure to read.
type BrokenError struct {
	Name string // of the object: "entries/00000003.json"
	Why  string // completes the sentence that Name begins
}

func (e *BrokenError) Error() string { return "the ledger is broken: " + e.Name + ": " + e.Why }

// Name is the name of the object that holds an entry.
func Name(seq int) string { return fmt.Sprintf("entries/%08d.json", seq) }

// A Log is a ledger as read: entries 1 to n. Read returns only logs that hang together.
type Log struct {
	ID      string
	Entries []Entry
}

// Head is the hash of the last entry. Kept elsewhere, it proves later that the log still holds all entries up to this one.
func (l *Log) Head() string {
	if len(l.Entries) == 0 {
		return ""
	}
	return l.Entries[len(l.Entries)-1].Hash()
}

// UpTo returns the number of the entry whose hash is head: the log is complete up to that entry, and what follows it was
// added since. 0 means that no entry has that hash: entries are missing, or these are others.
func (l *Log) UpTo(head string) int {
	for _, e := range slices.Backward(l.Entries) {
		if e.Hash() == head {
			return e.Seq
		}
	}
	return 0
}

// Contains reports whether head is the hash of an entry.
func (l *Log) Contains(head string) bool { return l.UpTo(head) > 0 }

// Verify says how far a log is proved complete by a head that was kept elsewhere; "" where there is none. A head that is the
// hash of no entry is a *BrokenError; one that is no hash at all is another error.
func (l *Log) Verify(head string) (string, error) {
	n := len(l.Entries)
	if head == "" {
		return fmt.Sprintf("consistent, not authenticated: %s hang together, and no head was given that proves the last of them to be there", entries(n)), nil
	}
	if !isHash(head) {
		return "", fmt.Errorf("%q is not the hash of an entry: 64 digits of lower-case hex", head)
	}
	switch k := l.UpTo(head); k {
	case 0:
		return "", &BrokenError{Name(n), "neither it nor one before it has the hash " + head + ": entries are missing, or these are others"}
	case n:
		return fmt.Sprintf("complete: %s, the head being that of the last", entries(n)), nil
	default:
		return fmt.Sprintf("complete up to entry %d; %s added since", k, entries(n-k)), nil
	}
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

// Read reads a ledger and verifies names, sequence, chain, form and times. Every returned log is consistent; that it is
// complete at its end is proved by a head only. A *BrokenError tells what was tampered with; other errors, that something
// could not be read.
func Read(ctx context.Context, r Reader) (*Log, error) {
	names, err := r.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the ledger's entries: %w", err)
	}
	if len(names) == 0 {
		return nil, ErrNone
	}
	names = slices.Clone(names)
	slices.Sort(names)
	if err := sequence(names); err != nil {
		return nil, err
	}
	objects, err := fetch(ctx, r, names)
	if err != nil {
		return nil, err
	}
	var l Log
	prev := ""
	for i, name := range names {
		e, err := Parse(objects[i])
		if err != nil {
			return nil, &BrokenError{name, err.Error()}
		}
		if why := l.follows(e, prev); why != "" {
			return nil, &BrokenError{name, why}
		}
		l.ID, prev = e.Ledger, hash(objects[i])
		l.Entries = append(l.Entries, e)
	}
	return &l, nil
}

// readers bounds how many objects are read at once: a bucket takes tens of milliseconds for each.
const readers = 16

// fetch reads the named objects, in their order.
func fetch(ctx context.Context, r Reader, names []string) ([][]byte, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	objects := make([][]byte, len(names))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(readers, len(names)) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(names)) && ctx.Err() == nil; i = next.Add(1) - 1 {
				data, err := r.Get(ctx, names[i])
				if err != nil {
					cancel(fmt.Errorf("read the ledger's entry %q: %w", names[i], err)) // the first cause stays
				}
				objects[i] = data
			}
		})
	}
	wg.Wait()
	return objects, context.Cause(ctx)
}

// sequence checks that sorted names are those of entries 1 to n.
func sequence(names []string) error {
	for _, name := range names {
		var seq int
		if _, err := fmt.Sscanf(name, "entries/%08d.json", &seq); err != nil || seq < 1 || Name(seq) != name {
			return &BrokenError{name, "it is not the name of an entry"}
		}
	}
	for i, name := range names {
		switch want := Name(i + 1); {
		case name < want:
			return &BrokenError{name, "it is listed twice"}
		case name > want:
			return &BrokenError{want, "it is missing, but there is " + strings.TrimPrefix(name, "entries/")}
		}
	}
	return nil
}

// follows says why an entry cannot be the next one after that whose hash is prev; "" if it can.
func (l *Log) follows(e Entry, prev string) string {
	n := len(l.Entries)
	if e.Seq != n+1 {
		return fmt.Sprintf("it holds entry %d, which belongs to another name", e.Seq)
	}
	if n == 0 {
		return ""
	}
	last := l.Entries[n-1]
	switch {
	case e.Ledger != l.ID:
		return fmt.Sprintf("it belongs to ledger %s, not to %s", e.Ledger, l.ID)
	case e.Prev != prev:
		return fmt.Sprintf("its prev is not the hash of entry %d: one of the two was changed or exchanged", last.Seq)
	case e.At.Before(last.At):
		return fmt.Sprintf("its time %s is before that of entry %d, %s", e.At.Format(time.RFC3339), last.Seq, last.At.Format(time.RFC3339))
	case e.Kind == Checkpoint && !l.held(e.Facts, prev):
		return fmt.Sprintf("it is a checkpoint of head %q at entry %q, which this ledger never had", e.Facts["head"], e.Facts["seq"])
	}
	return ""
}

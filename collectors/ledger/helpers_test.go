package ledger

import (
	"context"
	"io/fs"
	"maps"
	"slices"
	"testing"
	"time"
)

// files is a Reader of what it holds.
type files map[string][]byte

func (f files) List(context.Context) ([]string, error) { return slices.Collect(maps.Keys(f)), nil }

func (f files) Get(_ context.Context, name string) ([]byte, error) {
	if data, ok := f[name]; ok {
		return data, nil
	}
	return nil, fs.ErrNotExist
}

const (
	mine   = "0123456789abcdef0123456789abcdef"
	theirs = "fedcba9876543210fedcba9876543210"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// next completes an entry so that it follows the others.
func next(l *Log, e Entry) Entry {
	e.Seq, e.Prev, e.Ledger = len(l.Entries)+1, l.Head(), l.ID
	if e.At.IsZero() {
		e.At = start.Add(time.Duration(e.Seq) * time.Minute)
	}
	return e
}

// written makes a ledger: an opening entry, and then those given.
func written(id string, entries ...Entry) (*Log, files) {
	l, f := &Log{ID: id}, files{}
	for _, e := range append([]Entry{{Kind: Opened, Facts: map[string]string{"format": Format}}}, entries...) {
		e = next(l, e)
		l.Entries = append(l.Entries, e)
		f[Name(e.Seq)] = e.Bytes()
	}
	return l, f
}

// five is a ledger of five entries.
func five(id string) (*Log, files) {
	return written(
		id,
		Entry{Kind: Planned, Rotation: "r1", Resource: "vault:eu/root/transit/keys/jwt", Facts: map[string]string{"tier": "production", "pattern": "overlap"}},
		Entry{Kind: Approved, By: "alice@example.org", Signature: []byte(`{"sig":"<&>"}`)},
		Entry{Kind: Intent, Rotation: "r1", Step: "r1/create", Note: "two\nlines"},
		Entry{Kind: Outcome, Rotation: "r1", Step: "r1/create", Facts: map[string]string{"stage": "CREATED"}},
	)
}

// read reads a ledger that has to be sound.
func read(t *testing.T, r Reader) *Log {
	t.Helper()
	l, err := Read(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

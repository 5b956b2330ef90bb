package rotatortest

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/keyreeve/keyreeve/remediate/ledger"
)

// A Fault is what happens at the next write to a Store.
type Fault string

// The faults.
const (
	None        Fault = ""
	Full        Fault = "full"         // nothing is written
	CrashBefore Fault = "crash before" // the process ends
	CrashAfter  Fault = "crash after"  // it ends, and the entry is there
	Lost        Fault = "lost"         // the entry is there, and the writer is told that it is not
)

// A Crash is what a Store panics with when the process is to end.
type Crash struct{}

// A Store keeps a ledger in memory. The zero value is no store: use NewStore.
type Store struct {
	Fault  Fault       // of the next write
	Dead   atomic.Bool // every write fails, as does that of a process that was killed
	Leased bool
	// objects are the entries by name.
	objects map[string][]byte
}

// NewStore is an empty store.
func NewStore() *Store { return &Store{objects: map[string][]byte{}} }

// List names all entries.
func (m *Store) List(context.Context) ([]string, error) {
	return slices.Sorted(maps.Keys(m.objects)), nil
}

// Get reads one.
func (m *Store) Get(_ context.Context, name string) ([]byte, error) {
	data, ok := m.objects[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return data, nil
}

// Create writes one, or fails as the fault says.
func (m *Store) Create(_ context.Context, name string, data []byte) error {
	fault := m.Fault
	m.Fault = None
	switch {
	case m.Dead.Load() || fault == Full:
		return errors.New("no space left on device")
	case m.objects[name] != nil:
		return ledger.ErrExists
	case fault == CrashBefore:
		panic(Crash{})
	}
	m.objects[name] = slices.Clone(data)
	switch fault {
	case CrashAfter:
		panic(Crash{})
	case Lost:
		return errors.New("network gone")
	}
	return nil
}

// Lease is had by one at a time.
func (m *Store) Lease(context.Context, string, time.Time) (func() error, error) {
	if m.Leased {
		return nil, ledger.ErrBusy
	}
	m.Leased = true
	return func() error { m.Leased = false; return nil }, nil
}

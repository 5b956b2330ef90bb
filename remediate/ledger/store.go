// Package ledger writes what package collectors/ledger reads: entry after entry, each made once and never changed.
package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/keyreeve/keyreeve/collectors/ledger"
)

var (
	// ErrExists is returned for an object that exists already: somebody else has written it.
	ErrExists = errors.New("it exists already")
	// ErrBusy is returned while somebody else holds the lease; the error names the holder.
	ErrBusy = errors.New("the ledger is in use")
)

// A Store holds the objects of a ledger. It can make objects and read them, not change or remove them.
type Store interface {
	ledger.Reader
	// Create makes an object, whole and durable, unless there is one of that name: ErrExists. After another error the object
	// may exist or not.
	Create(ctx context.Context, name string, data []byte) error
	// Lease keeps other writers away until release is called or the process has ended. It returns ErrBusy while there is
	// another. The lease is a courtesy that lets the second writer stop early; what is safe rests on Create alone.
	Lease(ctx context.Context, holder string, now time.Time) (release func() error, err error)
}

// A Renewer is a Store whose lease ends by itself. The writer calls Renew before each entry; an error means that the lease is
// lost.
type Renewer interface {
	Renew(ctx context.Context, now time.Time) error
}

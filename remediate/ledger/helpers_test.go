package ledger

import (
	"context"
	"errors"
	"time"
)

// unleased is a store whose lease keeps nobody away: what is left is Create.
type unleased struct{ Store }

func (unleased) Lease(context.Context, string, time.Time) (func() error, error) {
	return func() error { return nil }, nil
}

// full is a store that has room for no more objects.
type full struct{ Store }

var errFull = errors.New("no space left on device")

func (full) Create(context.Context, string, []byte) error { return errFull }

// forgetful is a store that makes objects and says that it did not.
type forgetful struct{ Store }

var errLost = errors.New("connection reset by peer")

func (f forgetful) Create(ctx context.Context, name string, data []byte) error {
	return errors.Join(f.Store.Create(ctx, name, data), errLost)
}

package plan

import (
	"context"
	"errors"
)

// A Rotator acts on one kind of key in one back end. It keeps no state: what it needs is in the rotation, and in what earlier steps
// brought about.
type Rotator interface {
	// Look reads what is so now and writes nothing. An error means that nothing is known.
	Look(ctx context.Context, r Rotation, known Facts) (Facts, error)
	// Do makes the one write of a step, or its undoing when act is the step's Undo. It makes one call that writes and does not retry it.
	// What it returns is kept in the ledger and given to later steps as known; none of it may be secret.
	//
	// An error that wraps ErrUnclear means that the back end may have acted. Any other means that it did not.
	Do(ctx context.Context, r Rotation, s Step, act string, known Facts) (Facts, error)
}

// ErrUnclear marks an act of which nobody can say whether it was carried out.
var ErrUnclear = errors.New("the back end may or may not have acted")

// Facts that any rotator may return from Look and that gates read. Times are RFC 3339.
const (
	OldUsedAt      = "old_used_at"      // the last use of the old version that the back end tells of; "" none
	InProgress     = "in_progress"      // what the back end has begun and not ended; "" nothing
	OldTrackedFrom = "old_tracked_from" // since when it keeps track; "" it does not
)

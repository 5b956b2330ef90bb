package inventory

import "time"

// A Snapshot is what one collection saw. The clock of all judgement is TakenAt.
type Snapshot struct {
	TakenAt   time.Time
	Tool      string // version of keyreeve that took it
	Scopes    []ScopeRead
	Resources []Resource // sorted by ID, IDs unique
	Gaps      []Gap
}

// ScopeRead says what was done to read one scope.
type ScopeRead struct {
	Scope     Scope `json:"scope"`
	Resources int   `json:"resources"`
	Report
}

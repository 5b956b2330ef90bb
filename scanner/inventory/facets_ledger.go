package inventory

import "time"

// Ledger is the record of rotations that keyreeve-rotate keeps, as a whole.
type Ledger struct {
	// Verified says how far the record proves itself. consistent: its entries hang together, and no head that was kept elsewhere proves the last of
	// them to be there. complete: such a head proves all entries up to Proven. broken: entries were changed, removed or added.
	Verified string     `json:"verified,omitzero" enum:"broken,complete,consistent"`
	BrokenAt string     `json:"broken_at,omitzero"` // the first object that does not fit: "entries/00000003.json"
	Why      string     `json:"why,omitzero"`       // completes the sentence that BrokenAt begins
	LedgerID string     `json:"ledger_id,omitzero"` // its random ID: 16 bytes in hex
	Entries  *int       `json:"entries,omitzero"`
	Proven   *int       `json:"proven,omitzero"` // the number of the entry whose hash the head is
	OpenedAt *time.Time `json:"opened_at,omitzero" derive:"age=opened_days"`
	LastAt   *time.Time `json:"last_at,omitzero" derive:"age=last_days"` // of the last entry
	// DrilledAt is when an emergency drill was last carried through to its end; absent: never.
	DrilledAt *time.Time `json:"drilled_at,omitzero" derive:"age=drilled_days"`
}

// LedgerRotation is one rotation of one plan, as the ledger records it. A time that is absent is one that has not come; the ledger is read whole
// or not at all.
type LedgerRotation struct {
	Plan     string `json:"plan"`     // the plan's digest
	Resource ID     `json:"resource"` // what is rotated
	// What the plan said of it.
	Of      string `json:"of,omitzero"` // the type of what is rotated: "vault.transit.key"
	Tier    string `json:"tier,omitzero" enum:"production,staging,development"`
	Purpose string `json:"purpose,omitzero" enum:"token_signing,code_signing,certificate_authority,encryption,api_key,connection,config,other,unclassified"`
	Pattern string `json:"pattern,omitzero" enum:"overlap,canary,in_place,emergency,by_hand"`

	State     string     `json:"state,omitzero" enum:"planned,under_way,done,taken_back"`
	Stage     string     `json:"stage,omitzero" enum:"PLANNED,CREATED,DISTRIBUTED,CANARY,PROMOTED,SOAKING,OLD DISABLED,GRACE,DONE"` // the last one reached
	PlannedAt *time.Time `json:"planned_at,omitzero" derive:"age=planned_days"`
	BeganAt   *time.Time `json:"began_at,omitzero" derive:"age=began_days"`
	EndedAt   *time.Time `json:"ended_at,omitzero" derive:"age=ended_days"`
	ExpiresAt *time.Time `json:"expires_at,omitzero" derive:"until=expires_in_days"` // of the plan: nothing is done from then on
	// DueAt is until when the gate that it waits for may take to pass; absent: it waits for no gate that has a limit.
	DueAt     *time.Time `json:"due_at,omitzero" derive:"until=due_in_days"`
	StoppedAt *time.Time `json:"stopped_at,omitzero" derive:"age=stopped_days"` // since when it cannot go on by itself
	Stopped   string     `json:"stopped,omitzero"`                              // why

	CreatedAt     *time.Time `json:"created_at,omitzero" derive:"age=created_days"` // the new material exists
	OldDisabledAt *time.Time `json:"old_disabled_at,omitzero" derive:"age=old_disabled_days"`
	// OverlapMinutes is how long old and new were side by side, of a rotation that ended the old one: counted from when the ledger says that the
	// new one came to be, in this plan or an earlier one. Absent: the ledger does not hold that.
	OverlapMinutes *int `json:"overlap_minutes,omitzero"`
	// WindowMinutes is how long the plan keeps them side by side at least: for those who verify, what caches and tokens last.
	WindowMinutes *int `json:"window_minutes,omitzero"`
	// OverlapClosesAt is until when the ledger keeps an overlap open that this rotation opened.
	OverlapClosesAt *time.Time `json:"overlap_closes_at,omitzero" derive:"until=overlap_closes_in_days"`

	// Counterparts is how many resources of earlier tiers the configuration maps to what is rotated; the refs name them.
	Counterparts *int `json:"counterparts,omitzero"`
	// CounterpartDays is how many whole days before CreatedAt the ledger has the last rotation of one of them; absent: none.
	CounterpartDays *int `json:"counterpart_days,omitzero"`

	Emergency *LedgerEmergency `json:"emergency,omitzero"`
}

// LedgerEmergency is a break-glass run, or a drill of one. Whether signatures hold is checked by keyreeve-rotate when it applies and reviews; here
// an approval or a review is what the ledger holds with a signature, by somebody who neither planned nor applied.
type LedgerEmergency struct {
	Ticket  string     `json:"ticket,omitzero"`
	Drill   *bool      `json:"drill,omitzero"`
	BeganAt *time.Time `json:"began_at,omitzero" derive:"age=began_days"`
	// ApprovedAt is when somebody else who may approve it first did; absent: nobody has.
	ApprovedAt *time.Time `json:"approved_at,omitzero" derive:"age=approved_days"`
	// ApprovalMinutes is how long after the beginning that was, rounded up; 0: before it.
	ApprovalMinutes *int `json:"approval_minutes,omitzero"`
	// WithinMinutes is how long after the beginning an approval may come, as the plan says; 0: before it.
	WithinMinutes *int       `json:"within_minutes,omitzero"`
	ApproveBy     *time.Time `json:"approve_by,omitzero" derive:"until=approve_by_in_days"` // the beginning and that time
	ReviewedAt    *time.Time `json:"reviewed_at,omitzero" derive:"age=reviewed_days"`
	// ReauthenticatedAt is when a step was done that makes clients log in again: tokens and sessions of the old one count no more.
	ReauthenticatedAt *time.Time `json:"reauthenticated_at,omitzero" derive:"age=reauthenticated_days"`
}

// Package plan holds what stands between a judgement and a rotation: a Plan that people read and sign, and the interface
// that carries out its steps.
//
// It makes no plan and applies none: that is package remediate's.
package plan

import (
	"slices"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Format is the version of the plan file. A reader refuses any other.
const Format = "keyreeve-plan/1"

// Life is how long a plan may be approved and applied, from the time it was made. Nothing is done after it, so a plan whose waits are longer
// is not made: what remains, such as retiring an old version, is a plan of its own.
const Life = 7 * 24 * time.Hour

// A Plan is what keyreeve-rotate will do, in full: nothing outside it is touched. What is signed is its digest, which covers every
// field, so a changed plan is a plan that nobody approved.
type Plan struct {
	Format  string    `json:"format"`
	Tool    string    `json:"tool"` // version of keyreeve-rotate
	MadeAt  time.Time `json:"made_at"`
	Expires time.Time `json:"expires"` // no step begins at or after this
	Ledger  string    `json:"ledger"`  // the ID of the ledger that it is written to
	// Result and Snapshot are the SHA-256 of the files that it was made from; TakenAt is when their facts were read.
	Result   string    `json:"result"`
	Snapshot string    `json:"snapshot"`
	TakenAt  time.Time `json:"taken_at"`
	// Signers is the SHA-256 of the allowed_signers file, so that adding a signer unmakes the approvals.
	Signers  string              `json:"signers"`
	Approval map[string]Approval `json:"approval"` // by tier
	// Outside are approvers that are not people.
	Outside []Outside `json:"outside,omitempty"`
	Limits  Limits    `json:"limits"`
	Windows []Window  `json:"windows"` // steps are done inside these only; none: at any time
	Freezes []Freeze  `json:"freezes"`
	// KillSwitch is a file. While it exists, or cannot be looked for, nothing is done.
	KillSwitch string `json:"kill_switch,omitempty"`
	// Emergency is set where overlap and canary are skipped on purpose.
	Emergency *Emergency `json:"emergency,omitempty"`
	Rotations []Rotation `json:"rotations"`
	Refused   []Refusal  `json:"refused"` // what was found and cannot be planned safely, with the reason
}

// Approval is what a tier demands before anything is done in it.
type Approval struct {
	Approvers []string `json:"approvers"` // principals of allowed_signers; none: any of them
	Count     int      `json:"count"`
	// Distinct: the planner, each approver and who applies are different people.
	Distinct bool `json:"distinct"`
}

// Outside is an approver that is not a person: a CI system whose token says that a protected environment let a job run, or a program that
// asks a change system. Exactly one of Issuer and Command is set.
type Outside struct {
	Name    string            `json:"name"` // as approvers name it
	Issuer  string            `json:"issuer,omitempty"`
	Claims  map[string]string `json:"claims,omitempty"`
	CAFile  string            `json:"ca_file,omitempty"` // the one authority whose certificates the issuer may show
	Command []string          `json:"command,omitempty"`
	SHA256  string            `json:"sha256,omitempty"` // of the program's file, or of CAFile
}

// Emergency says why a plan skips its waits.
type Emergency struct {
	Ticket string `json:"ticket"`
	Drill  bool   `json:"drill"`
	// ApproveWithin is how long after its begin the approval may come; zero: it comes before.
	ApproveWithin Duration `json:"approve_within,omitempty"`
}

// Limits bound one run of apply. Zero is no limit.
type Limits struct {
	Run     int `json:"run"`     // acts a run
	Account int `json:"account"` // rotations under way at a time in one account, vault or namespace
	Service int `json:"service"` // and of one owner
}

// A Rotation replaces the material of one key, secret or credential.
type Rotation struct {
	ID          string       `json:"id"` // unique in the plan, readable: "jwt-3f2a91c0"
	Resource    inventory.ID `json:"resource"`
	Type        string       `json:"type"`
	Name        string       `json:"name"`
	Scope       string       `json:"scope"`
	Environment string       `json:"environment"`
	Tier        string       `json:"tier"`
	Purpose     string       `json:"purpose"`
	Owner       string       `json:"owner,omitempty"`
	Rotator     string       `json:"rotator"`  // of the table in package remediate
	Endpoint    string       `json:"endpoint"` // where its calls go
	Pattern     Pattern      `json:"pattern"`
	Findings    []string     `json:"findings"` // the rules whose findings it answers
	Clients     []string     `json:"clients"`  // who has to confirm that they moved
	// Counterparts are the resources of earlier tiers that the configuration maps to this one: those a canary goes through first.
	Counterparts []inventory.ID `json:"counterparts,omitempty"`
	Steps        []Step         `json:"steps"`
}

// Window is how long old and new are side by side at least, from when the new one exists to when the old one ends: what its steps wait for.
// It is zero where they wait for no time.
func (r *Rotation) Window() (sum Duration) {
	for _, s := range r.Steps {
		for _, g := range s.Gates {
			if g.Kind == Wait && s.Stage != Grace && s.Stage != Done {
				sum += g.For
			}
		}
	}
	return sum
}

// Confirmers are those whose confirmation the rotation waits for, by name: its clients, and who else its gates name.
func (r *Rotation) Confirmers() []string {
	all := slices.Clone(r.Clients)
	for _, s := range r.Steps {
		for _, g := range s.Gates {
			if g.Kind == Confirmed && g.Client != "" {
				all = append(all, g.Client)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Pattern is the order in which old and new meet.
type Pattern string

// The patterns.
const (
	Overlap Pattern = "overlap"  // the new key is known everywhere before it is used alone; the old one is still accepted meanwhile
	Canary  Pattern = "canary"   // as overlap, after a mapped counterpart in an earlier tier went through it
	InPlace Pattern = "in_place" // the back end keeps old versions for what they made
	Urgent  Pattern = "emergency"
	ByHand  Pattern = "by_hand"
)

// Stage is how far a rotation is.
type Stage string

// Stages are in the order in which rotations go through them; a pattern may leave some out.
var Stages = []Stage{Planned, Created, Distributed, CanaryStage, Promoted, Soaking, OldDisabled, Grace, Done}

// The stages. Destroying is none of them.
const (
	Planned     Stage = "PLANNED"
	Created     Stage = "CREATED"     // the new material exists
	Distributed Stage = "DISTRIBUTED" // those who verify or decrypt know it
	CanaryStage Stage = "CANARY"      // some use it
	Promoted    Stage = "PROMOTED"    // it is the one in use
	Soaking     Stage = "SOAKING"     // the old one is still accepted, and should not be used any more
	OldDisabled Stage = "OLD DISABLED"
	Grace       Stage = "GRACE"
	Done        Stage = "DONE"
)

// A Step does at most one thing to a back end, once.
type Step struct {
	ID    string `json:"id"`    // unique in the rotation
	Stage Stage  `json:"stage"` // reached when the step is done
	Says  string `json:"says"`  // what it does, for people
	// Act is what the rotator is asked to do; empty: the step only waits for its gates.
	Act  string            `json:"act,omitempty"`
	Args map[string]string `json:"args,omitempty"`
	// Expect is what must be found before the act, After what is found when it was done. See Facts.
	Expect Facts `json:"expect,omitempty"`
	After  Facts `json:"after,omitempty"`
	// Lossy: where the answer of the act is lost, so is what it made (the secret of an access key). Going on then needs a person's consent.
	Lossy bool   `json:"lossy,omitempty"`
	Gates []Gate `json:"gates,omitempty"`
	// Undo is the act that takes this step back, with UndoExpect to be found before it and UndoAfter afterwards; without one, Final says
	// why there is no way back.
	Undo       string `json:"undo,omitempty"`
	UndoExpect Facts  `json:"undo_expect,omitempty"`
	UndoAfter  Facts  `json:"undo_after,omitempty"`
	// UndoBefore is a stage: once the rotation has reached it, this step is not taken back with the others, as what it made is in use since.
	UndoBefore Stage  `json:"undo_before,omitempty"`
	Final      string `json:"final,omitempty"`
}

// Stays says that the step is not taken back in a rotation that has reached a stage.
func (s *Step) Stays(reached Stage) bool {
	return s.UndoBefore != "" && slices.Index(Stages, reached) >= slices.Index(Stages, s.UndoBefore)
}

// GateKind is a kind of gate.
type GateKind string

// The kinds of gate.
const (
	Wait      GateKind = "wait"      // so long since the step before was done
	Command   GateKind = "command"   // a program ends with 0
	HTTP      GateKind = "http"      // an address answers with a status
	Unused    GateKind = "unused"    // the old version was not used for so long, as the back end tells
	Confirmed GateKind = "confirmed" // a client has confirmed, or all have
	Finished  GateKind = "finished"  // the back end has ended what it began
	After     GateKind = "after"     // another rotation of the plan has reached a stage
)

// A Gate must have passed before its step acts. What cannot be told has not passed.
type Gate struct {
	Kind GateKind `json:"kind"`
	For  Duration `json:"for,omitempty"` // wait, unused
	// Timeout is how long it may take to pass before the rotation counts as stalled, and how long a command may run.
	Timeout Duration `json:"timeout,omitempty"`
	Command []string `json:"command,omitempty"`
	SHA256  string   `json:"sha256,omitempty"` // of the program's file when the plan was made
	URL     string   `json:"url,omitempty"`
	Status  int      `json:"status,omitempty"`
	// Client is who has to confirm; empty: all clients of the rotation.
	Client string `json:"client,omitempty"`
	// Lag is how late the back end tells of a use.
	Lag      Duration `json:"lag,omitempty"`
	Rotation string   `json:"rotation,omitempty"`
	Stage    Stage    `json:"stage,omitempty"`
}

// A Refusal is a finding for which no safe plan exists.
type Refusal struct {
	Resource inventory.ID `json:"resource"`
	Name     string       `json:"name"`
	Findings []string     `json:"findings"`
	Why      string       `json:"why"`
	Next     string       `json:"next,omitempty"` // what a person can do
}

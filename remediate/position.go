package remediate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate/plan"
)

// What the entries of a rotation say in their facts. The facts that an act brought about stand beside them as "known.NAME".
const (
	factAct    = "act"
	factStage  = "stage"
	factResult = "result"
	factGate   = "gate" // its number in the step, from 1
	factUntil  = "until"
	factLimit  = "limit" // when a gate that has not passed makes the rotation a stalled one
	factClient = "client"
	factNames  = "names" // what a consent is about
	// FactMovedBack are the clients that had confirmed and use the old one again, one a line, as who aborts says.
	FactMovedBack = "moved_back"
	knownFact     = "known."
)

// The results of an act.
const (
	resultDone   = "done"
	resultFound  = "found" // it had been done when somebody looked, though no answer was recorded
	resultFailed = "failed"
	resultUndone = "undone"
)

// A position is where the ledger says that a rotation stands. It is all that apply knows of earlier runs.
type position struct {
	next     int         // the first step that is not done
	reached  plan.Stage  // the stage of the last step that is
	at       []time.Time // when each step was done, as far as next
	known    plan.Facts  // what the acts brought about
	open     *intent     // an act without an outcome
	passed   map[int]time.Time
	waiting  map[int]wait // of the step that is next, by gate
	began    time.Time    // the first intent or outcome
	aborting *ledger.Entry
	unsigned string // why an entry that says it was aborted does not count; nobody can tell then whether it is to go on or back
	undone   int    // steps that were taken back, from the last one done
	refused  *ledger.Entry
	consents []ledger.Entry // since the intent that is open
	confirms []ledger.Entry
	ended    bool // done, or taken back whole
}

type intent struct {
	seq  int
	step string
	act  string
	at   time.Time
}

type wait struct {
	since time.Time
	note  string
	until string
}

// positionOf reads a rotation's position from the entries of a plan. An abort is one if it is signed.
func positionOf(log *ledger.Log, digest string, r *plan.Rotation, signed func(*ledger.Entry) error) *position {
	p := &position{reached: plan.Planned, known: plan.Facts{}, passed: map[int]time.Time{}, waiting: map[int]wait{}}
	for i := range log.Entries {
		e := &log.Entries[i]
		if e.Plan != digest || e.Rotation != r.ID {
			continue
		}
		if e.Kind == ledger.Aborted {
			if err := signed(e); err != nil {
				p.unsigned = fmt.Sprintf("entry %d of the ledger says that it was aborted, and does not count: %v; whoever is to take it back has to abort it", e.Seq, err)
				continue
			}
			p.unsigned = ""
		}
		p.add(e, r)
	}
	p.ended = p.ended || p.next == len(r.Steps) || p.aborting != nil && p.back(r) < 0 && p.open == nil
	return p
}

func (p *position) add(e *ledger.Entry, r *plan.Rotation) {
	gate := number(e.Facts[factGate])
	if p.began.IsZero() && (e.Kind == ledger.Intent || e.Kind == ledger.Outcome) {
		p.began = e.At
	}
	switch e.Kind {
	case ledger.Intent:
		p.open = &intent{e.Seq, e.Step, e.Facts[factAct], e.At}
		p.consents, p.refused = nil, nil
	case ledger.Outcome:
		p.open, p.refused = nil, nil
		p.outcome(e, r)
	case ledger.Waiting:
		if w, ok := p.waiting[gate]; ok {
			p.waiting[gate] = wait{w.since, e.Note, e.Facts[factUntil]}
		} else {
			p.waiting[gate] = wait{e.At, e.Note, e.Facts[factUntil]}
		}
	case ledger.Passed:
		p.passed[gate] = e.At
		delete(p.waiting, gate)
	case ledger.Refused:
		p.refused = e
	case ledger.Consented:
		p.consents = append(p.consents, *e)
	case ledger.Confirmed:
		p.confirms = append(p.confirms, *e)
	case ledger.Aborted:
		p.aborting = e
	}
}

// outcome takes over what an act or a wait brought about.
func (p *position) outcome(e *ledger.Entry, r *plan.Rotation) {
	switch e.Facts[factResult] {
	case resultFailed:
		return
	case resultUndone:
		p.undone++
		return
	}
	for name, v := range e.Facts {
		if name, ok := strings.CutPrefix(name, knownFact); ok {
			p.known[name] = v
		}
	}
	if p.next < len(r.Steps) && r.Steps[p.next].ID == e.Step && e.Facts[factAct] == r.Steps[p.next].Act {
		p.reached = r.Steps[p.next].Stage
		p.next++
		p.at = append(p.at, e.At)
		p.passed, p.waiting = map[int]time.Time{}, map[int]wait{}
	}
}

// back is the index of the step to take back next; -1 when none is left.
func (p *position) back(r *plan.Rotation) int {
	skip := p.undone
	for i := p.next - 1; i >= 0; i-- {
		if r.Steps[i].Act == "" || r.Steps[i].Stays(p.reached) {
			continue
		}
		if skip == 0 {
			return i
		}
		skip--
	}
	return -1
}

// before is when the step before the next one was done; the first step counts from the beginning of the rotation, or from now.
func (p *position) before(now time.Time) time.Time {
	if len(p.at) == 0 {
		return now
	}
	return p.at[len(p.at)-1]
}

// stalled says since when the next step has been waiting for a gate past the gate's time; zero when it has not.
func (p *position) stalled(r *plan.Rotation, now time.Time) (since time.Time) {
	if p.ended || p.next >= len(r.Steps) {
		return since
	}
	for _, g := range slices.Sorted(maps.Keys(p.waiting)) {
		if g < 1 || g > len(r.Steps[p.next].Gates) {
			continue
		}
		gate := r.Steps[p.next].Gates[g-1]
		if w := p.waiting[g]; gate.Timeout > 0 && now.After(limit(&gate, w.since)) && (since.IsZero() || w.since.Before(since)) {
			since = w.since
		}
	}
	return since
}

// limit is until when a gate that has been asked since a time may take to pass.
func limit(g *plan.Gate, since time.Time) time.Time {
	return since.Add(time.Duration(g.For) + time.Duration(g.Lag) + time.Duration(g.Timeout))
}

func number(text string) int {
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' || n > 1000 {
			return 0
		}
		n = 10*n + int(c-'0')
	}
	return n
}

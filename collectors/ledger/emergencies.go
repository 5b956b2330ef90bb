package ledger

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// An emergency is what the entries of a plan say of who did what, and of the emergency it may be.
type emergency struct {
	began     *Entry // nil: none
	acted     []string
	approved  []*Entry
	reviewed  []*Entry
	approvers map[string][]string // by rotation; none: anybody
	within    time.Duration
	steps     map[string]time.Time // when a rotation made clients log in again
}

func (p *emergency) add(e *Entry) {
	signed := len(e.Signature) > 0
	switch e.Kind {
	case Planned:
		if e.Rotation == "" {
			p.acted = append(p.acted, e.By)
			break
		}
		if list := e.Facts["approvers"]; list != "" {
			if p.approvers == nil {
				p.approvers = map[string][]string{}
			}
			p.approvers[e.Rotation] = strings.Split(list, "\n")
		}
		if s, err := strconv.Atoi(e.Facts["approve_within"]); err == nil && s > 0 {
			p.within = time.Duration(s) * time.Second
		}
	case Begun:
		p.acted = append(p.acted, e.By)
	case Approved:
		if signed {
			p.approved = append(p.approved, e)
		}
	case Reviewed:
		if signed {
			p.reviewed = append(p.reviewed, e)
		}
	case Emergency:
		if p.began == nil {
			p.began = e
		}
	case Outcome:
		result, step := e.Facts["result"], e.Step[strings.LastIndexByte(e.Step, '/')+1:]
		if strings.HasPrefix(step, "reauthenticate") && (result == "done" || result == "found") {
			if p.steps == nil {
				p.steps = map[string]time.Time{}
			}
			p.steps[e.Rotation] = e.At
		}
		if strings.HasPrefix(step, "reauthenticate") && result == "undone" {
			delete(p.steps, e.Rotation)
		}
	}
}

// of is the emergency as a rotation of it shows it; nil: there is none, or it has not begun.
func (p *emergency) of(r *rotation) *inventory.LedgerEmergency {
	if p.began == nil {
		return nil
	}
	drill := p.began.Facts["drill"] == "true"
	by := p.began.At.Add(p.within)
	out := &inventory.LedgerEmergency{Ticket: p.began.Facts["ticket"], Drill: &drill, BeganAt: &p.began.At, WithinMinutes: minutes(p.within), ApproveBy: &by}
	for _, e := range p.approved {
		if p.other(e.By) && (len(p.approvers[r.id]) == 0 || slices.Contains(p.approvers[r.id], e.By)) {
			after := max(0, e.At.Sub(p.began.At))
			out.ApprovedAt, out.ApprovalMinutes = &e.At, minutes(after+time.Minute-time.Second)
			break
		}
	}
	for _, e := range p.reviewed {
		if p.other(e.By) {
			out.ReviewedAt = &e.At
			break
		}
	}
	if at, ok := p.steps[r.id]; ok {
		out.ReauthenticatedAt = &at
	}
	return out
}

// other reports whether somebody neither planned nor applied it.
func (p *emergency) other(who string) bool { return who != "" && !slices.Contains(p.acted, who) }

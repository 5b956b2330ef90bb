package finding

import (
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// broad is how many resources one waiver may cover before it is called too broad.
const broad = 50

// A Trouble is a waiver that wants attention.
type Trouble struct {
	Rule    string // the diagnostic: "meta/waiver-expired"
	Place   string // the waiver: "waivers/2026.yaml#3"
	Message string
	Facts   map[string]any
}

// IDs of the diagnostics about waivers.
const (
	WaiverExpired   = "meta/waiver-expired"
	WaiverUnmatched = "meta/waiver-unmatched"
	WaiverTooBroad  = "meta/waiver-too-broad"
)

// Apply marks the findings and gaps of a result that waivers cover at the given time, and returns the waivers that want
// attention. Nothing is removed. A finding that the repository itself accepts keeps that mark.
func (w *Waivers) Apply(r *Result, at time.Time) []Trouble {
	if w == nil {
		return nil
	}
	var out []Trouble
	for i := range w.all {
		v := &w.all[i]
		// A waiver that ends too far ahead does not hold either: it would outlive its approval.
		holds := at.Before(v.ends) && v.ends.Sub(at) <= maxWaiver+24*time.Hour
		covered := map[inventory.ID]bool{}
		for j := range r.Findings {
			f := &r.Findings[j]
			if !v.Covers(f) {
				continue
			}
			covered[f.Resource.ID] = true
			if holds && f.Waived == nil {
				f.Waived = v.waived()
			}
		}
		gaps := 0
		for j := range r.Gaps {
			g := &r.Gaps[j]
			if !v.accepts(&g.Gap) {
				continue
			}
			gaps++
			if holds && g.Accepted == nil {
				g.Accepted = v.waived()
			}
		}
		out = append(out, v.trouble(r, at, len(covered), gaps)...)
	}
	// The unknown verdicts that stand for an accepted gap are accepted with it.
	accepted := map[string]*Waived{}
	for _, g := range r.Gaps {
		accepted[string(g.Scope)+"\x00"+g.What] = g.Accepted
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Waived == nil && strings.HasPrefix(string(f.Resource.ID), Unlisted) {
			f.Waived = accepted[string(f.Resource.Scope)+"\x00"+f.At]
		}
	}
	return out
}

// Unlisted begins the ID of the stand-in for resources that a gap hides.
const Unlisted = "unlisted:"

func (v *Waiver) trouble(r *Result, at time.Time, resources, gaps int) []Trouble {
	until := v.ends.AddDate(0, 0, -1).Format(time.DateOnly)
	var out []Trouble
	switch {
	case !at.Before(v.ends):
		return []Trouble{{WaiverExpired, v.place, "the waiver has expired; what it covered counts again", map[string]any{"until": until}}}
	case v.ends.Sub(at) > maxWaiver+24*time.Hour:
		out = append(out, Trouble{WaiverTooBroad, v.place, "the waiver ends more than a year ahead, so it does not hold", map[string]any{"until": until}})
	}
	if resources == 0 && gaps == 0 && !v.unread(r) {
		out = append(out, Trouble{WaiverUnmatched, v.place, "the waiver matches nothing", nil})
	}
	if resources > broad {
		out = append(out, Trouble{WaiverTooBroad, v.place, "the waiver covers many resources", map[string]any{"resources": resources, "many": broad}})
	}
	if v.Gap == nil && strings.Contains(v.Rule, "*") {
		out = append(out, Trouble{WaiverTooBroad, v.place, "the waiver covers more than one rule", map[string]any{"rule": v.Rule}})
	}
	return out
}

// unread reports whether a scope that may hold what the waiver is about was not read, or read with gaps: then nobody can say
// that it matches nothing.
func (v *Waiver) unread(r *Result) bool {
	if v.Gap != nil {
		for _, c := range r.Coverage {
			if glob(v.Gap.Scope, string(c.Scope)) {
				return false
			}
		}
		return true
	}
	seen := false
	for _, c := range r.Coverage {
		if !like(v.Resource.Scope, string(c.Scope)) {
			continue
		}
		seen = true
		if c.Gaps > 0 {
			return true
		}
	}
	return v.Resource.Scope != "" && !seen
}

// A WaiverState is a waiver as "keyreeve waivers" lists it.
type WaiverState struct {
	Waiver
	Place string
	Ends  time.Time // the last day on which it holds
}

// List returns all waivers in the order of their files.
func (w *Waivers) List() []WaiverState {
	out := make([]WaiverState, len(w.all))
	for i, v := range w.all {
		out[i] = WaiverState{Waiver: v, Place: v.place, Ends: v.ends.AddDate(0, 0, -1)}
	}
	return out
}

package finding

import (
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

const (
	// maxWaiver is how far ahead of the clock a waiver may end.
	maxWaiver = 366 * 24 * time.Hour
	// broad is how many resources, or gaps, one waiver may cover before it is called too broad.
	broad = 50
)

// Unlisted begins the ID of the stand-in for resources that a gap hides.
const Unlisted = "unlisted:"

// Apply marks the findings and gaps of a result that waivers cover at the given time, and returns the waivers that want
// attention. Nothing is removed, and a rule is judged no differently. A finding that the repository itself accepts keeps that
// mark. Where two waivers cover a finding the first is named.
func (w *Waivers) Apply(r *Result, at time.Time) []Trouble {
	if w == nil {
		return nil
	}
	var out []Trouble
	for i := range w.all {
		v := &w.all[i]
		holds := v.holds(at)
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
	acceptUnlisted(r)
	return out
}

// holds reports whether a waiver counts at a time. One that ends too far ahead does not: it would outlive its approval. Nor does one
// whose selectors leave nothing out: nobody has looked at what it would hide.
func (v *Waiver) holds(at time.Time) bool { return !v.expired(at) && !v.endless(at) && !v.boundless() }

func (v *Waiver) expired(at time.Time) bool { return !at.Before(v.ends) }

func (v *Waiver) endless(at time.Time) bool { return v.lastDay().Sub(at) > maxWaiver }

// acceptUnlisted accepts the unknown verdicts that stand for a gap with it.
func acceptUnlisted(r *Result) {
	type named struct {
		scope inventory.Scope
		what  string
	}
	accepted := map[named]*Waived{}
	for _, g := range r.Gaps {
		accepted[named{g.Scope, g.What}] = g.Accepted // waivers tell gaps by these two alone
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Waived == nil && strings.HasPrefix(string(f.Resource.ID), Unlisted) {
			f.Waived = accepted[named{f.Resource.Scope, f.At}]
		}
	}
}

package finding

import (
	"time"

	"github.com/keyreeve/keyreeve/scanner/glob"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A Waiver accepts findings, or a gap, for a time. It hides nothing: what it covers is shown apart.
//
//   - rule: rotation/signing-key-overdue
//     resource: {type: vault.transit.key, name: legacy-*}
//     reason: The partner rotates in March.
//     owner: payments
//     approver: security@example.test
//     until: 2026-03-31
//     ticket: SEC-123
//   - gap: {scope: vault/eu/team-a, what: "list of tokens"}
//     reason: ...
type Waiver struct {
	Rule     string   `yaml:"rule"`
	Resource Selector `yaml:"resource"`
	At       string   `yaml:"at"` // the part of the resource; empty is every part
	Gap      *GapOf   `yaml:"gap"`
	Reason   string   `yaml:"reason"`
	Owner    string   `yaml:"owner"`
	Approver string   `yaml:"approver"`
	Until    string   `yaml:"until"` // the last day, 2006-01-02
	Ticket   string   `yaml:"ticket"`

	place string    // "waivers/2026.yaml#3"
	ends  time.Time // the first moment at which it no longer holds
}

// A Selector describes resources. All keys that are set must hold. Values may hold globs; see package glob.
type Selector struct {
	ID    string `yaml:"id"`
	Type  string `yaml:"type"`
	Name  string `yaml:"name"`
	Scope string `yaml:"scope"`
}

// GapOf describes gaps.
type GapOf struct {
	Scope string `yaml:"scope"`
	What  string `yaml:"what"`
}

// Waivers are all waivers of a run, in the order of their files.
type Waivers struct{ all []Waiver }

// Covers reports whether the waiver is about a finding, whatever the time.
func (v *Waiver) Covers(f *Finding) bool {
	s := v.Resource
	return v.Gap == nil && glob.Match(v.Rule, f.Rule) && like(v.At, f.At) && like(s.ID, string(f.Resource.ID)) && like(s.Type, f.Resource.Type) &&
		like(s.Name, f.Resource.Name) && inScope(s.Scope, f.Resource.Scope)
}

// accepts reports whether the waiver is about a gap, whatever the time.
func (v *Waiver) accepts(g *inventory.Gap) bool {
	return v.Gap != nil && inScope(v.Gap.Scope, g.Scope) && like(v.Gap.What, g.What)
}

func (v *Waiver) waived() *Waived {
	return &Waived{By: v.place, Reason: v.Reason, Owner: v.Owner, Approver: v.Approver, Until: v.lastDay(), Ticket: v.Ticket}
}

// inScope compares a scope with a pattern, which may be written as reports show scopes.
func inScope(pattern string, s inventory.Scope) bool {
	return like(pattern, string(s)) || like(pattern, s.Short())
}

// like is glob.Match, where an empty pattern holds for everything.
func like(pattern, s string) bool { return pattern == "" || glob.Match(pattern, s) }

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
		out[i] = WaiverState{Waiver: v, Place: v.place, Ends: v.lastDay()}
	}
	return out
}

// lastDay is the day that until names.
func (v *Waiver) lastDay() time.Time { return v.ends.AddDate(0, 0, -1) }

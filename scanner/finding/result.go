package finding

import (
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// ResultFormat is the version of the result file. A reader refuses another major number.
const ResultFormat = "keyreeve-result/1"

// A Result is everything one judgement says.
type Result struct {
	Format      string     `json:"format"` // ResultFormat
	Tool        string     `json:"tool"`   // version of keyreeve
	Verb        string     `json:"verb"`   // "scan", "check", "lint"
	TakenAt     time.Time  `json:"taken_at"`
	AsOf        time.Time  `json:"as_of"` // the clock of all ages
	Emulated    bool       `json:"emulated,omitzero"`
	Reading     Reading    `json:"reading"`
	Summary     Summary    `json:"summary"`
	Rules       []Rule     `json:"rules"`                 // all that were loaded, sorted by ID, meta rules included
	Off         []string   `json:"switched_off,omitzero"` // rules that the configuration switches off, sorted
	Tallies     []Tally    `json:"tallies"`               // how often each rule gave each verdict, sorted by rule
	Findings    []Finding  `json:"findings"`              // sorted by severity (worst first), rule, resource ID, at
	Diagnostics []Finding  `json:"diagnostics"`           // findings of the meta/ rules, about the run
	Gaps        []Gap      `json:"gaps"`
	Coverage    []Coverage `json:"coverage"` // a scope each, sorted
}

// Reading says how much of what was to be read was read.
type Reading string

// The readings. Gaps and unknowns that somebody accepted do not make a reading partial, nor do those of a back end whose
// configured floor of coverage is met.
const (
	Whole   Reading = "whole"
	Partial Reading = "partial"
	Nothing Reading = "nothing"
)

// Tally counts the verdicts of one rule; Fail counts resources, not findings.
type Tally struct {
	Rule          string `json:"rule"`
	Pass          int    `json:"pass"`
	Fail          int    `json:"fail"`
	Unknown       int    `json:"unknown"`
	NotApplicable int    `json:"not_applicable"`
}

// A Gap is something that could not be read, and whether somebody has accepted that.
type Gap struct {
	inventory.Gap
	Accepted *Waived `json:"accepted,omitzero"`
	// Baseline is set by a comparison with an earlier state: "new" or "unchanged".
	Baseline string `json:"baseline,omitzero"`
}

// Coverage says how much of a scope was read.
type Coverage struct {
	inventory.ScopeRead
	Gaps int `json:"gaps"` // gaps in this scope
	// Facts is the number of required facts of the scope's resources, and Unknown how many of them were not read.
	Facts   int `json:"facts"`
	Unknown int `json:"unknown"`
}

// Package finding holds what judging yields: rules as they describe themselves, verdicts, findings with fingerprints that
// survive rewording, and the result file that reports, gates and remediation start from.
//
// It leaves the judging itself to package evaluate and the showing to package report.
package finding

import (
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Verdict is one of four answers of a rule about a resource.
type Verdict string

// The verdicts. Unknown is never a pass: a fact that decides was not read.
const (
	Pass          Verdict = "pass"
	Fail          Verdict = "fail"
	NotApplicable Verdict = "not_applicable"
	Unknown       Verdict = "unknown"
)

// Severity ranks rules.
type Severity string

// The severities, from the lowest.
const (
	Info     Severity = "info"
	Low      Severity = "low"
	Medium   Severity = "medium"
	High     Severity = "high"
	Critical Severity = "critical"
)

var severities = []Severity{Info, Low, Medium, High, Critical}

// Rank orders severities: 0 for info to 4 for critical, -1 for anything else.
func (s Severity) Rank() int {
	for i, t := range severities {
		if s == t {
			return i
		}
	}
	return -1
}

// Severities lists all severities from the lowest.
func Severities() []Severity { return append([]Severity(nil), severities...) }

// A Rule is what a rule says of itself in its header.
type Rule struct {
	ID          string              `json:"id"` // "rotation/signing-key-overdue"
	Title       string              `json:"title"`
	Description string              `json:"description"`
	Severity    Severity            `json:"severity"`            // the highest it can have; a finding carries its own
	ByTier      map[string]Severity `json:"by_tier,omitzero"`    // severity by tier, with "default"
	AppliesTo   []string            `json:"applies_to"`          // kinds and types; "vault.*" is a prefix
	Settings    map[string]Setting  `json:"settings,omitzero"`   //
	Controls    map[string][]string `json:"controls,omitzero"`   // framework and version to requirement ids
	Remedy      string              `json:"remedy,omitzero"`     // "rotate", "configure", "remove", "investigate"
	References  []Reference         `json:"references,omitzero"` //
	Tags        []string            `json:"tags,omitzero"`       // for SARIF: "cwe-798"
	Custom      bool                `json:"custom,omitzero"`     // from --policies, not built in
	Meta        bool                `json:"meta,omitzero"`       // a diagnostic of the run, made in Go
}

// Area is the first part of the rule's ID.
func (r Rule) Area() string { area, _, _ := strings.Cut(r.ID, "/"); return area }

// Matches reports whether the rule is about a type of resource: AppliesTo names its kind, the type itself, or a prefix of it
// with a star ("vault.*").
func (r Rule) Matches(typ string, kind inventory.Kind) bool {
	for _, a := range r.AppliesTo {
		prefix, star := strings.CutSuffix(a, "*")
		if a == string(kind) || a == typ || star && strings.HasPrefix(typ, prefix) {
			return true
		}
	}
	return false
}

// SeverityFor is the severity of a finding in a tier.
func (r Rule) SeverityFor(tier string) Severity {
	if s, ok := r.ByTier[tier]; ok {
		return s
	}
	if s, ok := r.ByTier["default"]; ok {
		return s
	}
	return r.Severity
}

// A Setting is a limit that configuration may change.
type Setting struct {
	Default any    `json:"default"`
	About   string `json:"about"`
}

// A Reference is further reading.
type Reference struct {
	Ref         string `json:"ref"`
	Description string `json:"description"`
}

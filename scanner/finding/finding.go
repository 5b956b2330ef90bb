package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A Finding is a rule's verdict about one resource that somebody should see: a fail, or an unknown.
type Finding struct {
	Fingerprint string         `json:"fingerprint"`
	Rule        string         `json:"rule"`
	Verdict     Verdict        `json:"verdict"` // fail or unknown
	Severity    Severity       `json:"severity"`
	Resource    *Resource      `json:"resource"`    // never nil; the findings of one resource share it
	At          string         `json:"at,omitzero"` // the part of the resource, such as a version or a statement
	Message     string         `json:"message"`     // stable text; numbers are in Facts
	Facts       map[string]any `json:"facts,omitzero"`
	// Deciding names, for an unknown, the facts that would decide and how to read them.
	Deciding []Deciding `json:"deciding,omitzero"`
	Error    string     `json:"error,omitzero"` // a runtime error of the rule; the verdict is then unknown
	Waived   *Waived    `json:"waived,omitzero"`
	// Baseline is set when a baseline was given: "new" or "unchanged".
	Baseline string `json:"baseline,omitzero"`
}

// Resource is as much of a resource as a report shows.
type Resource struct {
	ID          inventory.ID        `json:"id"`
	Type        string              `json:"type"`
	Kind        inventory.Kind      `json:"kind"`
	Name        string              `json:"name"`
	Origin      inventory.Origin    `json:"origin"`
	Scope       inventory.Scope     `json:"scope"`
	Emulated    bool                `json:"emulated,omitzero"`
	Location    *inventory.Location `json:"location,omitzero"`
	Environment string              `json:"environment,omitzero"`
	Tier        string              `json:"tier,omitzero"`
	Purpose     string              `json:"purpose,omitzero"`
	Owner       string              `json:"owner,omitzero"`
}

// Deciding is a fact that was not read and that the verdict hangs on.
type Deciding struct {
	Fact string           `json:"fact"`
	Why  inventory.Reason `json:"why"`
	Call string           `json:"call,omitzero"`
	Hint string           `json:"hint,omitzero"`
}

// Waived says which waiver covers a finding, or what in the repository itself accepts it.
type Waived struct {
	By       string    `json:"by"` // "waivers/2026.yaml#3", "gitleaks:allow", ".gitleaksignore"
	Reason   string    `json:"reason,omitzero"`
	Owner    string    `json:"owner,omitzero"`
	Approver string    `json:"approver,omitzero"`
	Until    time.Time `json:"until,omitzero"`
	Ticket   string    `json:"ticket,omitzero"`
}

// Fingerprint identifies a finding for ever: it comes from the rule, the resource and the part of it, and from nothing that
// may change, such as words, ages, severities or lines. It is 32 hexadecimal digits.
func Fingerprint(rule string, resource inventory.ID, at string) string {
	h := sha256.New()
	for _, s := range []string{"keyreeve/v1", rule, string(resource), at} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

package scanner

import (
	"strings"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// IDs of the diagnostics about coverage and about what is left out; those about waivers are in package finding.
const (
	coverageGap     = "meta/coverage-gap"
	ignoreUnmatched = "meta/ignore-unmatched"
	ledgerBroken    = "meta/ledger-broken"
)

// Diagnostics are the rules about the run itself rather than about a resource. They are made in Go, and documented like rules.
var Diagnostics = []finding.Rule{
	{
		ID: coverageGap, Meta: true, Severity: finding.Medium, Remedy: "configure", Title: "A scope was not read as far as it has to be",
		Description: "Verdicts about what was not read are unknown, and a resource that could not be listed has none at all. Grant the permissions that the " +
			"gaps name, accept a gap in a waiver file, or set a floor for the back end under coverage: in keyreeve.yaml.",
	},
	{
		ID: ignoreUnmatched, Meta: true, Severity: finding.Medium, Remedy: "configure", Title: "A pattern of .keyreeveignore matches nothing",
		Description: "What it left out is gone or has another name, and it would silently leave out a later file. Remove it. Files that git ignores are not read anyway.",
	},
	{
		ID: ledgerBroken, Meta: true, Severity: finding.Medium, Remedy: "investigate", Title: "The ledger of rotations does not hang together",
		Description: "Entries were changed, removed or added, or the end that a head proves is missing: what it says of rotations, approvals and emergencies cannot be relied on, " +
			"so none of it is judged. Restore the entries from where they are locked or backed up, and find out who could write there. keyreeve-rotate ledger verify says " +
			"what does not fit. Without rotation.ledger_head, entries that are missing at the end cannot be noticed.",
	},
	{
		ID: finding.WaiverExpired, Meta: true, Severity: finding.Medium, Remedy: "configure", Title: "A waiver has expired",
		Description: "The findings that it covered count again. Fix them, or have the waiver approved anew with a later date.",
	},
	{
		ID: finding.WaiverUnmatched, Meta: true, Severity: finding.Medium, Remedy: "configure", Title: "A waiver matches nothing",
		Description: "What it covered is gone or has another name, and it would silently cover a later finding. Remove it. A waiver for a scope that was not read is not reported.",
	},
	{
		ID: finding.WaiverTooBroad, Meta: true, Severity: finding.Medium, Remedy: "configure", Title: "A waiver is too broad",
		Description: "A waiver that covers many resources or any rule hides findings nobody has looked at. Name the rule and the resource.",
	},
}

// unused makes diagnostics of the patterns that leave nothing out.
func unused(coverage []finding.Coverage) []finding.Finding {
	var out []finding.Finding
	for _, c := range coverage {
		for _, pattern := range c.Unused {
			line, text, _ := strings.Cut(pattern, ": ")
			out = append(out, diagnostic(ignoreUnmatched, "ignore:.keyreeveignore:"+line, c.Scope, "", "the pattern leaves nothing out", map[string]any{"pattern": text}))
		}
	}
	return out
}

// unreliable makes diagnostics of ledgers that do not hang together.
func unreliable(snap *inventory.Snapshot) []finding.Finding {
	var out []finding.Finding
	for i := range snap.Resources {
		r := &snap.Resources[i]
		if l := r.Ledger; l != nil && l.Verified == "broken" {
			out = append(out, diagnostic(ledgerBroken, string(r.ID), r.Scope, l.BrokenAt, "the ledger of rotations is broken", map[string]any{"entry": l.BrokenAt, "why": l.Why}))
		}
	}
	return out
}

// diagnostic makes a finding of one of the rules above.
func diagnostic(rule, id string, scope inventory.Scope, at, message string, facts map[string]any) finding.Finding {
	return finding.Finding{
		Fingerprint: finding.Fingerprint(rule, inventory.ID(id), at), Rule: rule, Verdict: finding.Fail, Severity: finding.Medium,
		Resource: &finding.Resource{ID: inventory.ID(id), Type: "keyreeve.run", Name: id, Scope: scope}, At: at, Message: message, Facts: facts,
	}
}

// troubles makes diagnostics of the waivers that want attention.
func troubles(list []finding.Trouble) []finding.Finding {
	var out []finding.Finding
	for _, t := range list {
		f := diagnostic(t.Rule, "waiver:"+t.Place, "", "", t.Message, t.Facts)
		f.Resource.Location = t.At
		out = append(out, f)
	}
	return out
}

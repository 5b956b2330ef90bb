package scanner

import (
	"testing"

	"github.com/keyreeve/keyreeve/scanner/evaluate"
	"github.com/keyreeve/keyreeve/scanner/finding"
)

// Which severity a finding has is none of its identity: a waiver or a baseline goes on to hold for it.
func TestLoweredFindings(t *testing.T) {
	res := &finding.Resource{ID: "x"}
	prints := map[string]bool{}
	for _, severity := range finding.Severities() {
		j := evaluate.Judgement{
			Rule: &finding.Rule{ID: "a/b"}, Verdict: finding.Fail, Severity: finding.Critical,
			Violations: []evaluate.Violation{{Message: "m", At: "p", Severity: severity}},
		}
		for _, f := range findings(j, res, nil) {
			if f.Severity != severity {
				t.Errorf("a finding of severity %s has %s", severity, f.Severity)
			}
			prints[f.Fingerprint] = true
		}
	}
	if len(prints) != 1 {
		t.Errorf("the fingerprint changes with the severity: %v", prints)
	}
}

package report

import (
	"encoding/json"
	"io"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// issue is one entry of GitLab's Code Quality report, which every tier shows in merge requests:
//
//	[{"description": ..., "check_name": RULE, "fingerprint": ..., "severity": "critical", "location": {"path": ..., "lines": {"begin": 12}}}]
//
// What has no file gets the path that SARIF gives it. What could not be read is an entry of the rule
// meta/gap. Waived findings are left out, and unless the run is strict so is what declared resources leave open.
type issue struct {
	Description string        `json:"description"`
	CheckName   string        `json:"check_name"`
	Fingerprint string        `json:"fingerprint"`
	Severity    string        `json:"severity"`
	Location    issueLocation `json:"location"`
}

type issueLocation struct {
	Path  string `json:"path"`
	Lines struct {
		Begin int `json:"begin"`
	} `json:"lines"`
}

// codeQualitySeverities are GitLab's words, from the worst: blocker, critical, major, minor, info.
var codeQualitySeverities = map[finding.Severity]string{
	finding.Critical: "blocker", finding.High: "critical", finding.Medium: "major", finding.Low: "minor", finding.Info: "info",
}

func writeCodeQuality(w io.Writer, v *view, o Options) error {
	issues := []issue{}
	live, _ := split(v.findings)
	for _, f := range append(failing(live), v.lacks(v.gaps, live, o)...) {
		i := issue{Description: sentence(f), CheckName: f.Rule, Fingerprint: f.Fingerprint, Severity: codeQualitySeverities[f.Severity]}
		switch {
		case f.Verdict != finding.Fail:
			i.Severity = "major" // how bad it would be is not known
		case i.Severity == "":
			i.Severity = "info"
		}
		i.Location.Path, i.Location.Lines.Begin = syntheticPath(f), 1
		if l := f.Resource.Location; l != nil && l.Path != "" {
			i.Location.Path, i.Location.Lines.Begin = l.Path, startLine(l)
		}
		issues = append(issues, i)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(issues)
}

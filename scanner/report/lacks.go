package report

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// lacks returns what may make a run fail although nothing that was read does, in the form of findings, so that formats that list
// findings say why: what could not be read, under the rule meta/gap, and live resources that could not be judged. In a strict run
// whatever is unknown or left open counts. Gaps are those to be told, and live the findings. Comments that waive nothing, or no longer,
// follow, each at its line: whoever wrote one takes it to hold.
func (v *view) lacks(gaps []*finding.Gap, live []*finding.Finding, o Options) []*finding.Finding {
	var out []*finding.Finding
	seen := map[string]bool{} // fingerprints
	for _, g := range gaps {
		if g.Accepted != nil || !g.Incomplete() && !(o.Strict && g.Why == inventory.NotStated) {
			continue
		}
		f := ofGap(g)
		for n := 2; seen[f.Fingerprint]; n++ {
			f.Fingerprint = finding.Fingerprint(f.Rule, f.Resource.ID, g.What+" "+strconv.Itoa(n))
		}
		seen[f.Fingerprint] = true
		out = append(out, f)
	}
	for _, f := range unknown(live) {
		told := strings.HasPrefix(string(f.Resource.ID), finding.Unlisted) // by its gap
		if !told && (o.Strict || f.Resource.Origin != inventory.Declared) {
			out = append(out, f)
		}
	}
	if len(out) == 0 && v.ReadingThatCounts() != finding.Whole { // a floor of coverage that was not met
		out = slices.DeleteFunc(slices.Clone(v.diagnostics), func(f *finding.Finding) bool { return f.Waived != nil || f.Resource.Location != nil })
	}
	for _, f := range v.diagnostics {
		if f.Waived == nil && f.Resource.Location != nil {
			out = append(out, ofComment(f))
		}
	}
	return out
}

// ofComment words what is wrong with a waiver in a comment in one sentence.
func ofComment(f *finding.Finding) *finding.Finding {
	told, res := *f, *f.Resource
	why, ok := f.Facts["why"].(string)
	if !ok {
		why = factLines(f.Facts)[0]
	}
	if why != "" {
		told.Message += ": " + why
	}
	res.Name, res.Type = res.Location.Path, "" // its place, which is not said twice
	told.Resource = &res
	return &told
}

// ofGap words a gap as a finding. One about a file of a repository has its place.
func ofGap(g *finding.Gap) *finding.Finding {
	f := &finding.Finding{Rule: "meta/gap", Verdict: finding.Unknown, Severity: finding.High, Baseline: g.Baseline}
	f.Message = want{g.Why, g.Call, ""}.String()
	if g.Why == inventory.NotStated {
		f.Severity, f.Message = finding.Medium, "left open"
	}
	f.Resource = &finding.Resource{ID: inventory.ID(g.Scope), Name: g.What, Scope: g.Scope}
	f.Fingerprint = finding.Fingerprint(f.Rule, f.Resource.ID, g.What)
	if g.Err != "" {
		f.Message += ": " + g.Err
	}
	if g.Hint != "" {
		f.Message += "; " + want{g.Why, g.Call, g.Hint}.step()
	}
	if m := aboutFile.FindStringSubmatch(g.What); m != nil && g.Scope.Backend() == "repo" {
		if path, err := strconv.Unquote(m[1]); err == nil {
			f.Resource.Name = path // which is not said twice
			f.Resource.Location = &inventory.Location{Path: path, StartLine: 1}
		}
		if m := atLine.FindStringSubmatch(g.Err); m != nil && f.Resource.Location != nil {
			f.Resource.Location.StartLine, _ = strconv.Atoi(m[1]) // digits; too many of them are the first line
		}
	}
	return f
}

// How package repo words gaps about files.
var (
	aboutFile = regexp.MustCompile(`^(?:file|symbolic link|submodule) (".*")$`)
	atLine    = regexp.MustCompile(`^line ([0-9]+): `)
)

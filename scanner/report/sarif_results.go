package report

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// sarifResults turns findings into results.
type sarifResults struct {
	rules      *sarifRules
	places     *places
	suppressed bool // results say whether they are suppressed: all or none
	compared   bool // results say how they stand to a baseline: all or none
}

func newSARIFResults(v *view, o Options, rules *sarifRules) *sarifResults {
	s := &sarifResults{rules: rules, places: newPlaces(v, o), suppressed: o.Suppressed == "include"}
	for _, f := range v.findings {
		s.compared = s.compared || f.Baseline != ""
	}
	return s
}

// suppressible is a result that also writes an empty list of suppressions, which says "none"; go-sarif leaves it out.
type suppressible struct {
	*sarif.Result
	Suppressions []*sarif.Suppression `json:"suppressions"`
}

func (s *sarifResults) result(c chosen) any {
	f := c.first
	index := s.rules.index[f.Rule]
	kind, lvl, rank := "fail", level(f.Severity), ranks[f.Severity]
	if f.Verdict != finding.Fail {
		kind, lvl, rank = "open", "none", 0 // the level has to be none where the kind is not fail
	}
	at, real := s.places.of(f)
	print := fingerprint(f)
	r := &sarif.Result{
		RuleID: &f.Rule, RuleIndex: &index, Kind: &kind, Level: &lvl, Rank: &rank,
		Message: sarif.Message{Text: ptr(message(c))},
		Locations: []*sarif.Location{{
			PhysicalLocation: at,
			LogicalLocations: logical(c),
		}},
		Fingerprints:        map[string]any{"keyreeve/v1": print},
		PartialFingerprints: map[string]any{"keyreeve/v1": print},
	}
	if !real || c.beside {
		// GitHub makes this one from the file's lines, but only of files it has. Of a real file it is left to GitHub, unless that
		// would make an alert of what was there before of what is new.
		r.PartialFingerprints["primaryLocationLineHash"] = print[:16] + ":1"
	}
	r.Properties = properties(c)
	if n := uint(1 + len(c.more)); n > 1 {
		r.OccurrenceCount = &n
	}
	if s.compared {
		r.BaselineState = ptr(baselineState(f))
	}
	if s.suppressed {
		return suppressible{r, suppressions(f)}
	}
	return r
}

// ranks lie in the middle of GitLab's ranges of result.rank, which it asks for severity first.
var ranks = map[finding.Severity]float32{
	finding.Critical: 95, finding.High: 80, finding.Medium: 55, finding.Low: 25, finding.Info: 5,
}

var hexPrint = regexp.MustCompile(`^[0-9a-f]{32}$`)

// fingerprint is the finding's, or, in a result edited by hand, what it has to be.
func fingerprint(f *finding.Finding) string {
	if hexPrint.MatchString(f.Fingerprint) {
		return f.Fingerprint
	}
	return finding.Fingerprint(f.Rule, f.Resource.ID, f.At)
}

// properties holds what no field of SARIF has a place for. Everything empty is left out.
func properties(c chosen) sarif.Properties {
	f, res := c.first, c.first.Resource
	p := sarif.Properties{"severity": string(f.Severity)}
	for k, v := range map[string]string{
		"at": f.At, "type": res.Type, "kind": string(res.Kind), "origin": string(res.Origin), "scope": string(res.Scope),
		"environment": res.Environment, "tier": res.Tier, "purpose": res.Purpose, "owner": res.Owner, "error": f.Error,
	} {
		if v != "" {
			p[k] = v
		}
	}
	if res.Emulated {
		p["emulated"] = true
	}
	if len(f.Facts) > 0 {
		p["facts"] = pruned(f.Facts)
	}
	if len(f.Deciding) > 0 {
		p["deciding"] = f.Deciding
	}
	if len(c.more) > 0 {
		others := make([]string, len(c.more))
		for i, m := range c.more {
			others[i] = fingerprint(m)
		}
		p["alsoHere"] = others
	}
	return p
}

// suppressions says what accepts a finding; none is an empty list. go-sarif writes null for what is not set, so all is set.
func suppressions(f *finding.Finding) []*sarif.Suppression {
	w := f.Waived
	if w == nil {
		return []*sarif.Suppression{}
	}
	kind := "external"
	if strings.Contains(w.By, "gitleaks:allow") || strings.HasPrefix(w.By, "inline ") { // a comment beside it
		kind = "inSource"
	}
	s := &sarif.Suppression{
		Kind: kind, Status: ptr("accepted"), Location: sarif.NewLocation(),
		Guid: ptr(guid(fingerprint(f) + w.By)), Justification: ptr(justification(*w)),
	}
	return []*sarif.Suppression{s}
}

func justification(w finding.Waived) string {
	if w.Reason == "" {
		return cut(terms(w), maxMessage)
	}
	return cut(w.Reason+" ("+terms(w)+")", maxMessage)
}

// guid makes a name-based UUID (version 5, RFC 9562): the same for the same name.
func guid(name string) string {
	h := sha1.Sum([]byte(homepage + "/" + name))
	h[6] = h[6]&0x0f | 0x50
	h[8] = h[8]&0x3f | 0x80
	s := hex.EncodeToString(h[:16])
	return fmt.Sprintf("%s-%s-%s-%s-%s", s[:8], s[8:12], s[12:16], s[16:20], s[20:])
}

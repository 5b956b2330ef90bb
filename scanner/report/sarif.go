package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// SARIF 2.1.0, as its consumers read it rather than as the specification would allow. What shaped this file:
//
//   - GitHub refuses a whole file for one result without a physical location, so every result has one (sarif_place.go).
//     GitLab drops results that share rule, file and lines with another, so no two do (sarif_select.go).
//   - GitHub and DefectDojo read the severity from the rule, GitLab first from the result's rank. So a rule's
//     security-severity is fixed, and a finding's own severity is its level and its rank.
//   - GitHub closes every alert of a category that a new upload of the category lacks. So lint and scan have categories of
//     their own, and automationDetails.id ends in a run after its last slash, where GitHub cuts it.
//   - Messages enter de-duplication, so they hold no number that changes with time; numbers are in properties.
//   - An unknown verdict is not a fail. The kind that SARIF has for it, "open" (not enough information to decide), makes
//     consumers disagree: DefectDojo skips it, others may raise an alert. So unknowns are notifications of the run, and
//     results only where Options.Unknowns asks for them.
//   - Controls stand in the rule's properties and help text. No consumer we know reads taxa, and go-sarif v2 cannot relate
//     a rule to them.
//
// The types are those of go-sarif, whose own writer keeps all results in memory and writes nulls that the schema refuses.
// So the envelope is written here, and results go out one by one.
const (
	sarifVersion = "2.1.0"
	sarifSchema  = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	homepage     = "https://github.com/keyreeve/keyreeve"
	// maxResults is how many results GitHub takes of one run; a file with more is refused.
	maxResults = 25000
)

func writeSARIF(w io.Writer, v *view, o Options) error {
	return writeSARIFCapped(w, v, o, maxResults)
}

func writeSARIFCapped(w io.Writer, v *view, o Options, limit int) error {
	if err := checkSARIFOptions(o); err != nil {
		return err
	}
	chosen := choose(v, o)
	left := max(0, len(chosen)-limit)
	chosen = chosen[:len(chosen)-left]
	rules := newSARIFRules(v, chosen)
	results := newSARIFResults(v, o, rules)

	out := &jsonWriter{w: w}
	out.text(`{"$schema":"` + sarifSchema + `","version":"` + sarifVersion + `","runs":[{` + "\n" + `"tool":`)
	out.value(tool(v, rules))
	out.text(",\n" + `"invocations":`)
	out.value([]*sarif.Invocation{invocation(v, rules, left)})
	out.text(",\n" + `"automationDetails":`)
	id := automationID(v, o)
	out.value(sarif.RunAutomationDetails{ID: &id})
	out.text(",\n" + `"redactionTokens":["(redacted)"],` + "\n" + `"results":[`)
	for i, c := range chosen {
		if i > 0 {
			out.text(",")
		}
		out.text("\n")
		out.value(results.result(c))
		if out.err != nil {
			return fmt.Errorf("finding %s: %w", short(c.first.Fingerprint), out.err)
		}
	}
	out.text("\n]}]}\n")
	return out.err
}

func checkSARIFOptions(o Options) error {
	switch o.Suppressed {
	case "", "omit", "include":
	default:
		return fmt.Errorf("suppressed findings: %q is neither omit nor include", o.Suppressed)
	}
	if a := o.Anchor; a != "" && (path.IsAbs(a) || path.Clean(a) != a || a == "." || a == ".." || strings.HasPrefix(a, "../") || strings.Contains(a, `\`)) {
		return fmt.Errorf("anchor %q: want a file of the repository, relative to its root, such as SECURITY.md", a)
	}
	if strings.Trim(o.Category, "/") == "" && o.Category != "" {
		return errors.New("the category consists of slashes only")
	}
	return nil
}

// automationID is category/run: GitHub takes what is before the last slash as the category.
func automationID(v *view, o Options) string {
	category := strings.Trim(o.Category, "/")
	if category == "" {
		category = "keyreeve/" + v.Verb
	}
	category = strings.TrimSuffix(category, "/")
	if v.TakenAt.IsZero() {
		return category + "/"
	}
	return category + "/" + v.TakenAt.UTC().Format(time.RFC3339)
}

var semver = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)

func tool(v *view, rules *sarifRules) sarif.Tool {
	driver := &sarif.ToolComponent{
		Name:           "keyreeve", // for ever: DefectDojo names its test type after it
		Organization:   ptr("keyreeve"),
		InformationURI: ptr(homepage),
		Rules:          rules.descriptors,
		Notifications:  rules.notifications,
	}
	if v.Tool != "" {
		driver.Version = ptr(v.Tool)
		driver.FullName = ptr("keyreeve " + v.Tool)
		if s := strings.TrimPrefix(v.Tool, "v"); semver.MatchString(s) {
			driver.SemanticVersion = &s
		}
	}
	return sarif.Tool{Driver: driver}
}

// ptr gives go-sarif a string that is there; nil is left out.
func ptr(s string) *string { return &s }

func prose(s string) *sarif.MultiformatMessageString {
	return &sarif.MultiformatMessageString{Text: &s}
}

// level is SARIF's word for a severity.
func level(s finding.Severity) string {
	switch s {
	case finding.Critical, finding.High:
		return "error"
	case finding.Medium:
		return "warning"
	}
	return "note"
}

// pruned returns a fact without nulls, which the upload to GitHub refuses in places; a null in a list becomes "none" to keep its place.
func pruned(v any) any {
	switch t := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, x := range t {
			if kept := pruned(x); kept != nil {
				out[k] = kept
			}
		}
		return out
	case []any:
		out := make([]any, len(t))
		for i, x := range t {
			if out[i] = pruned(x); out[i] == nil {
				out[i] = "none"
			}
		}
		return out
	case nil, bool, string, float64, int, json.Number:
		return v
	}
	// Any other type: as JSON sees it, so that nulls inside are found too.
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var out any
	if dec.Decode(&out) != nil {
		return fmt.Sprint(v)
	}
	return pruned(out)
}

// cut shortens a text to n letters: GitHub and GitLab drop or refuse longer ones.
func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-3]) + "..."
}

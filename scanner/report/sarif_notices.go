package report

import (
	"fmt"
	"maps"
	"slices"

	"github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// notices are what only SARIF has to tell as notifications of the run.
var notices = []finding.Rule{
	{ID: "meta/gap", Severity: finding.High, Title: "Something could not be read", Description: "What could not be read was not judged. The missing permission, if any, is named."},
	{ID: "meta/unknown", Severity: finding.Medium, Title: "A rule could not tell", Description: "Facts that decide were not read. An unknown verdict is not a pass."},
	{ID: "meta/emulated", Severity: finding.Low, Title: "A test server answered", Description: "A back end of this run was a test server, as its configuration says."},
	{ID: "meta/passed-over", Severity: finding.Low, Title: "Something was passed over on purpose", Description: "Files that configuration or the detectors' rules leave out, detectors of the repository's own, and rules that are switched off: what they would have shown is not known."},
	{ID: "meta/left-out", Severity: finding.High, Title: "Results were left out", Description: "Code scanning takes a limited number of results of one run; the least severe were left out."},
}

// maxNotices bounds the notifications of one kind.
const maxNotices = 1000

// invocation says how the run went. A consumer that looks at nothing else still sees that it was not whole.
func invocation(v *view, rules *sarifRules, left int) *sarif.Invocation {
	whole := v.ReadingThatCounts() == finding.Whole
	inv := &sarif.Invocation{ExecutionSuccessful: &whole}
	if t := v.TakenAt.UTC(); !t.IsZero() {
		inv.EndTimeUTC = &t // DefectDojo dates findings by it
	}
	inv.Properties = sarif.Properties{"verb": v.Verb, "reading": string(v.Reading), "summary": stated(v.Summary)}
	if !v.AsOf.IsZero() {
		inv.Properties["asOf"] = v.AsOf.UTC()
	}
	inv.ToolExecutionNotifications = slices.Concat(leftOut(left), bounded("meta/gap", gapNotices(v)), bounded("meta/unknown", unknownNotices(v, rules)), emulatedNotices(v), passedOverNotices(v))
	inv.ToolConfigurationNotifications = bounded("meta/left-out", diagnosticNotices(v))
	return inv
}

func notice(id, lvl, message string, properties sarif.Properties) *sarif.Notification {
	n := &sarif.Notification{
		Descriptor: &sarif.ReportingDescriptorReference{Id: &id}, Level: lvl,
		Message: &sarif.Message{Text: ptr(cut(message, maxMessage))},
	}
	n.Properties = properties
	return n
}

func bounded(id string, list []*sarif.Notification) []*sarif.Notification {
	if len(list) <= maxNotices {
		return list
	}
	more := len(list) - maxNotices
	return append(list[:maxNotices:maxNotices], notice(id, "warning", fmt.Sprintf("%s more like these were left out.", count(more)), sarif.Properties{"leftOut": more}))
}

// passedOverNotices tell what nobody looked at by choice.
func passedOverNotices(v *view) []*sarif.Notification {
	var out []*sarif.Notification
	say := func(message string, p sarif.Properties) {
		out = append(out, notice("meta/passed-over", "note", message, p))
	}
	for _, c := range v.coverage {
		for _, why := range slices.Sorted(maps.Keys(c.LeftOut)) {
			say(fmt.Sprintf("%s: left out %s %s.", place(c.Scope), count(c.LeftOut[why]), why), sarif.Properties{"scope": string(c.Scope), "leftOut": c.LeftOut[why]})
		}
		for _, note := range c.Notes {
			say(place(c.Scope)+": "+note+".", sarif.Properties{"scope": string(c.Scope)})
		}
	}
	for _, id := range v.Off {
		say("The rule "+id+" is switched off by configuration.", sarif.Properties{"rule": id})
	}
	return out
}

func leftOut(n int) []*sarif.Notification {
	if n == 0 {
		return nil
	}
	return []*sarif.Notification{notice("meta/left-out", "error",
		fmt.Sprintf("%d results were left out, the least severe ones: code scanning takes %d of one run. The JSON report has all.", n, maxResults), sarif.Properties{"leftOut": n})}
}

func gapNotices(v *view) []*sarif.Notification {
	var out []*sarif.Notification
	for _, g := range v.gaps {
		lvl := "error"
		if g.Accepted != nil || !g.Incomplete() || g.Baseline == finding.Unchanged {
			lvl = "note"
		}
		message := fmt.Sprintf("Could not read %s of %s: %s", g.What, place(g.Scope), want{g.Why, g.Call, ""})
		if g.Why == inventory.NotStated {
			message = fmt.Sprintf("Left open in %s: %s", place(g.Scope), g.What)
		}
		if g.Err != "" {
			message += ": " + g.Err
		}
		message += "."
		p := sarif.Properties{"scope": string(g.Scope), "what": g.What, "why": string(g.Why)}
		for k, s := range map[string]string{"call": g.Call, "hint": g.Hint, "error": g.Err, "baselineState": g.Baseline} {
			if s != "" {
				p[k] = s
			}
		}
		if g.Hint != "" {
			message += " Hint: " + g.Hint
		}
		if len(g.Types) > 0 {
			p["types"] = g.Types
		}
		if g.Accepted != nil {
			p["accepted"] = justification(*g.Accepted)
		}
		out = append(out, notice("meta/gap", lvl, message, p))
	}
	return out
}

// unknownNotices has one for each rule and each thing that would let it tell, with the number of resources.
func unknownNotices(v *view, rules *sarifRules) []*sarif.Notification {
	byRule := map[string][]*finding.Finding{}
	for _, f := range v.findings {
		if f.Verdict != finding.Fail && f.Waived == nil {
			byRule[f.Rule] = append(byRule[f.Rule], f)
		}
	}
	var out []*sarif.Notification
	for _, id := range slices.Sorted(maps.Keys(byRule)) {
		for _, q := range questions(byRule[id]) {
			message, hints := "The rule '"+id+"' could not tell", []string{}
			if q.err != "" {
				message += ": it failed with an error: " + q.err
			}
			for _, w := range q.wants {
				message += ": " + w.String()
				if w.hint != "" {
					hints = append(hints, w.hint)
				}
			}
			n := notice("meta/unknown", "warning", message+".", sarif.Properties{"verdicts": len(q.findings), "hints": hints, "facts": counted(q.findings, decidingFacts)})
			if i, ok := rules.index[id]; ok {
				n.AssociatedRule = &sarif.ReportingDescriptorReference{Id: ptr(id), Index: &i}
			}
			out = append(out, n)
		}
	}
	return out
}

func emulatedNotices(v *view) []*sarif.Notification {
	var out []*sarif.Notification
	for _, c := range v.coverage {
		if c.Emulated {
			out = append(out, notice("meta/emulated", "note", "A test server answered for "+place(c.Scope)+".", sarif.Properties{"scope": string(c.Scope), "emulated": true}))
		}
	}
	if len(out) == 0 && v.Emulated {
		out = append(out, notice("meta/emulated", "note", "A test server answered.", sarif.Properties{"emulated": true}))
	}
	return bounded("meta/emulated", out)
}

// diagnosticNotices tells about waivers and coverage. They are no results: a run has no place in a repository.
func diagnosticNotices(v *view) []*sarif.Notification {
	var out []*sarif.Notification
	for _, f := range v.diagnostics {
		lvl := level(f.Severity)
		if f.Waived != nil {
			lvl = "note"
		}
		p := sarif.Properties{"fingerprint": fingerprint(f), "resource": string(f.Resource.ID)}
		if len(f.Facts) > 0 {
			p["facts"] = pruned(f.Facts)
		}
		out = append(out, notice(f.Rule, lvl, "'"+unlinked(called(f))+"': "+f.Message+".", p))
	}
	return out
}

package evaluate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// unanswered finds targets of a rule that asks who may do what although nothing works that out for them: the verdict would always be
// unknown. What a rule asks by way of a library is not seen.
func (r *rule) unanswered() []Problem {
	var seen reads
	for _, f := range r.source.files {
		for _, rl := range f.module.Rules {
			seen.note(rl)
		}
	}
	if !seen.access() {
		return nil
	}
	var out []Problem
	for _, target := range r.AppliesTo {
		about := finding.Rule{AppliesTo: []string{target}}
		var without []string
		some := false
		for _, t := range inventory.Types {
			if !about.Matches(t.Type, t.Kind) {
				continue
			}
			system, _, _ := strings.Cut(t.Type, ".")
			if slices.Contains(access.Systems, system) {
				some = true
			} else {
				without = append(without, t.Type)
			}
		}
		if len(without) == 0 {
			continue
		}
		out = append(out, Problem{
			File: r.source.headFile, Line: r.source.header.line, Warning: some,
			Text: fmt.Sprintf("applies_to %q: who may do what is not worked out for %s, so the verdict there is always unknown; name types of %s", target, strings.Join(without, ", "), strings.Join(access.Systems, " or ")),
		})
	}
	return out
}

package evaluate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// Page is the page of a rule, in Markdown: what it says of itself, and its examples with what it really answers to them. It is the
// README.md of the rule's folder.
func (e *Engine) Page(id string) ([]byte, error) {
	rl := e.find(id)
	if rl == nil {
		return nil, errors.New(unknown("rule", id, e.ids()))
	}
	p := &page{}
	p.line("<!-- Generated from the rule and its examples; do not edit. -->\n")
	p.line("# %s\n", rl.Title)
	p.line("`%s` · %s%s\n", rl.ID, severityText(rl.Rule)+loweredText(rl.lowered), remedyText(rl.Remedy))
	p.line("%s\n", rl.Description)
	p.line("## Applies to\n")
	for _, t := range rl.AppliesTo {
		p.line("- `%s`", t)
	}
	p.settings(rl)
	p.controls(rl.Controls)
	if err := p.examples(e, rl); err != nil {
		return nil, err
	}
	p.waive(rl)
	if len(rl.References) > 0 {
		p.line("\n## References\n")
		for _, r := range rl.References {
			p.line("- [%s](%s)", r.Description, r.Ref)
		}
	}
	return p.Bytes(), nil
}

func (e *Engine) ids() []string {
	var out []string
	for _, r := range e.rules {
		out = append(out, r.ID)
	}
	return out
}

type page struct{ bytes.Buffer }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func severityText(r finding.Rule) string {
	if len(r.ByTier) == 0 {
		return string(r.Severity)
	}
	var parts []string
	for _, tier := range append(slices.Clone(tiers), "default") {
		if s, ok := r.ByTier[tier]; ok {
			where := "in " + tier
			if tier == "default" {
				where = "elsewhere"
			}
			parts = append(parts, string(s)+" "+where)
		}
	}
	return strings.Join(parts, ", ")
}

// loweredText says which severities below the rule's its findings may have.
func loweredText(words []finding.Severity) string {
	if len(words) == 0 {
		return ""
	}
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	return "; some findings " + strings.Join(list, " or ")
}

func remedyText(remedy string) string {
	if remedy == "" {
		return ""
	}
	return " · remedy: " + remedy
}

func (p *page) settings(rl *rule) {
	h := rl.source.header.Custom
	if len(h.Settings) > 0 {
		p.line("\n## Settings\n")
		p.line("Set them in `keyreeve.yaml` under `rules: {%s: {NAME: VALUE}}`; under `tiers: {staging: {NAME: VALUE}}` for one tier.\n", rl.ID)
		p.line("| name | default | what it is |\n|---|---|---|")
		for _, name := range slices.Sorted(maps.Keys(h.Settings)) {
			s := h.Settings[name]
			text := compact(plainValue(s.Default))
			for _, tier := range tiers {
				if v, ok := s.Tiers[tier]; ok {
					text += fmt.Sprintf("; %s in %s", compact(plainValue(v)), tier)
				}
			}
			p.line("| `%s` | %s | %s |", name, text, s.About)
		}
	}
	if len(h.SettingsFrom) > 0 {
		p.line("\nIt also follows the settings of %s.", codes(slices.Compact(slices.Sorted(maps.Values(h.SettingsFrom)))))
	}
	if len(h.Replaces) > 0 {
		p.line("\nWhere it fails, %s no longer apply.", codes(slices.Sorted(slices.Values(h.Replaces))))
	}
}

func (p *page) controls(c map[string][]string) {
	if len(c) == 0 {
		return
	}
	p.line("\n## Controls\n\n| framework | requirements |\n|---|---|")
	for _, f := range slices.Sorted(maps.Keys(c)) {
		p.line("| %s | %s |", f, strings.Join(c[f], ", "))
	}
}

func (p *page) examples(e *Engine, rl *rule) error {
	s := rl.source
	if s.examples == "" {
		return nil
	}
	list, err := readExamples(s.folder.fsys, s.examples, s.folder.name(s.examples))
	if err != nil {
		return err
	}
	p.line("\n## Examples\n\nWith the clock at %s unless said otherwise. The resources are in `examples.yaml`.", exampleClock.Format("2006-01-02"))
	for _, x := range list {
		j, err := e.runExample(context.Background(), rl.ID, x)
		if err != nil {
			return err
		}
		p.line("\n### %s\n", x.Name)
		if x.Why != "" {
			p.line("%s.\n", sentence(x.Why))
		}
		p.line("```text\n%s```", judgementText(j))
	}
	return nil
}

// judgementText is a judgement as the page and explain show it.
func judgementText(j Judgement) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s", j.Verdict)
	if j.Verdict == finding.Fail || j.Verdict == finding.Unknown {
		fmt.Fprintf(&b, " (%s)", j.worst())
	}
	b.WriteByte('\n')
	for _, v := range j.Violations {
		b.WriteString("  " + v.Message)
		if v.At != "" {
			b.WriteString(" at " + v.At)
		}
		if v.Severity != j.worst() {
			fmt.Fprintf(&b, " (%s)", v.Severity)
		}
		for _, k := range slices.Sorted(maps.Keys(v.Facts)) {
			fmt.Fprintf(&b, " %s=%s", k, compact(v.Facts[k]))
		}
		b.WriteByte('\n')
	}
	for _, d := range j.Deciding {
		fmt.Fprintf(&b, "  hangs on %s (%s", d.Fact, d.Why)
		if d.Call != "" {
			b.WriteString(", " + d.Call)
		}
		b.WriteByte(')')
		if d.Hint != "" {
			b.WriteString("; hint: " + d.Hint)
		}
		b.WriteByte('\n')
	}
	if j.Err != "" {
		b.WriteString("  error: " + j.Err + "\n")
	}
	return b.String()
}

// worst is the highest severity of what the judgement finds.
func (j Judgement) worst() finding.Severity {
	worst := j.Severity
	for i, v := range j.Violations {
		if i == 0 || v.Severity.Rank() > worst.Rank() {
			worst = v.Severity
		}
	}
	return worst
}

func (p *page) waive(rl *rule) {
	p.line("\n## How to accept it\n")
	p.line("Where a finding is accepted for a while, say so in the waivers file that `keyreeve.yaml` names, with who approved it and until when:\n")
	p.line("```yaml\n- rule: %s\n  resource: {id: \"...\"}\n  reason: why this is acceptable here\n  owner: who answers for it\n  approver: who accepted it\n  until: YYYY-MM-DD\n```", rl.ID)
	p.line("\nTo switch the rule off everywhere: `rules: {%s: {enabled: false}}`.", rl.ID)
}

func compact(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	out, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(out)
}

func codes(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = "`" + s + "`"
	}
	return strings.Join(out, ", ")
}

// sentence begins a phrase with a capital letter and takes its full stop away.
func sentence(s string) string {
	s = strings.TrimRight(strings.TrimSpace(s), ".")
	return strings.ToUpper(s[:1]) + s[1:]
}

package evaluate

import (
	"context"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/relate"
)

func TestPage(t *testing.T) {
	e, err := Load(Options{Builtin: ownRules})
	if err != nil {
		t.Fatal(err)
	}
	page, err := e.Page("rotation/old-key")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"<!-- Generated", "# Key is old\n", "`rotation/old-key` · high in production, low elsewhere · remedy: rotate",
		"| `max_age_days` | 90; 10 in development | days a key may serve |", "| nist-800-53-r5 | SC-12 |", "- [About keys](https://example.com/keys)",
		"### a key 184 days old\n\n```text\nfail (high)\n  has served longer than its limit age_days=184 bits=256 limit_days=90\n```",
		"A fact that is absent must not swallow the finding that mentions it.", "bits=not known",
		"unknown (high)\n  hangs on key.rotated_at (denied, GET transit/keys/NAME); hint: grant transit/keys/+: read",
		"rule: rotation/old-key", "{rotation/old-key: {enabled: false}}",
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	if _, err := e.Page("rotation/old-kye"); err == nil || !strings.Contains(err.Error(), `did you mean "rotation/old-key"?`) {
		t.Errorf("an unknown rule gives %v", err)
	}
}

func TestExplain(t *testing.T) {
	e, err := Load(Options{Builtin: ownRules})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		w    *world
		want []string
		not  string
	}{
		{"a fail", key(nil), []string{
			"rotation/old-key: fail (high)", "has served longer than its limit age_days=100",
			"input.resource.key.age_days > input.settings.max_age_days + input.settings.grace_days\n       100 > 97: holds",
			"lib/service.rego", "\"enabled\" == \"enabled\": holds", "not absent(series.role) == \"predecessor\": holds",
		}, "__local"},
		{"does not apply", key(func(w *world) { w.resource.Key.State = "disabled" }), []string{"rotation/old-key: not_applicable", "\"disabled\" == \"enabled\": does not hold"}, "> 97"},
		{"unknown", key(unknownFacts("key.rotated_at")), []string{"unknown (high)", "hangs on key.rotated_at (denied)", "facts that were not read are absent", "absent(key.age_days): does not hold"}, ""},
		{
			"a tier that cannot be told", key(func(w *world) {
				w.labels.Tier = relate.Label{Value: "production", Candidates: []string{"development", "production"}}
			}),
			[]string{`Below, tier is taken for "production", one of 2 it can be.`},
			"",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, err := e.Explain(context.Background(), "rotation/old-key", tt.w.subject())
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("it does not show %q:\n%s", want, text)
				}
			}
			if tt.not != "" && strings.Contains(text, tt.not) {
				t.Errorf("it shows %q:\n%s", tt.not, text)
			}
		})
	}
}

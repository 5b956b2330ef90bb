package evaluate

import (
	"reflect"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

func TestSettingsByTier(t *testing.T) {
	for _, tt := range []struct {
		name   string
		config RuleConfig
		tier   string
		want   any
	}{
		{"the default", nil, "production", 90},
		{"the rule's own value for a tier", nil, "development", 10},
		{"the configuration over the default", RuleConfig{"max_age_days": uint64(60)}, "production", 60},
		{"the configuration over the rule's value for a tier", RuleConfig{"max_age_days": 60}, "development", 60},
		{"the configuration for a tier", RuleConfig{"max_age_days": 60, "tiers": map[string]any{"staging": map[string]any{"max_age_days": 20}}}, "staging", 20},
		{"the configuration for another tier", RuleConfig{"max_age_days": 60, "tiers": map[string]any{"staging": map[string]any{"max_age_days": 20}}}, "production", 60},
		{"only for a tier", RuleConfig{"tiers": map[string]any{"staging": map[string]any{"max_age_days": 20}}}, "production", 90},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, err := Load(Options{Builtin: ownRules, Config: map[string]RuleConfig{"rotation/old-key": tt.config}})
			if err != nil {
				t.Fatal(err)
			}
			if got := e.find("rotation/old-key").settings[tt.tier]["max_age_days"]; got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			taken := e.find("rotation/very-old-key").settings[tt.tier]["old"].(map[string]any)
			if got := taken["max_age_days"]; got != tt.want {
				t.Errorf("the rule that takes it over sees %v, want %v", got, tt.want)
			}
		})
	}
}

func TestConfigurationMistakes(t *testing.T) {
	for _, tt := range []struct {
		name   string
		rule   string
		config RuleConfig
		want   string
	}{
		{"an unknown rule", "rotation/old-kye", RuleConfig{}, `unknown rule "rotation/old-kye", did you mean "rotation/old-key"?`},
		{"an unknown setting", "rotation/old-key", RuleConfig{"max_age_day": 3}, `rule "rotation/old-key": unknown setting "max_age_day", did you mean "max_age_days"?`},
		{"a text for a number", "rotation/old-key", RuleConfig{"max_age_days": "ninety"}, `setting "max_age_days" is a text, not a whole number`},
		{"a fraction for a number", "rotation/old-key", RuleConfig{"max_age_days": 1.5}, `setting "max_age_days" is a number, not a whole number`},
		{"a list for a number", "rotation/old-key", RuleConfig{"max_age_days": []any{1}}, `is a list, not a whole number`},
		{"enabled as a text", "rotation/old-key", RuleConfig{"enabled": "no"}, "enabled is no, not true or false"},
		{"an unknown severity", "rotation/old-key", RuleConfig{"severity": "sever"}, `unknown severity "sever"`},
		{"an unknown tier", "rotation/old-key", RuleConfig{"tiers": map[string]any{"stagin": map[string]any{}}}, `unknown tier "stagin", did you mean "staging"?`},
		{"an unknown setting for a tier", "rotation/old-key", RuleConfig{"tiers": map[string]any{"staging": map[string]any{"graze_days": 1}}}, `unknown setting "graze_days", did you mean "grace_days"?`},
		{"a setting of a rule that is off", "rotation/old-key", RuleConfig{"enabled": false, "x": 1}, `unknown setting "x"; there are enabled, grace_days, max_age_days, severity, tiers`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(Options{Builtin: ownRules, Config: map[string]RuleConfig{tt.rule: tt.config}})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestConfiguredSeverityAndOff(t *testing.T) {
	e, err := Load(Options{Builtin: ownRules, Config: map[string]RuleConfig{
		"rotation/old-key":      {"severity": map[string]any{"production": "medium", "default": "info"}},
		"rotation/very-old-key": {"severity": "low"},
		"access/root-token":     {"enabled": false},
	}})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]finding.Severity{}
	for _, r := range e.Rules() {
		got[r.ID] = [2]finding.Severity{r.SeverityFor("production"), r.SeverityFor("staging")}
	}
	want := map[string][2]finding.Severity{"rotation/old-key": {finding.Medium, finding.Info}, "rotation/very-old-key": {finding.Low, finding.Low}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

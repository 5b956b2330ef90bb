package evaluate

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// RuleConfig is what the configuration says of one rule. Besides the rule's own settings it may hold:
//
//	enabled: false                 the rule is not run
//	severity: low                  or by tier, as in the rule's header
//	tiers: {staging: {NAME: v}}    settings for one tier
//
// A setting is looked up in the tier's part of the configuration, then in the configuration, then in the tier's part of the
// rule's header, then in the header.
type RuleConfig = map[string]any

// ruleKeys are the keys of a RuleConfig that are not settings.
var ruleKeys = []string{"enabled", "severity", "tiers"}

// configured is a RuleConfig after checking it against the rule's header.
type configured struct {
	disabled bool
	severity *severitySetting
	values   map[string]any
	tiers    map[string]map[string]any
}

// configure checks what the configuration says of a rule.
func configure(id string, h *header, c RuleConfig) (configured, error) {
	out := configured{values: map[string]any{}, tiers: map[string]map[string]any{}}
	for _, key := range slices.Sorted(maps.Keys(c)) {
		v := c[key]
		switch key {
		case "enabled":
			on, ok := v.(bool)
			if !ok {
				return out, fmt.Errorf("rule %q: enabled is %v, not true or false", id, v)
			}
			out.disabled = !on
		case "severity":
			s, err := parseSeverity(v)
			if err != nil {
				return out, fmt.Errorf("rule %q: severity: %w", id, err)
			}
			out.severity = &s
		case "tiers":
			if err := h.byTier(id, v, out.tiers); err != nil {
				return out, err
			}
		default:
			if err := h.setting(id, key, v, out.values); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// byTier checks the part of a RuleConfig that holds settings for one tier each, and puts them into a map.
func (h *header) byTier(id string, v any, into map[string]map[string]any) error {
	parts, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("rule %q: tiers is no map from tier to settings", id)
	}
	for _, tier := range slices.Sorted(maps.Keys(parts)) {
		if !slices.Contains(tiers, tier) {
			return fmt.Errorf("rule %q: tiers: %s", id, unknown("tier", tier, tiers))
		}
		values, ok := parts[tier].(map[string]any)
		if !ok {
			return fmt.Errorf("rule %q: tiers: %s is no map of settings", id, tier)
		}
		into[tier] = map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(values)) {
			if err := h.setting(id, name, values[name], into[tier]); err != nil {
				return err
			}
		}
	}
	return nil
}

// setting checks one configured value and puts it into a map.
func (h *header) setting(id, name string, v any, into map[string]any) error {
	s, ok := h.Custom.Settings[name]
	if !ok {
		known := append(slices.Sorted(maps.Keys(h.Custom.Settings)), ruleKeys...)
		return fmt.Errorf("rule %q: %s", id, unknown("setting", name, known))
	}
	v, err := sameType(v, s.Default)
	if err != nil {
		return fmt.Errorf("rule %q: setting %q %w", id, name, err)
	}
	into[name] = v
	return nil
}

// resolve returns the settings of a rule for one tier.
func (h *header) resolve(c configured, tier string) map[string]any {
	out := make(map[string]any, len(h.Custom.Settings))
	for name, s := range h.Custom.Settings {
		out[name] = plainValue(s.Default)
		if v, ok := s.Tiers[tier]; ok {
			out[name] = plainValue(v)
		}
	}
	maps.Copy(out, c.values)
	maps.Copy(out, c.tiers[tier])
	return out
}

// settingsTerm is input.settings: a rule's own settings and, under their aliases, those it takes from other rules.
func settingsTerm(values map[string]any) *ast.Term {
	return ast.NewTerm(ast.MustInterfaceToValue(values))
}

// sameType returns a value in plain form if it has the type of a default: a whole number where the default is one, and so on.
func sameType(v, like any) (any, error) {
	v, like = plainValue(v), plainValue(like)
	switch like.(type) {
	case int:
		if _, ok := v.(int); ok {
			return v, nil
		}
	case float64:
		switch n := v.(type) {
		case float64:
			return v, nil
		case int:
			return float64(n), nil
		}
	case string:
		if _, ok := v.(string); ok {
			return v, nil
		}
	case bool:
		if _, ok := v.(bool); ok {
			return v, nil
		}
	case []any:
		if _, ok := v.([]any); ok && isValue(v) {
			return v, nil
		}
	}
	return nil, fmt.Errorf("is %s, not %s", typeName(v), typeName(like))
}

func typeName(v any) string {
	switch plainValue(v).(type) {
	case int:
		return "a whole number"
	case float64:
		return "a number"
	case string:
		return "a text"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	case nil:
		return "empty"
	}
	return "a map"
}

// plainValue turns every integer that a YAML reader yields into an int.
func plainValue(v any) any {
	switch v := v.(type) {
	case uint64:
		if v <= math.MaxInt {
			return int(v)
		}
		return float64(v)
	case int64:
		return int(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plainValue(v[i])
		}
		return out
	}
	return v
}

// isValue reports whether a setting may have this value: a number, text, true or false, or a list of these.
func isValue(v any) bool {
	switch v := plainValue(v).(type) {
	case int, float64, string, bool:
		return true
	case []any:
		for _, e := range v {
			if _, list := e.([]any); list || !isValue(e) {
				return false
			}
		}
		return true
	}
	return false
}

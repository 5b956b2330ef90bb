package evaluate

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/finding"
)

// severitySetting is one severity for all tiers, or one a tier with a default.
type severitySetting struct {
	all    finding.Severity
	byTier map[string]finding.Severity
}

// worst is the highest severity a finding of the rule can have.
func (s severitySetting) worst() finding.Severity {
	worst := s.all
	for _, v := range s.byTier {
		if v.Rank() > worst.Rank() {
			worst = v
		}
	}
	return worst
}

// least is the lowest severity that the rule has in some tier.
func (s severitySetting) least() finding.Severity {
	least := s.worst()
	for _, v := range s.byTier {
		if v.Rank() < least.Rank() {
			least = v
		}
	}
	return least
}

// parseSeverity reads "high" or {production: critical, default: high}.
func parseSeverity(v any) (severitySetting, error) {
	switch v := v.(type) {
	case string:
		return severitySetting{all: finding.Severity(v)}, checkSeverity(v)
	case map[string]any:
		s := severitySetting{byTier: map[string]finding.Severity{}}
		for _, tier := range slices.Sorted(maps.Keys(v)) {
			if known := append([]string{"default"}, tiers...); !slices.Contains(known, tier) {
				return s, errors.New(unknown("tier", tier, known))
			}
			word, _ := v[tier].(string)
			if err := checkSeverity(word); err != nil {
				return s, err
			}
			s.byTier[tier] = finding.Severity(word)
		}
		if _, ok := v["default"]; !ok && len(v) < len(tiers) {
			return s, fmt.Errorf("lacks \"default\", for the tiers it does not name")
		}
		return s, nil
	}
	return severitySetting{}, fmt.Errorf("is neither one of %s nor a map from tier to one of them", severityWords())
}

func checkSeverity(word string) error {
	if finding.Severity(word).Rank() >= 0 {
		return nil
	}
	var known []string
	for _, s := range finding.Severities() {
		known = append(known, string(s))
	}
	return fmt.Errorf("%s; there are %s", unknown("severity", word, known), severityWords())
}

func severityWords() string {
	var words []string
	for _, s := range finding.Severities() {
		words = append(words, string(s))
	}
	return strings.Join(words, ", ")
}

package evaluate

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
)

//go:embed skeleton/rule.rego.txt
var skeletonRule string

//go:embed skeleton/rule_test.rego.txt
var skeletonTest string

//go:embed skeleton/examples.yaml.txt
var skeletonExamples string

var ruleID = regexp.MustCompile(`^[a-z][a-z0-9_]*/[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// Skeleton returns the files of a new rule, by name: one that loads, lints without a problem and passes its tests as it is, to be
// edited from there. The id is AREA/NAME.
func Skeleton(id string) (map[string]string, error) {
	if !ruleID.MatchString(id) {
		return nil, fmt.Errorf("%q is no name for a rule; use AREA/NAME in small letters, such as rotation/our-own", id)
	}
	area, _, _ := strings.Cut(id, "/")
	if area == "lib" || area == "meta" || area == "testdata" {
		return nil, fmt.Errorf("%q is no name for a rule; the area %q has a meaning of its own", id, area)
	}
	fill := strings.NewReplacer("RULE_TEST", packageText(packageOf(id+"_test")), "RULE", packageText(packageOf(id)))
	return map[string]string{
		"rule.rego":      fill.Replace(skeletonRule),
		"rule_test.rego": fill.Replace(skeletonTest),
		"examples.yaml":  skeletonExamples,
	}, nil
}

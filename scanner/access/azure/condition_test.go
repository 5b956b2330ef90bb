package azure

import (
	"errors"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
)

func TestConditions(t *testing.T) {
	const action = "microsoft.authorization/roleassignments/write"
	for _, c := range []struct {
		text string
		want access.Truth
	}{
		{"ActionMatches{'Microsoft.Authorization/roleAssignments/*'}", access.Yes},
		{"actionmatches{'Microsoft.Authorization/roleDefinitions/*'}", access.No},
		{"!ActionMatches{'*'}", access.No},
		{"NOT (ActionMatches{'x'})", access.Yes},
		{"(ActionMatches{'x'} || ActionMatches{'y'}) OR ActionMatches{'*'}", access.Yes},
		{"ActionMatches{'*'} AND ActionMatches{'x'} and ActionMatches{'*'}", access.No},
		{"@Resource[a:b] StringEquals 'x'", access.Maybe},
		{"ActionMatches{'x'} AND @Resource[a:b] StringEquals 'x'", access.No},
		{"ActionMatches{'*'} AND @Resource[a:b] StringEquals 'x'", access.Maybe},
		{"ActionMatches{'*'} OR @Resource[a:b] StringEquals 'x'", access.Yes},
		{"!(ActionMatches{'*'} AND SubOperationMatches{'Blob.List'})", access.Maybe},
		{"!(ActionMatches{'x'} AND SubOperationMatches{'Blob.List'})", access.Yes},
		{"Exists @Principal[a:b]", access.Maybe},
		{"NOT Exists @Principal[a:b<$c$>] AND @Request[n] NumericLessThan 5", access.Maybe},
		{"{'a', 'b'} ForAnyOfAnyValues:StringEquals @Principal[a:b]", access.Maybe},
		{`@Resource[a] StringEquals 'it\'s'`, access.Maybe},
		{"@Request[a] ForAnyOfAnyValues:GuidEquals{}", access.Maybe},
		{"  ", access.Yes},
	} {
		if _, err := parseCondition(c.text); err != nil && strings.TrimSpace(c.text) != "" {
			t.Errorf("%s: %v", c.text, err)
		}
		if got := compileCondition(c.text, "2.0").truth(action, nil); got != c.want {
			t.Errorf("%s: %d, want %d", c.text, got, c.want)
		}
	}
}

// What is known of the request decides what conditions ask of it: of GUIDs however they are spelled, and of several values as the operator says.
func TestConditionsOnKnownAttributes(t *testing.T) {
	const reader, user = "acdd72a7-3385-48ef-bd42-f606fba81ae7", "4633458b-17de-408a-b874-0445c86b69e6"
	known, err := newAttributes(map[string]Values{"Role": {user}, "both": {reader, user}, "type": {"User"}, "none": {}})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]access.Truth{
		"@Request[role] ForAnyOfAnyValues:GuidEquals {" + reader + ", " + strings.ReplaceAll(user, "-", "") + "}": access.Yes,
		"@Request[role] ForAnyOfAnyValues:GuidEquals {" + reader + "}":                                            access.No,
		"@Request[role] ForAnyOfAllValues:GuidNotEquals {" + reader + ", " + user + "}":                           access.No,
		"@Request[role] ForAnyOfAllValues:GuidNotEquals {" + reader + "}":                                         access.Yes,
		"@Request[role] ForAnyOfAnyValues:GuidNotEquals {" + reader + ", " + user + "}":                           access.Yes, // it differs from one
		"@Request[both] ForAnyOfAnyValues:GuidEquals {" + user + "}":                                              access.Yes,
		"@Request[both] ForAllOfAnyValues:GuidEquals {" + user + "}":                                              access.No,
		"@Request[both] ForAllOfAnyValues:GuidEquals {" + user + ", " + reader + "}":                              access.Yes,
		"@Request[both] ForAllOfAllValues:GuidEquals {" + user + ", " + reader + "}":                              access.No,
		"@Request[role] GuidEquals " + strings.ToUpper(user):                                                      access.Yes,
		"@Request[both] GuidEquals " + user:                                                                       access.Maybe, // not of several values
		"@Request[type] StringEqualsIgnoreCase 'user'":                                                            access.Yes,
		"@Request[type] StringEquals 'user'":                                                                      access.No,
		"@Request[type] StringNotEquals 'user'":                                                                   access.Yes,
		"@Request[type] StringLike 'U*'":                                                                          access.Maybe,
		"@Request[type] ForSomeOfAnyValues:StringEquals {'User'}":                                                 access.Maybe,
		"@Resource[role] GuidEquals " + user:                                                                      access.Maybe,
		"@Request[other] GuidEquals " + user:                                                                      access.Maybe,
		"@Request[none] ForAllOfAnyValues:GuidEquals {" + user + "}":                                              access.Maybe,
		"@Request[type] StringEquals @Principal[type]":                                                            access.Maybe,
		"Exists @Request[role]":                                                                                   access.Yes, "Exists @Request[none]": access.No, "Exists @Request[other]": access.Maybe, "Exists @Resource[role]": access.Maybe,
	} {
		if got := compileCondition(text, "2.0").truth("a", known); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
	if _, err := newAttributes(map[string]Values{"a": nil, "A": nil}); err == nil {
		t.Error("one attribute is taken twice")
	}
}

func TestConditionsRefused(t *testing.T) {
	for _, text := range []string{
		"", "(", ")", "()", "!", "a", "a b", "'a", "@Resource[a", "@[a] StringEquals 'b'", "@Resource", "ActionMatches", "ActionMatches{}", "ActionMatches{'a','b'}",
		"ActionMatches{'a'} AND", "ActionMatches{'a'} ActionMatches{'b'}", "ActionMatches{'a'} AND ActionMatches{'b'} OR ActionMatches{'c'}",
		"@Resource[a] 'b' 'c'", "@Resource[a] StringEquals {'b' 'c'}", "@Resource[a] StringEquals {'b',{'c'}}", "@Resource[a] StringEquals {@Resource[b]}", "%",
		strings.Repeat("(", 200) + "ActionMatches{'a'}" + strings.Repeat(")", 200), strings.Repeat("!", 200) + "ActionMatches{'a'}",
	} {
		if c, err := parseCondition(text); err == nil {
			t.Errorf("%q is read as %+v", text, c)
		}
	}
}

// What cannot be understood is unknown, and the answer says where it is.
func TestConditionsThatAreNotUnderstood(t *testing.T) {
	for text, at := range map[string]string{
		"@Resource[a": "1", "ActionMatches{'a'} AND": "22", "ActionMatches{'a'} b": "20", "  %": "3", "!": "1", "ActionMatches{'a','b'}": "22", "@Resource[a] StringEquals {'b' 'c'}": "32",
		"ActionMatches{'a'} AND ActionMatches{'b'} OR ActionMatches{'c'}": "43", "(ActionMatches{'a'}": "19", "@Resource[a] 'b' 'c'": "14",
	} {
		c := compileCondition(text, "2.0")
		left := c.residual("a", nil, "s")
		if want := "condition (not understood at byte " + at + ")"; c.truth("a", nil) != access.Maybe || len(left) != 1 || left[0].Key != want {
			t.Errorf("%s leaves %v, want %s", text, left, want)
		}
	}
	if left := compileCondition("ActionMatches{'a'}", "3.0").residual("a", nil, "s"); len(left) != 1 || left[0].Key != "condition" {
		t.Errorf("another version leaves %v", left)
	}
}

// FuzzCondition holds that a condition that can be read negates to its opposite, and that something is left to ask exactly where it
// is unknown.
func FuzzCondition(f *testing.F) {
	for _, permissions := range embedded(f) {
		for _, p := range permissions {
			if p.Condition != "" {
				f.Add(p.Condition, "Microsoft.Authorization/roleAssignments/write")
			}
		}
	}
	f.Add(`NOT Exists @Environment[UtcNow] || {1, 'a\'b'} ForAllOfAllValues:NumericEquals @Request[x]`, "a/b")
	f.Fuzz(func(t *testing.T, text, action string) {
		action = strings.ToLower(action)
		c, err := parseCondition(text)
		if err != nil {
			return
		}
		truth := c.truth(action, nil)
		if left := c.residual(action, nil, ""); (len(left) > 0) != (truth == access.Maybe) {
			t.Errorf("truth %d leaves %v", truth, left)
		}
		opposite, err := parseCondition("!(" + text + ")")
		if err != nil && !errors.Is(err, errDeep) || err == nil && opposite.truth(action, nil) != truth.Not() {
			t.Errorf("truth %d, negated %v, %v", truth, opposite, err)
		}
	})
}

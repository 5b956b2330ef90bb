package cloudformation

import (
	"fmt"
	"strings"
	"testing"
)

func TestLoops(t *testing.T) {
	const extended = "Transform: AWS::LanguageExtensions\nParameters: {Unset: {Type: CommaDelimitedList}}\nResources:\n"
	for name, c := range map[string]struct{ text, keys, gap string }{
		"items":              {extended + "  Fn::ForEach::L: [X, [a, b], {'K${X}': {Type: AWS::KMS::Key}}]\n", "Ka Kb", ""},
		"none":               {extended + "  Fn::ForEach::L: [X, [], {'K${X}': {Type: AWS::KMS::Key}}]\n", "", ""},
		"beside others":      {extended + "  A: {Type: AWS::KMS::Key}\n  Fn::ForEach::L: [X, [b], {'K${X}': {Type: AWS::KMS::Key}}]\n  Z: {Type: AWS::KMS::Key}\n", "A Kb Z", ""},
		"without transform":  {"Resources:\n  A: {Type: AWS::KMS::Key}\n  Fn::ForEach::L: [X, [b], {'K${X}': {Type: AWS::KMS::Key}}]\n", "A", "Fn::ForEach is not resolved"},
		"unknown collection": {extended + "  A: {Type: AWS::KMS::Key}\n  Fn::ForEach::L: [X, !Ref Unset, {'K${X}': {Type: AWS::KMS::Key}}]\n", "A", "line 5: Fn::ForEach is not resolved"},
		"an unknown item":    {extended + "  Fn::ForEach::L: [X, [a, !Ref AWS::Region], {'K${X}': {Type: AWS::KMS::Key}}]\n", "", "Fn::ForEach is not resolved"},
		"malformed":          {extended + "  Fn::ForEach::L: [X, [a]]\n  A: {Type: AWS::KMS::Key}\n", "A", "Fn::ForEach is not resolved"},
		"the same key twice": {extended + "  Fn::ForEach::L: [X, [a, b], {K: {Type: AWS::KMS::Key}}]\n", "K", ""},
		"within":             {extended + "  Fn::ForEach::L: [X, [a, b], {'Fn::ForEach::M': [Y, [1, 2], {'K${X}${Y}': {Type: AWS::KMS::Key}}]}]\n", "Ka1 Ka2 Kb1 Kb2", ""},
		"odd letters":        {extended + "  Fn::ForEach::L: [X, ['a/b', 'c d'], {'K&{X}': {Type: AWS::KMS::Key}}]\n", "Kab Kcd", ""},
	} {
		found := reading(t, c.text)
		var keys, gaps []string
		for _, r := range found.Resources {
			keys = append(keys, r.Name)
		}
		for _, g := range found.Gaps {
			gaps = append(gaps, g.Err)
		}
		if got := strings.Join(keys, " "); got != c.keys {
			t.Errorf("%s: %q; want %q", name, got, c.keys)
		}
		if got := strings.Join(gaps, "; "); (got == "") != (c.gap == "") || !strings.Contains(got, c.gap) {
			t.Errorf("%s: gaps %q; want %q", name, got, c.gap)
		}
	}
}

// Loops within loops multiply; what they come to is bounded, and said to be left open.
func TestLoopBomb(t *testing.T) {
	var items []string
	for i := range 200 {
		items = append(items, fmt.Sprint("n", i))
	}
	body := "{'K${A}${B}${C}${D}${E}': {Type: AWS::KMS::Key}}"
	for _, identifier := range []string{"A", "B", "C", "D", "E"} {
		body = fmt.Sprintf("{'Fn::ForEach::%s': [%s, [%s], %s]}", identifier, identifier, strings.Join(items, ", "), body)
	}
	found := reading(t, "Transform: AWS::LanguageExtensions\nResources: "+body+"\n")
	if len(found.Resources) > 0 || len(found.Gaps) != 1 || !strings.Contains(found.Gaps[0].Err, "Fn::ForEach is not resolved") {
		t.Errorf("%d resources, gaps %v", len(found.Resources), found.Gaps)
	}
}

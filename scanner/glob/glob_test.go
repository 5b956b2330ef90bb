package glob

import (
	"regexp"
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern string
		match   []string
		not     []string
	}{
		{"", []string{""}, []string{"a"}},
		{"*", []string{"", "a", "a/b", "é"}, nil},
		{"prod/*", []string{"prod/", "prod/a", "prod/a/b"}, []string{"prod", "Prod/a", "xprod/a"}},
		{"alias/release-?", []string{"alias/release-a", "alias/release-é"}, []string{"alias/release-", "alias/release-ab"}},
		{"*-jwt-*", []string{"a-jwt-b", "-jwt-", "-jwt-jwt-"}, []string{"jwt", "a-jwt"}},
		{"a*a", []string{"aa", "aba", "aaa"}, []string{"a", "ab"}},
		{"**a", []string{"a", "ba"}, []string{"", "ab"}},
		{"[ab]", []string{"[ab]"}, []string{"a"}},
		{`\*`, []string{`\`, `\x`}, []string{"*"}},
		{"?", []string{"a", "日", "\xff"}, []string{"", "ab"}},
	} {
		for _, text := range c.match {
			if !Match(c.pattern, text) {
				t.Errorf("%q does not match %q", c.pattern, text)
			}
		}
		for _, text := range c.not {
			if Match(c.pattern, text) {
				t.Errorf("%q matches %q", c.pattern, text)
			}
		}
	}
}

// The matcher agrees with the regular expression that says the same.
func FuzzMatchIsTheRegularExpression(f *testing.F) {
	f.Add("a*b?c", "axxbyc")
	f.Add("*a*", "bab")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if strings.ToValidUTF8(pattern, "") != pattern || strings.ToValidUTF8(text, "") != text || strings.Count(pattern, "*") > 50 {
			t.Skip()
		}
		expr := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
		if want := regexp.MustCompile("(?s)^(?:" + expr + ")$").MatchString(text); Match(pattern, text) != want {
			t.Errorf("Match(%q, %q) is %t, want %t", pattern, text, !want, want)
		}
	})
}

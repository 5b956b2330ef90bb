package vaultfake

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// A Rule is one path of a policy. The path may hold + for any one segment, and * at its end for any rest.
type Rule struct {
	Path         string
	Capabilities []string
	MinWrap      time.Duration // the answer has to be wrapped for as long, at least
}

var ruleLine = regexp.MustCompile(`path\s+"([^"]+)"\s*\{\s*capabilities\s*=\s*\[([^\]]*)\]\s*(?:min_wrapping_ttl\s*=\s*"([^"]*)"\s*)?\}`)

// ParsePolicy reads the rules of a policy in HCL, as far as they are a path with capabilities and the least time for which answers are wrapped.
func ParsePolicy(hcl string) []Rule {
	var rules []Rule
	for _, m := range ruleLine.FindAllStringSubmatch(hcl, -1) {
		r := Rule{Path: m[1]}
		for _, c := range strings.Split(m[2], ",") {
			r.Capabilities = append(r.Capabilities, strings.Trim(c, ` "`))
		}
		if m[3] != "" {
			var err error
			if r.MinWrap, err = time.ParseDuration(m[3]); err != nil {
				panic(err) // a policy that Vault refuses is a mistake in a test
			}
		}
		rules = append(rules, r)
	}
	return rules
}

// may reports whether rules grant a capability on a path. The most specific rule that matches decides, as in Vault: the one
// whose first wildcard comes last, then the one without *, then the one with fewer +.
func may(rules []Rule, path, capability string) bool {
	best := deciding(rules, path)
	return best != nil && !slices.Contains(best.Capabilities, "deny") && slices.Contains(best.Capabilities, capability)
}

// deciding is the rule that holds for a path; nil: none does. One that spells the path with its slash beats one that leaves it out.
func deciding(rules []Rule, path string) *Rule {
	var best *Rule
	for i, r := range rules {
		if r.Path == path {
			return &rules[i]
		}
		if r.matches(path) && (best == nil || r.beats(*best)) {
			best = &rules[i]
		}
	}
	return best
}

// matches ignores a slash at the end of a rule without *: Vault lists "transit/keys/" for "transit/keys" and for "transit/keys/*".
func (r Rule) matches(path string) bool {
	pattern, glob := strings.CutSuffix(r.Path, "*")
	if !glob {
		pattern, path = strings.TrimSuffix(pattern, "/"), strings.TrimSuffix(path, "/")
	}
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(have) < len(want) || !glob && len(have) != len(want) {
		return false
	}
	for i, w := range want {
		last := i == len(want)-1
		if w != "+" && w != have[i] && !(glob && last && strings.HasPrefix(have[i], w)) {
			return false
		}
	}
	return true
}

func (r Rule) beats(other Rule) bool {
	first := func(r Rule) int {
		if i := strings.IndexAny(r.Path, "+*"); i >= 0 {
			return i
		}
		return len(r.Path) + 1
	}
	if a, b := first(r), first(other); a != b {
		return a > b
	}
	if a, b := strings.HasSuffix(r.Path, "*"), strings.HasSuffix(other.Path, "*"); a != b {
		return b
	}
	return strings.Count(r.Path, "+") < strings.Count(other.Path, "+")
}

// reaches reports whether a rule may grant something inside a mount; Vault shows a token such mounts.
func reaches(rules []Rule, mount string) bool {
	for _, r := range rules {
		literal, _, wild := strings.Cut(strings.ReplaceAll(r.Path, "*", "+"), "+")
		if strings.HasPrefix(literal, mount) || wild && strings.HasPrefix(mount, literal) {
			return true
		}
	}
	return false
}

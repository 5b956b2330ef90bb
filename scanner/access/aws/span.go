package aws

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// span is what is plain to see of the resources that a statement names, so that it need not be compared with those that it cannot be about.
type span struct {
	prefixes []string // with one of which an ARN that it covers begins; nil if with any
	accounts []string // in one of which such an ARN is; nil if in any
	level    [realms]level
}

func newSpan(from *awspolicy.Statement) (s span) {
	list := from.Resources
	if from.NotResources != nil {
		list = from.NotResources
	}
	free, anywhere := from.NotResources != nil, from.NotResources != nil
	for _, r := range list {
		prefix, account, level := outline(r)
		for i := range level {
			s.level[i] = max(s.level[i], level[i])
		}
		free, anywhere = free || prefix == "", anywhere || account == ""
		s.prefixes, s.accounts = append(s.prefixes, prefix), append(s.accounts, account)
	}
	if free {
		s.prefixes = nil
	}
	if anywhere {
		s.accounts = nil
	}
	return s
}

// whole are the last parts of patterns that cover all of a realm.
var whole = [realms]string{"key/*", "secret:*"}

// outline says how an ARN begins that a pattern describes, in which account it is, and on what it depends that one is described.
func outline(pattern string) (prefix, account string, of [realms]level) {
	if strings.Trim(pattern, "*") == "" || strings.ContainsAny(pattern, awspolicy.Unknown+awspolicy.Computed) {
		return "", "", of
	}
	plain := strings.IndexAny(pattern, "*?$")
	if plain < 0 {
		plain = len(pattern)
	}
	prefix, of = pattern[:plain], [realms]level{byItself, byItself}
	if strings.Contains(pattern, "$") {
		return prefix, "", of // colons in a variable separate nothing
	}
	parts := strings.SplitN(pattern, ":", 6)
	last := parts[len(parts)-1]
	if len(parts) < 6 {
		if !strings.ContainsAny(strings.TrimRight(last, "*"), "*?") {
			of = [realms]level{bySite, bySite}
		}
		return prefix, "", of
	}
	if !strings.ContainsAny(parts[4], "*?") {
		account = parts[4]
	}
	for r := range realms {
		if last == "*" || last == whole[r] {
			of[r] = bySite
		}
	}
	return prefix, account, of
}

// misses reports whether a resource surely is not covered.
func (s *span) misses(arn string) bool {
	for _, p := range s.prefixes {
		if strings.HasPrefix(arn, p) {
			return false
		}
	}
	return s.prefixes != nil
}

// missesSite reports whether no resource is covered whose ARN begins with that of a site.
func (s *span) missesSite(site string) bool {
	for _, p := range s.prefixes {
		if strings.HasPrefix(site, p) || strings.HasPrefix(p, site) {
			return false
		}
	}
	return s.prefixes != nil
}

// only reports whether all that is covered is in one account.
func (s *span) only(account string) bool {
	return s.accounts != nil && !slices.ContainsFunc(s.accounts, func(a string) bool { return a != account })
}

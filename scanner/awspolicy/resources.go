package awspolicy

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/glob"
)

// samples are ARNs of one key and one secret that no pattern names but by wildcards, as all that is chosen in them is made of one odd
// character.
var samples = map[reach]string{
	keys:    strings.ReplaceAll("arn:aws:kms:x:x:key/xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "x", "\x02"),
	secrets: strings.ReplaceAll("arn:aws:secretsmanager:x:x:secret:x-xxxxxx", "x", "\x02"),
}

// covers reports whether a statement of an identity's policy covers every key, or every secret, of an account and Region: a resource
// pattern that spans them, and no condition that picks some. Otherwise it returns the part that has to be resolved to tell.
func (s *Statement) covers(on reach, guards string) (all certain, part string) {
	if guards != "" || on == account {
		return no, ""
	}
	if len(s.NotResources) > 0 {
		all = yes
	}
	for _, r := range s.Resources {
		r = Settle(r)
		all = max(all, between(spans(atLeast(r), on), spans(atMost(r), on)))
	}
	picked := s.narrows(picks)
	switch {
	case all == no || picked == yes:
		return no, ""
	case all == unresolved:
		return unresolved, "Resource"
	case picked == unresolved:
		return unresolved, "Condition"
	}
	return yes, ""
}

// touches reports whether the resources of a statement may be such as an action acts on.
func (s *Statement) touches(a action) bool {
	service, _, _ := strings.Cut(a.name, ":")
	return len(s.NotResources) > 0 || slices.ContainsFunc(s.Resources, func(r string) bool {
		r = atMost(r)
		if a.on == account {
			return strings.Trim(r, "*") == ""
		}
		segments := strings.SplitN(r, ":", 4)
		return len(segments) < 3 || segments[0] != "arn" || glob.Match(segments[2], service)
	})
}

// Settle takes markers out of a pattern where it does not matter what they stand for, as all there is in one partition is all that an
// identity of that partition can have. And it makes one that ends within an ARN, with a wildcard behind something computed, as open as
// if that were unknown: it may be the account, or the account and the beginning of a name.
func Settle(pattern string) string {
	segments := strings.SplitN(pattern, ":", 6)
	last := len(segments) - 1
	if last == 5 && segments[0] == "arn" && strings.ContainsAny(segments[1], Unknown+Computed) || last > 1 && segments[1] == Computed {
		segments[1] = "*"
	}
	if 1 < last && last < 5 && strings.ContainsAny(segments[last], "*?") {
		segments[last] = strings.ReplaceAll(segments[last], Computed, Unknown)
	}
	return strings.Join(segments, ":")
}

// spans reports whether a pattern spans all that may be made in some account and Region: which of them it names does not matter, as
// an identity has its keys and secrets there. Missing segments at the end are as if they were "*", unless the last segment is not known:
// then they may be in there.
func spans(pattern string, on reach) bool {
	segments := strings.SplitN(pattern, ":", 6)
	if len(segments) < 6 && strings.Contains(segments[len(segments)-1], plain) {
		return false
	}
	for i := range segments {
		if (i == 3 || i == 4) && segments[i] != "" && !strings.Contains(segments[i], "/") {
			segments[i] = "*"
		}
	}
	pattern = strings.Join(segments, ":")
	if len(segments) < 6 {
		pattern += "*"
	}
	// Of the partitions, only the pattern's own matters: "arn:aws-cn:kms:*" covers what there is in China.
	for _, partition := range []string{"arn:aws:", "arn:aws-cn:", "arn:aws-us-gov:"} {
		if glob.Match(pattern, strings.Replace(samples[on], "arn:aws:", partition, 1)) {
			return true
		}
	}
	return false
}

package finding

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
)

// worse reports whether a finding weighs more than it did, or may: whether it is not provably as bad at most.
func (f *Finding) worse(was *Finding) bool {
	return f.Severity.Rank() > was.Severity.Rank() || was.Waived != nil && f.Waived == nil ||
		was.Verdict == Fail && f.Verdict == Fail && !f.noWorse(was)
}

// noWorse reports whether what a finding says is provably as bad at most as what an earlier one says: the message is the same, and
// each fact is equal, a list that holds nothing but what the earlier list holds or covers, or a number that has not moved away from
// the rule's limit. A list says what is too much, so more of it is worse. A limit is among the facts, as limit_... or max_... where
// smaller numbers are better and as min_... where larger ones are; without one, no number is known to be better.
func (f *Finding) noWorse(was *Finding) bool {
	now, then := plainFacts(f), plainFacts(was)
	if f.Message != was.Message || len(now) != len(then) {
		return false
	}
	better := direction(now)
	for name, value := range now {
		old, there := then[name]
		if !there || !reflect.DeepEqual(value, old) && (isLimit(name, now) || !lessOrEqual(value, old, better)) {
			return false
		}
	}
	return true
}

// plainFacts returns facts as JSON has them: lists as []any, numbers as float64.
func plainFacts(f *Finding) map[string]any {
	var out map[string]any
	if err := json.Unmarshal([]byte(factsOf(f)), &out); err != nil {
		return nil // a finding without facts
	}
	return out
}

// direction tells where the limits among facts point: -1 where smaller numbers are better, 1 where larger ones are, 0 where there is
// no limit or limits of both kinds.
func direction(facts map[string]any) int {
	sum := map[int]bool{}
	for name := range facts {
		if isLimit(name, facts) {
			if strings.HasPrefix(name, "min_") {
				sum[1] = true
			} else {
				sum[-1] = true
			}
		}
	}
	switch {
	case len(sum) != 1:
		return 0
	case sum[1]:
		return 1
	}
	return -1
}

// isLimit reports whether a fact is the rule's limit. Beside min_versions, max_versions is no limit but what the resource sets.
func isLimit(name string, facts map[string]any) bool {
	if what, ok := strings.CutPrefix(name, "max_"); ok {
		_, both := facts["min_"+what]
		return !both
	}
	return strings.HasPrefix(name, "min_") || strings.HasPrefix(name, "limit_")
}

// lessOrEqual reports whether one fact is certainly no worse than an earlier one that differs from it.
func lessOrEqual(now, then any, better int) bool {
	switch now := now.(type) {
	case float64:
		then, ok := then.(float64)
		return ok && (now-then)*float64(better) > 0
	case []any: // an empty list may mean everything
		then, ok := then.([]any)
		return ok && len(now) > 0 && subset(now, then)
	}
	return false
}

// subset reports whether each element is in the earlier list, or matches a pattern there: "app:web-*" is no more than "app:*".
func subset(now, then []any) bool {
	for _, element := range now {
		found := false
		for _, was := range then {
			found = found || reflect.DeepEqual(element, was) || covers(was, element)
		}
		if !found {
			return false
		}
	}
	return true
}

// covers reports whether one pattern matches whatever another matches. A star in the wider one stands for any text, stars and all; a
// question mark stands for one character, so not for a star.
func covers(wide, narrow any) bool {
	pattern, ok := wide.(string)
	text, ok2 := narrow.(string)
	if !ok || !ok2 || !strings.ContainsAny(pattern, "*?") {
		return false
	}
	expression := strings.NewReplacer(`\*`, `.*`, `\?`, `[^*]`).Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile(`(?s)^(` + expression + `)$`).MatchString(text)
}

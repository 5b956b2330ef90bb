package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// maxFact is the widest a fact is shown; JSON has it whole.
const maxFact = 60

// units are the endings of the names of facts that say how a number is counted.
var units = []struct{ ending, unit string }{{"_days", " d"}, {"_seconds", " s"}, {"_percent", " %"}, {"_bits", " bits"}}

// factName is how a person reads the name of a fact: "age_days" is "age".
func factName(key string) string {
	for _, u := range units {
		key = strings.TrimSuffix(key, u.ending)
	}
	return strings.ReplaceAll(key, "_", " ")
}

// factValue is how a person reads a fact: age_days=400 is "400 d".
func factValue(key string, v any) string {
	switch t := v.(type) {
	case nil:
		return "none"
	case bool:
		return map[bool]string{true: "yes", false: "no"}[t]
	case string:
		return shorten(t, maxFact)
	case []any:
		return listed(t, func(x any) string { return factValue("", x) })
	case []string:
		return listed(t, func(s string) string { return s })
	}
	s, ok := number(v)
	if !ok {
		raw, err := json.Marshal(v)
		if err != nil {
			return shorten(fmt.Sprint(v), maxFact)
		}
		return shorten(string(raw), maxFact)
	}
	for _, u := range units {
		if !strings.HasSuffix(key, u.ending) {
			continue
		}
		if n, err := strconv.ParseInt(s, 10, 64); u.unit == " s" && err == nil {
			return duration(n)
		}
		return s + u.unit
	}
	return s
}

// duration writes seconds in the largest unit that loses nothing: 7776000 is "90 d".
func duration(seconds int64) string {
	for _, u := range []struct {
		seconds int64
		unit    string
	}{{86400, " d"}, {3600, " h"}, {60, " min"}} {
		if seconds != 0 && seconds%u.seconds == 0 {
			return strconv.FormatInt(seconds/u.seconds, 10) + u.unit
		}
	}
	return strconv.FormatInt(seconds, 10) + " s"
}

// number writes a number of any of the types that rules, JSON and Go code give.
func number(v any) (string, bool) {
	switch t := v.(type) {
	case json.Number:
		return t.String(), true
	case float64:
		return strconv.FormatFloat(t, 'f', -1, 64), true
	case int, int64, int32, uint, uint64:
		return fmt.Sprint(t), true
	}
	return "", false
}

func listed[T any](list []T, write func(T) string) string {
	if len(list) == 0 {
		return "none"
	}
	var parts []string
	for i, x := range list {
		s := write(x)
		if i > 0 && len(strings.Join(parts, ", "))+len(s) > maxFact {
			return fmt.Sprintf("%s and %s more", strings.Join(parts, ", "), count(len(list)-i))
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, ", ")
}

// shared splits off the facts that are the same in all of several findings: they are said once, with the cause.
func shared(facts []map[string]any) (common map[string]any, own []map[string]any) {
	common = map[string]any{}
	if len(facts) > 1 {
		for k, v := range facts[0] {
			same := true
			for _, f := range facts[1:] {
				other, ok := f[k]
				same = same && ok && factValue(k, other) == factValue(k, v)
			}
			if same {
				common[k] = v
			}
		}
	}
	for _, f := range facts {
		rest := map[string]any{}
		for k, v := range f {
			if _, ok := common[k]; !ok {
				rest[k] = v
			}
		}
		own = append(own, rest)
	}
	return common, own
}

// factLines writes the facts of findings of one cause, a line each, so that equal facts stand below each other:
//
//	age 400 d, limit 90 d
//	age  99 d, limit 30 d
func factLines(facts ...map[string]any) []string {
	widths := map[string]int{}
	for _, f := range facts {
		for k, v := range f {
			if _, ok := number(v); ok {
				widths[k] = max(widths[k], text.StringWidth(clean(factValue(k, v))))
			}
		}
	}
	lines := make([]string, len(facts))
	for i, f := range facts {
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(f)) {
			value := clean(factValue(k, f[k]))
			if _, ok := number(f[k]); ok {
				value = strings.Repeat(" ", max(0, widths[k]-text.StringWidth(value))) + value
			}
			parts = append(parts, factName(k)+" "+value)
		}
		lines[i] = strings.Join(parts, ", ")
	}
	return lines
}

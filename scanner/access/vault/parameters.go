package vault

import (
	"reflect"
	"strings"
	"time"
)

// holdParameters are the capabilities whose requests are held against a rule's limits on parameters. For LIST and DELETE they do not count.
const holdParameters = Create | Read | Update | Patch | Recover

// wraps reports whether a request's response wrapping is within a rule's limits. A request for none is within them only where there are none.
func (r *rule) wraps(asked bool, ttl time.Duration) bool {
	if r.maxWrap <= 0 && r.minWrap <= 0 {
		return true
	}
	return asked && !r.wrapNever && (r.maxWrap <= 0 || ttl <= r.maxWrap) && (r.minWrap <= 0 || ttl >= r.minWrap)
}

// admits reports whether a request may hold this data. A required parameter must be sent in lower case; of the others Vault does not
// mind the case. Data that is not there passes whatever is allowed or denied.
func (r *rule) admits(data map[string]any) bool {
	for _, p := range r.required {
		if _, ok := data[strings.ToLower(p)]; !ok {
			return false
		}
	}
	if len(data) == 0 {
		return true
	}
	if _, all := r.denied["*"]; all {
		return false
	}
	_, all := r.allowed["*"]
	for p, v := range data {
		p = strings.ToLower(p)
		if values, ok := r.denied[p]; ok && (len(values) == 0 || someIn(v, values)) {
			return false
		}
		if len(r.allowed) == 0 || all && len(r.allowed) == 1 {
			continue
		}
		if values, ok := r.allowed[p]; !ok && !all || ok && len(values) > 0 && !allIn(v, values) {
			return false
		}
	}
	return true
}

// allIn reports whether a value, or every member of a list or of a text with commas, is among those of a rule. An empty text has no
// members, so it always is.
func allIn(v any, values []any) bool {
	if among(v, values) {
		return true
	}
	members, ok := members(v)
	for _, m := range members {
		if !among(m, values) {
			return false
		}
	}
	return ok
}

// someIn reports whether a value, or a member of it, is among those of a rule.
func someIn(v any, values []any) bool {
	if among(v, values) {
		return true
	}
	members, _ := members(v)
	for _, m := range members {
		if among(m, values) {
			return true
		}
	}
	return false
}

// members are those of a list, or of a text as Vault splits one where it takes a list; ok is false for what has none.
func members(v any) (out []any, ok bool) {
	switch v := v.(type) {
	case []any:
		return v, true
	case string:
		if v != "" {
			for part := range strings.SplitSeq(v, ",") {
				out = append(out, strings.TrimSpace(part))
			}
		}
		return out, true
	}
	return nil, false
}

// among reports whether a value is one of those of a rule, where text may begin and end in "*". Numbers are never: a rule's are of another
// kind than those that come in JSON.
func among(v any, values []any) bool {
	for _, want := range values {
		if pattern, ok := want.(string); ok {
			if text, ok := v.(string); ok && globs(pattern, text) {
				return true
			}
		} else if reflect.DeepEqual(want, v) {
			return true
		}
	}
	return false
}

// globs reports whether a text fits a pattern that may begin and end in "*". A "*" alone is itself.
func globs(pattern, text string) bool {
	if len(pattern) < 2 {
		return pattern == text
	}
	rest, front := strings.CutPrefix(pattern, "*")
	rest, back := strings.CutSuffix(rest, "*")
	switch {
	case front && back:
		return strings.Contains(text, rest)
	case front:
		return strings.HasSuffix(text, rest)
	case back:
		return strings.HasPrefix(text, rest)
	}
	return pattern == text
}

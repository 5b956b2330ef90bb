package vault

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// An answer is the data of one response on its way to becoming facts of a resource. Its getters take the fact's path and the
// field's name. A field that is missing, or not of the type the API documents, makes the fact Unknown and never a zero value.
type answer struct {
	*inventory.Resource
	call   inventory.Call
	fields map[string]json.RawMessage
}

// has reports whether all fields are there. Vault leaves some fields out when they are empty; that they are empty may be
// concluded only from an answer that has the fields which are never left out.
func (a *answer) has(fields ...string) bool {
	for _, f := range fields {
		if _, ok := a.fields[f]; !ok {
			return false
		}
	}
	return true
}

// unknown lists a fact that the answer does not state; hint may say why.
func (a *answer) unknown(fact string, why inventory.Reason, hint string) {
	for _, u := range a.Unknown {
		if u.Fact == fact {
			return
		}
	}
	if hint == "" && why == inventory.NotRead {
		hint = "the answer does not state it"
	}
	a.Unknown = append(a.Unknown, inventory.Unknown{Fact: fact, Why: why, Call: a.call.Name, Hint: hint})
}

func get[T any](a *answer, fact, field string) (v T, ok bool) {
	if raw, there := a.fields[field]; there && string(raw) != "null" && json.Unmarshal(raw, &v) == nil {
		return v, true
	}
	a.unknown(fact, inventory.NotRead, "the answer lacks the field "+field)
	var zero T
	return zero, false
}

func (a *answer) text(fact, field string) string { v, _ := get[string](a, fact, field); return v }

func (a *answer) flag(fact, field string) *bool { return pointer(get[bool](a, fact, field)) }

func (a *answer) number(fact, field string) *int { return pointer(get[int](a, fact, field)) }

func (a *answer) time(fact, field string) *time.Time {
	t, ok := get[time.Time](a, fact, field)
	return a.plausible(fact, t, ok)
}

// unixTime reads whole seconds since 1970.
func (a *answer) unixTime(fact, field string) *time.Time {
	n, ok := get[int64](a, fact, field)
	return a.plausible(fact, time.Unix(n, 0), ok)
}

// plausible takes a time between 1970 and 9999; others, such as the zero time, stand for none and could not be written as JSON.
func (a *answer) plausible(fact string, t time.Time, ok bool) *time.Time {
	if t = t.UTC(); ok && !plausible(t) {
		a.unknown(fact, inventory.Unreadable, "the answer gives no plausible time")
		return nil
	}
	return pointer(t, ok)
}

func plausible(t time.Time) bool { return t.Unix() > 0 && t.Year() < 10_000 }

// texts reads a list; Vault writes an empty one as [] or null. The result is sorted and, when the field was there, not nil.
func (a *answer) texts(fact, field string) []string {
	if string(a.fields[field]) == "null" {
		return []string{}
	}
	v, ok := get[[]string](a, fact, field)
	if !ok {
		return nil
	}
	slices.Sort(v)
	return slices.Compact(append([]string{}, v...))
}

// words reads keys with values, which people gave to a thing; null is none.
func (a *answer) words(fact, field string) map[string]string {
	if string(a.fields[field]) == "null" {
		return map[string]string{}
	}
	v, _ := get[map[string]string](a, fact, field)
	return v
}

// part is an object within the answer.
func (a *answer) part(fields map[string]json.RawMessage) *answer {
	return &answer{Resource: a.Resource, call: a.call, fields: fields}
}

func pointer[T any](v T, ok bool) *T {
	if !ok {
		return nil
	}
	return &v
}

func ref[T any](v T) *T { return &v }

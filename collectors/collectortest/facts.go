package collectortest

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// facts flattens the observed part of a resource: path to value. A list is one value.
func facts(r inventory.Resource) map[string]any {
	r.Unknown = nil
	data, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		panic(err)
	}
	delete(tree, "name") // what a person calls it is no fact: it falls back to the identifier where a better name was not read
	out := map[string]any{}
	flatten("", tree, out)
	return out
}

func flatten(prefix string, tree, out map[string]any) {
	for k, v := range tree {
		if sub, ok := v.(map[string]any); ok && len(sub) > 0 {
			flatten(prefix+k+".", sub, out)
		} else if !ok {
			out[prefix+k] = v
		}
	}
}

// unknownOf returns the entry that covers a fact.
func unknownOf(r *inventory.Resource, fact string) *inventory.Unknown {
	for i := range r.Unknown {
		u := &r.Unknown[i]
		if fact == u.Fact || strings.HasPrefix(fact, u.Fact+".") {
			return u
		}
	}
	return nil
}

// compare complains where a run with a fault tells less than a healthy one without saying so, or tells something else:
//
//   - a resource that is missing must be covered by a gap;
//   - a fact that is missing must be listed as unknown, and its bounds must hold;
//   - a fact that is there must be the healthy one: a body that was cut off is not "zero", "false" or "none".
func compare(want, got *result) []string {
	var out []string
	byID := map[inventory.ID]*inventory.Resource{}
	for i := range got.resources {
		byID[got.resources[i].ID] = &got.resources[i]
	}
	for i := range want.resources {
		w := &want.resources[i]
		g := byID[w.ID]
		delete(byID, w.ID)
		if g == nil {
			if !got.excuses(w) {
				out = append(out, fmt.Sprintf("%s is missing and no gap says so", w.ID))
			}
			continue
		}
		out = append(out, compareResource(w, g)...)
	}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		out = append(out, fmt.Sprintf("%s exists only when the back end fails", id))
	}
	return out
}

func compareResource(want, got *inventory.Resource) []string {
	var out []string
	w, g := facts(*want), facts(*got)
	for _, fact := range slices.Sorted(maps.Keys(w)) {
		u := unknownOf(got, fact)
		value, has := g[fact]
		switch {
		case has && !reflect.DeepEqual(value, w[fact]) && u == nil:
			out = append(out, fmt.Sprintf("%s: %s is %v, but %v when the back end is healthy", got.ID, fact, value, w[fact]))
		case !has && u == nil:
			out = append(out, fmt.Sprintf("%s: %s is missing and not listed as unknown", got.ID, fact))
		}
	}
	for _, fact := range slices.Sorted(maps.Keys(g)) {
		if _, has := w[fact]; !has && unknownOf(want, fact) == nil && unknownOf(got, fact) == nil {
			out = append(out, fmt.Sprintf("%s: %s is %v, but absent when the back end is healthy", got.ID, fact, g[fact]))
		}
	}
	for _, u := range got.Unknown {
		truth, ok := w[u.Fact].(string)
		if ok && (u.After != nil && truth < u.After.UTC().Format(rfc3339) || u.Before != nil && truth > u.Before.UTC().Format(rfc3339)) {
			out = append(out, fmt.Sprintf("%s: %s is %s, outside the bounds given for it, %v to %v", got.ID, u.Fact, truth, u.After, u.Before))
		}
	}
	return out
}

const rfc3339 = "2006-01-02T15:04:05Z"

// excuses reports whether some gap says that a resource may be missing. A scope that no source claims was not read at all:
// then any gap will do.
func (res *result) excuses(r *inventory.Resource) bool {
	for _, g := range res.gaps {
		if g.Scope.Contains(r.Scope) && g.Covers(r.Type) {
			return true
		}
	}
	for _, s := range res.opened.Sources {
		if s.Scope().Contains(r.Scope) {
			return false
		}
	}
	return len(res.gaps) > 0
}

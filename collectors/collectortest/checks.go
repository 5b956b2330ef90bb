package collectortest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// checkPlace complains when a resource is not where its source says it reads.
func checkPlace(s inventory.Source, r *inventory.Resource) []string {
	if !s.Scope().Contains(r.Scope) {
		return []string{fmt.Sprintf("%s: its scope %s is not inside the scope of its source, %s", r.ID, r.Scope, s.Scope())}
	}
	return nil
}

// checkResource complains of what no resource may be in any world.
func checkResource(b Backend, res *result, r *inventory.Resource) []string {
	var out []string
	complain := func(format string, args ...any) {
		out = append(out, fmt.Sprintf("%s: ", r.ID)+fmt.Sprintf(format, args...))
	}
	if r.ID == "" || r.Name == "" {
		complain("has no ID or no name (%q)", r.Name)
	}
	if r.Origin != inventory.Live {
		complain("has origin %q; what a back end answers is live", r.Origin)
	}
	if r.Scope.Backend() != b.Name {
		complain("its scope %s does not begin with %s", r.Scope, b.Name)
	}
	info, known := inventory.TypeOf(r.Type)
	if !known {
		complain("has type %q, which inventory.Types does not list", r.Type)
	} else if info.Kind != r.Kind {
		complain("has kind %q, but %s is of kind %q", r.Kind, r.Type, info.Kind)
	}
	for scope, report := range res.reports {
		if scope.Contains(r.Scope) {
			if !slices.Contains(report.Types, r.Type) {
				complain("has type %s, which its source does not report to read", r.Type)
			}
			if report.Emulated != r.Emulated {
				complain("says emulated=%t, its source %t", r.Emulated, report.Emulated)
			}
		}
	}
	for _, kind := range facetsOf(r) {
		if kind != string(r.Kind) {
			complain("has the facet of %s, but is a %s", kind, r.Kind)
		}
	}
	if len(facetsOf(r)) == 0 {
		complain("has no facet")
	}
	for _, u := range r.Unknown {
		out = append(out, checkUnknown(b, r, u)...)
	}
	return out
}

func checkUnknown(b Backend, r *inventory.Resource, u inventory.Unknown) []string {
	var out []string
	if !isPath(u.Fact) {
		out = append(out, fmt.Sprintf("%s: lists %q as unknown, which is no path into a resource", r.ID, u.Fact))
	}
	if u.Call == "" || !slices.Contains(callNames(b), u.Call) {
		out = append(out, fmt.Sprintf("%s: %s is unknown because of the call %q, which the table does not list", r.ID, u.Fact, u.Call))
	}
	if u.Why == "" || u.Why == inventory.NotRead && u.Hint == "" {
		out = append(out, fmt.Sprintf("%s: %s is unknown, but not said why", r.ID, u.Fact))
	}
	if u.Why == inventory.Denied && u.Hint == "" {
		out = append(out, fmt.Sprintf("%s: %s was denied, but no hint names the permission", r.ID, u.Fact))
	}
	return out
}

func checkGap(b Backend, s inventory.Source, g *inventory.Gap) []string {
	var out []string
	if !s.Scope().Contains(g.Scope) {
		out = append(out, fmt.Sprintf("gap %q: its scope %s is not inside the scope of its source, %s", g.What, g.Scope, s.Scope()))
	}
	if g.What == "" || g.Why == "" {
		out = append(out, fmt.Sprintf("gap %+v does not say what could not be read, or why", *g))
	}
	if g.Call != "" && !slices.Contains(callNames(b), g.Call) {
		out = append(out, fmt.Sprintf("gap %q: its call %q is not in the table", g.What, g.Call))
	}
	if (g.Why == inventory.Denied || g.Why == inventory.Unreachable) && g.Hint == "" {
		out = append(out, fmt.Sprintf("gap %q (%s): no hint says what to do", g.What, g.Why))
	}
	for _, typ := range g.Types {
		// A type that only refs aim at, such as an alias, is in no table.
		if !strings.HasPrefix(typ, b.Name+".") {
			out = append(out, fmt.Sprintf("gap %q: type %q is not one of %s", g.What, typ, b.Name))
		}
	}
	return out
}

// facetsOf names the facets that are set, by the JSON name of their field, which is also the kind.
func facetsOf(r *inventory.Resource) []string {
	var out []string
	v := reflect.ValueOf(r).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Type.Kind() == reflect.Pointer && f.Type != reflect.TypeFor[*inventory.Location]() && !v.Field(i).IsNil() {
			out = append(out, jsonName(f))
		}
	}
	return out
}

// isPath reports whether a dotted path leads into the JSON of a resource.
func isPath(path string) bool {
	t := reflect.TypeFor[inventory.Resource]()
	for name := range strings.SplitSeq(path, ".") {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() == reflect.Map {
			return true
		}
		if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() {
			return false
		}
		i := slices.IndexFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool { return jsonName(f) == name })
		if i < 0 {
			return false
		}
		t = t.Field(i).Type
	}
	return true
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

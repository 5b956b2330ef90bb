package inventory

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// What is checked here holds of every snapshot file, because Write and ReadSnapshot both check it.

var origins = []Origin{Live, Declared, Recorded}

var reasons = []Reason{Denied, Throttled, Unsupported, NotStated, NotRead, OutOfScope, NotAsked, Unreachable, Unreadable}

func (h *snapshotHeader) check() error {
	if h.TakenAt.Location() != time.UTC {
		return errors.New("taken_at is not in UTC")
	}
	for i, s := range h.Scopes {
		switch {
		case s.Scope == "":
			return errors.New("a scope is empty")
		case i > 0 && h.Scopes[i-1].Scope == s.Scope:
			return fmt.Errorf("the scope %q is there twice", s.Scope)
		case i > 0 && h.Scopes[i-1].Scope > s.Scope:
			return fmt.Errorf("the scope %q stands after %q", s.Scope, h.Scopes[i-1].Scope)
		}
		if err := checkTypes(s.Types); err != nil {
			return err
		}
	}
	return nil
}

func (g *Gap) check() error {
	if g.Scope == "" {
		return errors.New("its scope is empty")
	}
	if !slices.Contains(reasons, g.Why) {
		return fmt.Errorf("there is no reason %q", g.Why)
	}
	return checkTypes(g.Types)
}

func checkTypes(types []string) error {
	for _, t := range types {
		if _, ok := TypeOf(t); !ok {
			return fmt.Errorf("there is no resource type %q", t)
		}
	}
	return nil
}

func (r *Resource) check() error {
	info, ok := TypeOf(r.Type)
	switch {
	case r.ID == "":
		return errors.New("its ID is empty")
	case !ok:
		return fmt.Errorf("there is no resource type %q", r.Type)
	case r.Kind != info.Kind:
		return fmt.Errorf("its kind is %q; that of %s is %q", r.Kind, r.Type, info.Kind)
	case r.Scope == "":
		return errors.New("its scope is empty")
	case !slices.Contains(origins, r.Origin):
		return fmt.Errorf("there is no origin %q", r.Origin)
	}
	if err := r.checkFacet(); err != nil {
		return err
	}
	for i, u := range r.Unknown {
		switch {
		case i > 0 && r.Unknown[i-1].Fact >= u.Fact:
			return fmt.Errorf("its unknown facts are not sorted, or %s is there twice", u.Fact)
		case u.Fact == "":
			return errors.New("an unknown fact has no name")
		case !slices.Contains(reasons, u.Why):
			return fmt.Errorf("there is no reason %q why %s is unknown", u.Why, u.Fact)
		case u.After != nil && u.After.Location() != time.UTC, u.Before != nil && u.Before.Location() != time.UTC:
			return fmt.Errorf("a bound of %s is not in UTC", u.Fact)
		}
	}
	return nil
}

// checkFacet wants the facet of the resource's kind and no other, times in UTC and values that their closed sets know.
func (r *Resource) checkFacet() error {
	root := reflect.ValueOf(r).Elem()
	for _, kind := range kinds {
		switch set := !root.Field(facets[kind].field).IsNil(); {
		case set && kind != r.Kind:
			return fmt.Errorf("its kind is %q and it carries the facet %q", r.Kind, kind)
		case !set && kind == r.Kind:
			return fmt.Errorf("its kind is %q and it lacks that facet", kind)
		}
	}
	for _, p := range facets[r.Kind].times {
		if v, ok := follow(root, p.index); ok && !v.IsNil() && v.Interface().(*time.Time).Location() != time.UTC {
			return fmt.Errorf("%s is not in UTC", p.path)
		}
	}
	for _, p := range facets[r.Kind].enums {
		if v, ok := follow(root, p.index); ok && !p.allows(v) {
			return fmt.Errorf("%s is %v, and may be %s", p.path, v, strings.Join(p.enum, ", "))
		}
	}
	return nil
}

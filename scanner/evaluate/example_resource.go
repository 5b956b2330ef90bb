package evaluate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/relate"
)

// resourceOf makes the resource of an example: its own keys merged over those of its base, with defaults for what says nothing
// about a verdict.
func resourceOf(own map[string]any, bases map[string]map[string]any) (*inventory.Resource, access.Found, error) {
	doc := map[string]any{}
	if name, ok := own["base"]; ok {
		text, _ := name.(string)
		base, ok := bases[text]
		if !ok {
			return nil, access.Found{}, errors.New(unknown("base", fmt.Sprint(name), slices.Collect(maps.Keys(bases))))
		}
		doc = merged(doc, base)
	}
	doc = merged(doc, own)
	delete(doc, "base")
	summary := doc["access"]
	delete(doc, "access")

	typ, _ := doc["type"].(string)
	info, ok := inventory.TypeOf(typ)
	if !ok {
		return nil, access.Found{}, errors.New(unknown("type", typ, resourceTypes()))
	}
	for k, v := range map[string]any{"id": "example", "name": "example", "kind": string(info.Kind), "origin": string(inventory.Live), "scope": scopeOf(typ)} {
		if _, given := doc[k]; !given {
			doc[k] = v
		}
	}
	if err := checkKeys(doc, planOf(reflect.TypeFor[inventory.Resource]()), ""); err != nil {
		return nil, access.Found{}, err
	}
	data, err := json.Marshal(doc)
	if err != nil {
		return nil, access.Found{}, fmt.Errorf("its resource: %w", err)
	}
	r := &inventory.Resource{}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(r); err != nil {
		return nil, access.Found{}, fmt.Errorf("its resource: %w", err)
	}
	if r.Kind != info.Kind {
		return nil, access.Found{}, fmt.Errorf("a %s is of kind %s, not %s", typ, info.Kind, r.Kind)
	}
	found, err := foundOf(summary, r)
	r.Complete()
	return r, found, err
}

// foundOf makes what an example says of who may do what. What it leaves out is nobody and nothing; what it lists as unknown moves from
// the resource, which has no such fact, to what was found.
func foundOf(summary any, r *inventory.Resource) (access.Found, error) {
	var unread []inventory.Unknown
	r.Unknown = slices.DeleteFunc(r.Unknown, func(u inventory.Unknown) bool {
		ours := splitFact(u.Fact)[0] == "access"
		if ours {
			unread = append(unread, u)
		}
		return ours
	})
	for _, u := range unread {
		if names := strings.Split(u.Fact, "."); fieldAt(names) == nil {
			return access.Found{}, errors.New(unknown("fact", u.Fact, structPaths(planOf(reflect.TypeFor[access.Summary]()), "access.")))
		}
	}
	if summary == nil {
		return access.Found{Unknown: unread}, nil
	}
	doc, ok := summary.(map[string]any)
	if !ok {
		return access.Found{}, errors.New(`"access" of its resource is not a mapping`)
	}
	if err := checkKeys(doc, planOf(reflect.TypeFor[access.Summary]()), "access."); err != nil {
		return access.Found{}, err
	}
	data, err := json.Marshal(doc)
	if err != nil {
		return access.Found{}, fmt.Errorf("access of its resource: %w", err)
	}
	out := access.Found{Summary: &access.Summary{}, Unknown: unread}
	if err := json.Unmarshal(data, out.Summary); err != nil {
		return access.Found{}, fmt.Errorf("access of its resource: %w", err)
	}
	return out, nil
}

// scopeOf is a scope of the back end that a type belongs to, the first part of the type.
func scopeOf(typ string) string {
	backend, _, _ := strings.Cut(typ, ".")
	switch backend {
	case "aws":
		return string(inventory.NewScope("aws", "-", "111122223333", "eu-west-1"))
	case "vault":
		return string(inventory.NewScope("vault", "example", "root"))
	}
	return string(inventory.NewScope(backend, "example"))
}

// merged puts over onto base, map by map; null takes a key away. Neither is changed.
func merged(base, over map[string]any) map[string]any {
	out := maps.Clone(base)
	for k, v := range over {
		deeper, isMap := v.(map[string]any)
		below, wasMap := out[k].(map[string]any)
		switch {
		case v == nil:
			delete(out, k)
		case isMap && wasMap:
			out[k] = merged(below, deeper)
		case isMap:
			out[k] = merged(map[string]any{}, deeper)
		default:
			out[k] = v
		}
	}
	return out
}

// checkKeys finds a key that the types do not know.
func checkKeys(doc map[string]any, p *plan, at string) error {
	for _, k := range slices.Sorted(maps.Keys(doc)) {
		i := slices.IndexFunc(p.fields, func(f *field) bool { return f.name == k })
		if i < 0 {
			var known []string
			for _, f := range p.fields {
				known = append(known, f.name)
			}
			return errors.New(unknown("fact", at+k, prefixed(at, known)))
		}
		f := p.fields[i]
		switch v := doc[k].(type) {
		case map[string]any:
			if f.shape == aStruct {
				if err := checkKeys(v, f.sub, at+k+"."); err != nil {
					return err
				}
			}
		case []any:
			for n, e := range v {
				if m, ok := e.(map[string]any); ok && f.shape == structs {
					if err := checkKeys(m, f.sub, fmt.Sprintf("%s%s.%d.", at, k, n)); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// structPaths lists the paths of a struct's fields, those of structs in it too.
func structPaths(p *plan, at string) []string {
	var out []string
	for _, f := range p.fields {
		out = append(out, at+f.name)
		if f.shape == aStruct {
			out = append(out, structPaths(f.sub, at+f.name+".")...)
		}
	}
	return out
}

func prefixed(prefix string, names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = prefix + n
	}
	return out
}

// defaultLabels are the labels of a resource where nothing is configured.
func defaultLabels(r *inventory.Resource) (relate.Labels, error) {
	e, err := relate.New(&inventory.Snapshot{Resources: []inventory.Resource{*r}}, relate.Config{})
	if err != nil {
		return relate.Labels{}, err
	}
	return e.Labels(r), nil
}
